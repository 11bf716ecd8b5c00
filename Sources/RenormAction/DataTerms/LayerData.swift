internal import Foundation
package import LinearAlgebra

/// The data part of the action of a deep network as a function of x, the logarithms of its order parameters:
///
///     log det A + y^T A^-1 y,   A = T + K_R(x)
///
/// (docs/depth.md), N times the data part of S.
package protocol LayerData: Sendable {
  /// Whether a point costs less than a factorisation of A, so that other minima are looked for; false by default.
  var isCheap: Bool { get }

  /// - Throws: `LinearAlgebraError` where A cannot be factored.
  func point(_ x: [Double], temperature: Double) throws(LinearAlgebraError) -> LayerDataPoint
}

extension LayerData {
  package var isCheap: Bool { false }

  /// Second derivatives as differences of gradients to one side: with steps of 1e-5 they are right to about as
  /// much, so that Newton's method gains five digits a step.
  ///
  /// - Parameter gradient: that at x.
  /// - Throws: as `point`.
  package func differences(
    _ x: [Double], _ gradient: [Double], temperature: Double
  ) throws(LinearAlgebraError) -> Matrix {
    let step = 1e-5
    var columns: [[Double]] = []
    for l in x.indices {
      var moved = x
      moved[l] += step
      let there = try point(moved, temperature: temperature).gradient
      columns.append(zip(there, gradient).map { ($0 - $1) / step })
    }
    return Matrix(columns: columns).symmetricPart
  }
}

/// The data part of a deep network's action at one point.
package struct LayerDataPoint: Sendable {
  package let value: Double
  /// By x.
  package let gradient: [Double]
  /// The second derivatives by x; dearer than the gradient.
  package let hessian: @Sendable () throws(LinearAlgebraError) -> Matrix
  /// The root mean square of the elements of A.
  package let elementSize: Double
  /// |u|^2, u = A^-1 y.
  package let normSquared: Double
  /// tr A^-1.
  package let inverseTrace: Double

  package init(
    value: Double, gradient: [Double], hessian: @escaping @Sendable () throws(LinearAlgebraError) -> Matrix,
    elementSize: Double, normSquared: Double, inverseTrace: Double
  ) {
    self.value = value
    self.gradient = gradient
    self.hessian = hessian
    self.elementSize = elementSize
    self.normSquared = normSquared
    self.inverseTrace = inverseTrace
  }
}

/// The data part on a bank, K_R = sum_k w_k(x) B_k. With c_k = w_k tr(B_k (A^-1 - u u^T)) the derivatives by
/// log w are
///
///     c_k   and   delta_kl c_k - w_k w_l [ tr(A^-1 B_k A^-1 B_l) - 2 u^T B_k A^-1 B_l u ].
///
/// A point costs one Cholesky factor with the inverse and a trace for every kernel; the second derivatives cost
/// a product of order P for every kernel more.
package struct BankLayerData: LayerData {
  /// B_k, P x P, both triangles.
  private let bank: [Matrix]
  private let targets: [Double]
  private let weights: LayerWeights

  /// - Parameter bank: of which the lower triangles are read.
  package init(bank: [Matrix], targets: [Double], weights: LayerWeights) {
    self.bank = bank.map(\.mirrored)
    self.targets = targets
    self.weights = weights
  }

  /// K_R = sum_k w_k B_k.
  package func kernel(_ x: [Double]) -> Matrix { bank.weightedSum(weights.values(x)) }

  package func point(_ x: [Double], temperature: Double) throws(LinearAlgebraError) -> LayerDataPoint {
    let w = weights.values(x)
    var a = kernel(x)
    for i in targets.indices { a[i, i] += temperature }
    let elementSize = a.rootMeanSquareOfLowerTriangle
    let factor = try Cholesky(a)
    let inverse = factor.inverseLowerTriangle()
    let u = factor.solve(targets)
    let (bank, weights) = (self.bank, self.weights)
    let images = bank.map { $0 * u }
    let c = bank.indices.map { k in
      w[k] * (inverse.innerProductOfLowerTriangles(bank[k]) - dot(u, images[k]))
    }
    return LayerDataPoint(
      value: factor.logDeterminant + dot(targets, u), gradient: weights.pullBack(c),
      hessian: { () throws(LinearAlgebraError) in
        let products = bank.map { Matrix.symmetricProduct(lower: inverse, $0) }
        let solved = Matrix(rows: u.count, columns: images.count, elements: images.flatMap(\.self))
        let forms = solved.asTranspose * factor.solve(solved)
        return weights.pullBack(
          Matrix(rows: w.count, columns: w.count) { k, l in
            let (a, b) = (max(k, l), min(k, l))
            let own = k == l ? c[k] : 0
            return own - w[k] * w[l] * (products[a].traceOfProduct(products[b]) - 2 * forms[a, b])
          })
      }, elementSize: elementSize, normSquared: dot(u, u), inverseTrace: inverse.trace)
  }
}

/// The data part where one kernel has all weight, K_R = w(x) K: a deep linear network, or the theory `vanilla`.
/// With the eigenvalues k_p of K, and y in the eigenvectors' basis, everything costs O(P):
///
///     sum_p [ log(T + w k_p) + y_p^2/(T + w k_p) ]
package struct SpectralLayerData: LayerData {
  package var isCheap: Bool { true }
  private let eigenvalues: [Double]
  private let targets: [Double]
  private let weights: LayerWeights

  /// - Parameter kernel: K, of which the lower triangle is read.
  /// - Throws: `LinearAlgebraError` for a kernel that is not finite.
  package init(kernel: Matrix, targets: [Double], weights: LayerWeights) throws(LinearAlgebraError) {
    let spectrum = try SymmetricEigen(kernel)
    // What is below zero is rounding.
    eigenvalues = spectrum.values.map { max($0, 0) }
    self.targets = spectrum.vectors.asTranspose * targets
    self.weights = weights
  }

  package func point(_ x: [Double], temperature t: Double) throws(LinearAlgebraError) -> LayerDataPoint {
    let w = weights.values(x)[0]
    var (value, slope, bend, normSquared, trace, size) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for (k, y) in zip(eigenvalues, targets) {
      let (z, a) = (w * k, t + w * k)
      let (share, u) = (z / a, y / a)
      value += log(a) + y * u
      slope += share - z * u * u
      bend += share * (t / a) - z * u * u * (t - z) / a
      normSquared += u * u
      trace += 1 / a
      size += a * a
    }
    guard value.isFinite else { throw .notFinite(order: targets.count) }
    let weights = weights
    let curvature = bend
    return LayerDataPoint(
      value: value, gradient: weights.pullBack([slope]),
      hessian: { () throws(LinearAlgebraError) in
        weights.pullBack(Matrix(rows: 1, columns: 1, repeating: curvature))
      },
      elementSize: size.squareRoot() / Double(targets.count), normSquared: normSquared, inverseTrace: trace)
  }
}
