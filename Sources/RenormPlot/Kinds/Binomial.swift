internal import Foundation

/// The central interval that holds the share of successes among `count` trials with 95 percent.
func binomialInterval(_ probability: Double, count: Int) -> (low: Double, high: Double) {
  let n = Double(count)
  // The probability of k successes begins with k = 0, and as a logarithm, since it may underflow.
  var logarithm = n * log1p(-probability)
  var sum = 0.0
  var low: Double?
  for k in 0...count {
    let k = Double(k)
    sum += exp(logarithm)
    logarithm += log((n - k) / (k + 1)) + log(probability) - log1p(-probability)
    if low == nil, sum >= 0.025 { low = k / n }
    if sum >= 0.975 { return (low ?? 0, k / n) }
  }
  return (low ?? 0, 1)
}

/// Wilson's 95 percent interval of a probability from an observed share.
///
/// E. B. Wilson, J. Am. Stat. Assoc. 22 (1927).
func wilsonInterval(_ share: Double, count: Int) -> (low: Double, high: Double) {
  let n = Double(count)
  let z = 1.959963984540054
  let centre = (share + z * z / (2 * n)) / (1 + z * z / n)
  let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
  return (max(0, centre - half), min(1, centre + half))
}
