internal import LinearAlgebra

/// What rounding of the kernel makes of the gradient of the data part (docs/theory.md, section 3, "Small
/// temperature").
///
/// An error E of K_R, taken as independent elements of the size e, changes the two parts of the gradient along
/// Q, y^T A^-1 K_R A^-1 y by u^T (2 T A^-1 - 1) E u and tr(A^-1 K_R) by T tr(A^-2 E). Both are small where T is
/// far above the error, and grow as 1/T^2 and 1/T in directions where the kernel vanishes. As |2 T A^-1 - 1| <=
/// 1 and T^2 |A^-2|_F^2 <= tr A^-1 / T, their standard deviations are at most sqrt(2) e |u|^2 and sqrt(2 tr
/// A^-1 / T) e; the sum over channels is
///
///     gradient = (3/N) ( 2 [ (sum_c e_c |u_c|^2)^2 + sum_c e_c^2 tr A_c^-1 / T ] )^(1/2)
struct KernelRounding {
  /// One over N times the norm of both changes.
  let gradient: Double

  /// Errors of rounding are not independent. Calibrated on problems at small T that were solved again with 45
  /// digits: so many times the error of independent elements covers the gradient that was left.
  static let correlation = 3.0

  /// A bound of |A^-1 N A^-1|_F, N the variances of the noise: T |A^-2|_F where all are T. With m = tr(N A^-1),
  /// which counts the directions where K_R is below the noise, N^(1/2) A^-1 N^(1/2) has eigenvalues between 0
  /// and 1 and the trace m, so that it is at most sqrt(m)/min N, and where m is smaller than 1 at most m^2/min
  /// N.
  static func traceFactor(_ m: Double, leastNoise: Double) -> Double {
    min(m * m, m.squareRoot()) / leastNoise
  }

  /// - Parameters:
  ///   - elements: e, the size of E for each of the channels that A decouples into; one for a bank.
  ///   - normsSquared: |u|^2, for each.
  ///   - noiseTraces: tr(N A^-1), for each.
  ///   - leastNoise: min N: T, and T/d where an example stands for d.
  init(
    elements: [Double], normsSquared: [Double], noiseTraces: [Double], leastNoise: Double,
    _ parameters: ActionParameters
  ) {
    var target = 0.0
    var trace = 0.0
    for (c, element) in elements.enumerated() {
      target += element * normsSquared[c]
      let size = element * Self.traceFactor(noiseTraces[c], leastNoise: leastNoise)
      trace += size * size
    }
    gradient = Self.correlation * (2 * (target * target + trace)).squareRoot() / parameters.width
  }
}

extension Matrix {
  /// The root mean square of a symmetric matrix of which the lower triangle is read.
  var rootMeanSquareOfLowerTriangle: Double {
    withUnsafeElements { elements in
      var sum = 0.0
      for j in 0..<columns {
        let diagonal = elements[j + j * rows]
        sum -= diagonal * diagonal
        for i in j..<rows { sum += 2 * elements[i + j * rows] * elements[i + j * rows] }
      }
      return sum.squareRoot() / Double(max(rows, 1))
    }
  }
}
