internal import Foundation
public import LinearAlgebra

extension Prediction {
  /// The probabilities of classes, points x classes, from Gaussian labels y_c ~ N(mean_c(x), var_c(x) + T),
  /// independent of each other (docs/theory.md, section 7). One output with labels -1 and +1 has two classes in
  /// this order, and P(+1) = P(y > 0) = Phi(mean/sqrt(var + T)), the probit; of D outputs the largest wins,
  ///
  ///     P(c) = P(y_c > y_d for all d != c)
  ///          = int N(y; mean_c, var_c + T) prod_(d != c) Phi((y - mean_d)/sqrt(var_d + T)) dy,
  ///
  /// by the trapezoidal rule. Rows sum to 1. Those of a likelihood of classes are its own, whatever the
  /// temperature.
  public func classProbabilities(temperature: Double) -> Matrix {
    let logarithms = logClassProbabilities(temperature: temperature)
    return Matrix(rows: logarithms.rows, columns: logarithms.columns) { exp(logarithms[$0, $1]) }
  }

  /// The logarithms of `classProbabilities`, which for classes that all but never occur are still finite.
  func logClassProbabilities(temperature: Double) -> Matrix {
    if let logProbabilities { return logProbabilities }
    let outputs = mean.columns
    let deviation = { (point: Int, d: Int) in max(variance[point, d] + temperature, 0).squareRoot() }
    if outputs == 1 {
      return Matrix(rows: count, columns: 2) { point, c in
        let ratio = mean[point, 0] == 0 ? 0 : mean[point, 0] / deviation(point, 0)
        return logNormal(c == 0 ? -ratio : ratio)
      }
    }
    let rows = (0..<count).map { point in
      Self.largestIsEach(mean.row(point), (0..<outputs).map { deviation(point, $0) })
    }
    return Matrix(rows: count, columns: outputs) { rows[$0][$1] }
  }

  /// log P(y_c > all others) of every c.
  private static func largestIsEach(_ means: [Double], _ deviations: [Double]) -> [Double] {
    let least = max(deviations.min() ?? 0, 1e-9 * (deviations.max() ?? 0))
    guard least > 0 else {
      // Without any variance the largest mean is certain.
      let top = means.indices.max { means[$0] < means[$1] }
      return means.indices.map { $0 == top ? 0 : -.infinity }
    }
    let ends = zip(means, deviations).map { ($0 - 9 * $1, $0 + 9 * $1) }
    let (low, high) = (ends.map(\.0).min() ?? 0, ends.map(\.1).max() ?? 0)
    // An eighth of a deviation is exact to rounding for Gaussian integrands.
    let steps = min(max(Int((high - low) / (least / 8)), 8), 20_000)
    let step = (high - low) / Double(steps)
    var terms = means.map { _ in [Double]() }
    for k in 0...steps {
      let y = low + step * Double(k)
      let cumulative = zip(means, deviations).map { logNormal((y - $0) / max($1, least)) }
      let all = cumulative.reduce(0, +)
      for c in means.indices {
        let z = (y - means[c]) / max(deviations[c], least)
        terms[c].append(all - cumulative[c] - z * z / 2 - log(max(deviations[c], least)))
      }
    }
    let logarithms = terms.map(logSum)
    let total = logSum(logarithms)
    return logarithms.map { $0 - total }
  }
}

/// log Phi(x), finite far in the lower tail.
private func logNormal(_ x: Double) -> Double {
  if x > -30 { return log(erfc(-x / 2.0.squareRoot()) / 2) }
  let inverse = 1 / (x * x)
  let series = -inverse * (1 - 3 * inverse * (1 - 5 * inverse))
  return -x * x / 2 - log(-x * (2 * Double.pi).squareRoot()) + log1p(series)
}

/// log sum exp.
private func logSum(_ values: [Double]) -> Double {
  guard let largest = values.max(), largest.isFinite else { return -.infinity }
  return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}
