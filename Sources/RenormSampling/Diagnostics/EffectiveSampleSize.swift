internal import Foundation

/// R-hat = ((n - 1)/n + B/(n W))^(1/2) of m chains of n draws: B/n the variance of the chains' means, W the
/// mean of their variances (Vehtari et al. 2021, equations 1 to 4). Infinite where W = 0 and the means differ.
func potentialScaleReduction(_ chains: [[Double]]) -> Double {
  let length = Double(chains[0].count)
  let between = variance(chains.map { average($0) })
  let within = average(chains.map { variance($0) })
  guard within > 0 else { return between > 0 ? .infinity : 1 }
  return ((length - 1) / length + between / within).squareRoot()
}

/// The effective sample size m n / tau of m chains of n draws (Vehtari et al. 2021, section 3.2).
///
/// The autocorrelations of all chains together are rho_t = 1 - (W - mean_j s_j^2 rho_{t,j}) / var+, with W and
/// var+ as in R-hat. tau = -1 + 2 sum_k P_k over the sums P_k = rho_2k + rho_(2k+1) of pairs before the first
/// negative one (Geyer's initial positive sequence), none counted larger than the one before (initial monotone
/// sequence); the even lag of the pair that ends the sum still counts once where it is positive, which helps
/// chains that alternate. tau is at least 1/log10(m n), so that such chains are worth at most m n log10(m n)
/// draws. Lags are computed as they are needed.
func effectiveSampleSize(_ chains: [[Double]]) -> Double {
  let length = chains[0].count
  let size = Double(chains.count * length)
  let means = chains.map { average($0) }
  let centred = zip(chains, means).map { chain, mean in chain.map { $0 - mean } }
  func autocovariance(_ lag: Int) -> Double {
    let sums = centred.map { chain in
      chain.withUnsafeBufferPointer { x in
        var sum = 0.0
        for t in 0..<(length - lag) { sum += x[t] * x[t + lag] }
        return sum
      }
    }
    return average(sums) / Double(length)
  }
  let ratio = Double(length - 1) / Double(length)
  let within = autocovariance(0) / ratio
  let total = within * ratio + (chains.count > 1 ? variance(means) : 0)
  // Indicators of a tail can be equal in all draws; they say nothing against the chains.
  guard total > 0 else { return size }
  func correlation(_ lag: Int) -> Double { lag == 0 ? 1 : 1 - (within - autocovariance(lag)) / total }

  var sum = 0.0
  var previous = Double.infinity
  for lag in stride(from: 0, to: length - 1, by: 2) {
    let even = correlation(lag)
    let pair = even + correlation(lag + 1)
    // The last lags have too few products to say anything.
    if lag > 0, pair < 0 || lag + 5 > length {
      sum += max(even, 0) / 2
      break
    }
    previous = min(pair, previous)
    sum += previous
  }
  return size / max(2 * sum - 1, 1 / log10(size))
}
