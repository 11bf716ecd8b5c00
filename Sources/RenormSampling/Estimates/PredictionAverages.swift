internal import LinearAlgebra
internal import Renorm

/// Averages of conditional means, their squares and conditional variances over batches of draws.
///
/// Given one draw of the hidden weights, f(x) has mean m and variance v (0 where draws hold the readout too);
/// its posterior mean is <m>, its variance <v> + <m^2> - <m>^2 (the law of total variance).
struct PredictionAverages {
  private let batches: Batches
  private let layout: DrawLayout
  /// Sums over a batch of m - center and of v + (m - center)^2, by point + tests * output.
  private let sums: [(first: [Double], second: [Double])]
  private let total: (first: [Double], second: [Double])
  /// An estimate of <m>, so that nothing cancels in <m^2> - <m>^2.
  private let center: [Double]

  init(_ draws: [[DrawRecord]], _ layout: DrawLayout) {
    self.layout = layout
    let batches = Batches(lengths: draws.map(\.count))
    self.batches = batches
    let (places, tests, count) = (layout.means, layout.testCount, layout.means.count)
    var center = [Double](repeating: 0, count: count)
    for draw in draws.joined() {
      for k in 0..<count { center[k] += draw[places.lowerBound + k] / Double(batches.total) }
    }
    self.center = center
    sums = batches.ranges.map { batch in
      var first = [Double](repeating: 0, count: count)
      var second = first
      for draw in draws[batch.chain][batch.draws] {
        for k in 0..<count {
          let deviation = draw[places.lowerBound + k] - center[k]
          first[k] += deviation
          second[k] += deviation * deviation
          if layout.isConditional { second[k] += draw[layout.variance(k % tests)] }
        }
      }
      return (first, second)
    }
    let zero = [Double](repeating: 0, count: count)
    total = sums.reduce(into: (zero, zero)) { total, batch in
      for k in 0..<count {
        total.0[k] += batch.first[k]
        total.1[k] += batch.second[k]
      }
    }
  }

  private func draws(without omitted: Int?) -> Double {
    Double(batches.total - (omitted.map { batches.ranges[$0].draws.count } ?? 0))
  }

  /// <m> - center over all draws, or all but those of a batch.
  private func mean(_ k: Int, without omitted: Int?) -> Double {
    (total.first[k] - (omitted.map { sums[$0].first[k] } ?? 0)) / draws(without: omitted)
  }

  /// <v> + <m^2> - <m>^2, the same.
  private func variance(_ k: Int, without omitted: Int?) -> Double {
    let second = total.second[k] - (omitted.map { sums[$0].second[k] } ?? 0)
    let mean = mean(k, without: omitted)
    return second / draws(without: omitted) - mean * mean
  }

  /// The posterior variance of f at a point.
  func variance(_ point: Int, output: Int) -> Estimate {
    batches.jackknife { variance(point + layout.testCount * output, without: $0) }
  }

  /// The posterior variance averaged over points and outputs.
  var meanVariance: Estimate {
    batches.jackknife { omitted in
      center.indices.reduce(0) { $0 + variance($1, without: omitted) } / Double(center.count)
    }
  }

  /// The mean of (y - <m>)^2 over points and outputs.
  func bias(_ targets: Matrix) -> Estimate {
    precondition(targets.elements.count == center.count, "\(targets.rows) test targets")
    return batches.jackknife { omitted in
      center.indices.reduce(0) { sum, k in
        let residual = targets.elements[k] - center[k] - mean(k, without: omitted)
        return sum + residual * residual
      } / Double(center.count)
    }
  }

  /// The fraction of points whose class <m> names.
  func accuracy(_ targets: Matrix) -> Estimate {
    let predicted = { (means: [Double]) in
      classificationAccuracy(Matrix(rows: layout.testCount, columns: layout.outputs, elements: means), targets)
    }
    let error = batches.bootstrapError { chosen in
      let draws = chosen.reduce(0.0) { $0 + Double(batches.ranges[$1].draws.count) }
      return predicted(
        center.indices.map { k in center[k] + chosen.reduce(0.0) { $0 + sums[$1].first[k] } / draws })
    }
    return Estimate(mean: predicted(center), standardError: error)
  }

  /// The mean over points and outputs of (y - m)^2 + v for every draw, by chain: its average is bias +
  /// variance.
  static func losses(_ draws: [[DrawRecord]], _ layout: DrawLayout, _ targets: Matrix) -> [[Double]] {
    draws.map { chain in
      chain.map { draw in
        var sum = draw[layout.variances].reduce(0, +) * Double(layout.outputs)
        for (place, target) in zip(layout.means, targets.elements) {
          sum += (target - draw[place]) * (target - draw[place])
        }
        return sum / Double(targets.elements.count)
      }
    }
  }
}
