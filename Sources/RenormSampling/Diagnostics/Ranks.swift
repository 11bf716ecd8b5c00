internal import GSLNumerics

/// Ranks over several chains, and the normal scores that replace draws by them: R-hat and effective sample
/// sizes of these exist for any distribution, also one without a variance.
enum Ranks {
  /// Every draw replaced by the normal quantile of (r - 3/8)/(S + 1/4), r its rank among the S draws of all
  /// chains, equal draws having the average of their ranks (Vehtari et al. 2021, equation 14).
  static func normalScores(_ chains: [[Double]]) -> [[Double]] {
    let all = chains.flatMap(\.self)
    let size = Double(all.count)
    let scores = average(all).map { NormalDistribution.quantile(($0 - 0.375) / (size + 0.25)) }
    var start = 0
    return chains.map { chain in
      defer { start += chain.count }
      return Array(scores[start..<start + chain.count])
    }
  }

  /// The ranks from 1; equal values have the average of theirs.
  static func average(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var end = first + 1
      while end < order.count, values[order[end]] == values[order[first]] { end += 1 }
      for k in first..<end { ranks[order[k]] = Double(first + end + 1) / 2 }
      first = end
    }
    return ranks
  }
}

/// The quantile of ascending values, linear between neighbours: 0 is the first, 1 the last.
func quantile(_ sorted: [Double], _ probability: Double) -> Double {
  let position = probability * Double(sorted.count - 1)
  let lower = min(Int(position), sorted.count - 1)
  let upper = min(lower + 1, sorted.count - 1)
  let part = position - Double(lower)
  return sorted[lower] + part * (sorted[upper] - sorted[lower])
}

/// The mean; NaN without values.
func average(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// The variance with divisor n - 1, exactly 0 for equal values; NaN for fewer than two.
func variance(_ values: [Double]) -> Double {
  if values.count > 1, values.allSatisfy({ $0 == values[0] }) { return 0 }
  let mean = average(values)
  return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
}
