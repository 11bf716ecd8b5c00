/// Means m and sums of squared deviations s of several numbers, updated one observation x at a time (B. P.
/// Welford, Technometrics 4 (1962)) and merged (T. F. Chan, G. H. Golub and R. J. LeVeque, Am. Stat. 37
/// (1983)):
///
///     m_k = m_(k-1) + (x - m_(k-1))/k,   s_k = s_(k-1) + (x - m_(k-1)) (x - m_k)
///     s = s_a + s_b + (m_a - m_b)^2 k_a k_b/(k_a + k_b).
///
/// Nothing cancels, however large the means are.
struct RunningMoments: Equatable, Sendable {
  private(set) var count = 0.0
  private(set) var means: [Double]
  private(set) var squares: [Double]

  init(size: Int) {
    means = [Double](repeating: 0, count: size)
    squares = means
  }

  init(count: Double, means: [Double], squares: [Double]) {
    self.count = count
    self.means = means
    self.squares = squares
  }

  /// Variances with divisor n - 1; NaN for fewer than two observations.
  var variances: [Double] { squares.map { $0 / (count - 1) } }

  mutating func add(_ values: [Double]) {
    count += 1
    for k in means.indices {
      let difference = values[k] - means[k]
      means[k] += difference / count
      squares[k] += difference * (values[k] - means[k])
    }
  }

  mutating func merge(_ other: RunningMoments) {
    guard other.count > 0 else { return }
    let total = count + other.count
    for k in means.indices {
      let difference = other.means[k] - means[k]
      squares[k] += other.squares[k] + difference * difference * count * other.count / total
      means[k] += difference * other.count / total
    }
    count = total
  }
}
