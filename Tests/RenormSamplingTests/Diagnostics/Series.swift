/// First-order autoregressive chains x_t = rho x_(t-1) + g_t from a small generator that is easily written in
/// another language: a linear congruential one, and sums of twelve uniform numbers less 6 for g. Fifty steps
/// are left out.
struct Series: Sendable {
  enum Shape: Sendable {
    case plain
    /// Rounded down to halves, so that many draws are equal.
    case steps
    /// Cubed, so that tails are heavy.
    case cube
  }

  var seed: UInt64
  var chainCount: Int
  var draws: Int
  var rho: Double
  /// What the last chain is shifted by, after `scale`.
  var shift = 0.0
  /// What the last chain is multiplied by.
  var scale = 1.0
  var shape = Shape.plain
}

extension Series {
  var chains: [[Double]] {
    var state = seed
    func noise() -> Double {
      var sum = 0.0
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        sum += Double(state >> 11) / 9_007_199_254_740_992
      }
      return sum - 6
    }
    let count = chainCount
    return (0..<count).map { chain in
      var x = 0.0
      for _ in 0..<50 { x = rho * x + noise() }
      return (0..<draws).map { _ in
        x = rho * x + noise()
        let y = chain == count - 1 ? x * scale + shift : x
        switch shape {
        case .plain: return y
        case .steps: return (y * 2).rounded(.down) / 2
        case .cube: return y * y * y
        }
      }
    }
  }
}
