internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// A Gaussian law of the m latents of a point.
struct GaussianLatents: Sendable {
  let mean: [Double]
  /// m x m.
  let covariance: Matrix

  /// Means and variances of H g.
  func outputs(_ contrasts: Matrix?) -> (mean: [Double], variance: [Double]) {
    guard let contrasts else { return (mean, covariance.diagonal) }
    return (contrasts * mean, (contrasts * covariance * contrasts.asTranspose).diagonal)
  }
}

extension LatentLikelihood {
  /// log E p(c | g) of every class, g ~ N(mean, cov), for each of some points: by the trapezoidal rule for one
  /// latent (257 points over 8.5 deviations to both sides), its products for two and three (61^2, 27^3), and
  /// 2^13 points of a Sobol sequence beyond, with a fixed random shift.
  func averages(_ points: [GaussianLatents], threads: Int) -> [[Double]] {
    let rule = LatentRule(latents)
    var rows = [[Double]](repeating: [], count: points.count)
    rows.withUnsafeMutableBufferPointer { rows in
      // Workers write to elements of their own.
      nonisolated(unsafe) let rows = rows
      Parallel.forEachWorker(points.count, threads: threads) { indices in
        for p in indices { rows[p] = average(points[p], rule) }
      }
    }
    return rows
  }

  private func average(_ point: GaussianLatents, _ rule: LatentRule) -> [Double] {
    let m = latents
    // A root of the covariance in its eigenvectors; eigenvalues that rounding made negative count as 0.
    guard let spectrum = try? SymmetricEigen(point.covariance) else { return logProbabilities(at: point.mean) }
    let roots = spectrum.values.map { max($0, 0).squareRoot() }
    let root = Matrix(rows: m, columns: m) { spectrum.vectors[$0, $1] * roots[$1] }
    var logarithms: [[Double]] = []
    logarithms.reserveCapacity(rule.count)
    var g = point.mean
    for k in 0..<rule.count {
      for c in 0..<m {
        g[c] = point.mean[c]
        for d in 0..<m { g[c] += root[c, d] * rule.points[k * m + d] }
      }
      logarithms.append(logProbabilities(at: g))
    }
    let classes = logarithms[0].count
    let sums = (0..<classes).map { c in
      let largest = logarithms.reduce(-Double.infinity) { max($0, $1[c]) }
      guard largest.isFinite else { return largest }
      return largest
        + log(zip(logarithms, rule.weights).reduce(0) { $0 + $1.1 * exp($1.0[c] - largest) })
    }
    let top = sums.max() ?? 0
    let total = top + log(sums.reduce(0) { $0 + exp($1 - top) })
    return sums.map { $0 - total }
  }
}

/// Points and weights of an average over m independent Gaussians of variance 1.
struct LatentRule {
  /// Point k's coordinates start at k m.
  let points: [Double]
  let weights: [Double]
  var count: Int { weights.count }

  init(_ m: Int) {
    switch m {
    case 1: self.init(grid: 257, m)
    case 2: self.init(grid: 61, m)
    case 3: self.init(grid: 27, m)
    default:
      let count = 1 << 13
      self.init(
        points: QuasiRandom.points(count: count, dimension: m, seed: 1).map(NormalDistribution.quantile),
        weights: [Double](repeating: 1 / Double(count), count: count))
    }
  }

  /// A product of trapezoidal rules over 8.5 deviations to both sides, which leave out 2e-17 of the weight.
  private init(grid count: Int, _ m: Int) {
    let half = (count - 1) / 2
    let nodes = (-half...half).map { 8.5 * Double($0) / Double(half) }
    let own = nodes.map { exp(-$0 * $0 / 2) }
    let total = own.reduce(0, +)
    var (points, weights) = ([[Double]](), [Double]())
    for k in 0..<(0..<m).reduce(1, { product, _ in product * count }) {
      var (rest, place, weight) = (k, [Double](), 1.0)
      for _ in 0..<m {
        place.append(nodes[rest % count])
        weight *= own[rest % count] / total
        rest /= count
      }
      // What does not change the sum is left out.
      if weight > 1e-20 {
        points.append(place)
        weights.append(weight)
      }
    }
    self.init(points: points.flatMap(\.self), weights: weights)
  }

  private init(points: [Double], weights: [Double]) { (self.points, self.weights) = (points, weights) }
}
