internal import Foundation

/// How far trajectories of different lengths carry the recorded numbers: what the length is chosen from. The
/// change of a number in one transition is its jump.
///
/// Warmup tries lengths between L/4 and 4 L, equally often in every octave. For every half octave of lengths b
/// and every number f it keeps the sum of (f' - f)^2, f' after the transition. Over the variance of f its mean
/// is 2 (1 - rho_f(b)), rho_f(b) the autocorrelation that trajectories of such length leave. (The expected
/// squared jump as a measure of mixing: C. Pasarica and A. Gelman, Stat. Sinica 20 (2010); for trajectory
/// lengths: M. D. Hoffman, A. Radul and P. Sountsov, AISTATS 2021.)
struct JumpStatistics: Equatable, Sendable {
  /// Transitions whose lengths lie in one half octave.
  struct Bin: Equatable, Sendable {
    var transitions = 0.0
    /// Steps of the integrator in all of them.
    var steps = 0.0
    /// The sum of (f' - f)^2 for every number.
    var squaredJumps: [Double]
  }

  /// Half octaves: lengths from 2^(-10) to 2^10, far beyond what warmup tries about pi/2.
  static let binCount = 40
  static let lowest = -10.0

  private(set) var bins: [Bin]
  /// Mean and variance of every number.
  private(set) var moments: RunningMoments

  /// Nothing observed of `size` numbers.
  init(size: Int) {
    bins = [Bin](repeating: Bin(squaredJumps: [Double](repeating: 0, count: size)), count: Self.binCount)
    moments = RunningMoments(size: size)
  }

  init(bins: [Bin], moments: RunningMoments) {
    self.bins = bins
    self.moments = moments
  }

  /// The number of numbers.
  var size: Int { moments.means.count }

  /// Takes note of a transition of the given time.
  mutating func add(from before: [Double], to after: [Double], time: Double, steps: Int) {
    moments.add(after)
    let index = Int((2 * (log2(time) - Self.lowest)).rounded(.down))
    guard bins.indices.contains(index) else { return }
    bins[index].transitions += 1
    bins[index].steps += Double(steps)
    for k in 0..<size {
      let jump = after[k] - before[k]
      bins[index].squaredJumps[k] += jump * jump
    }
  }

  mutating func merge(_ other: JumpStatistics) {
    for (index, bin) in other.bins.enumerated() {
      bins[index].transitions += bin.transitions
      bins[index].steps += bin.steps
      bins[index].squaredJumps = zip(bins[index].squaredJumps, bin.squaredJumps).map(+)
    }
    moments.merge(other.moments)
  }
}

extension JumpStatistics {
  /// Lengths of trajectories are drawn uniformly from L (1 - spread) to L (1 + spread), so that no period of
  /// the motion is hit again and again (Hoffman, Radul and Sountsov, AISTATS 2021).
  static let spread = 0.4

  /// What a draw costs beside the steps of its trajectory, in gradients: a new momentum, and what is recorded.
  /// An estimate that keeps trajectories from being too short; lengths of many steps do not depend on it.
  static let drawCost = 2.0

  /// The mean length L with most effective draws of the slowest number for a gradient; nil before enough was
  /// seen, and where a number does not move whatever the length.
  ///
  /// Of lengths within a tenth of the best, which is about the noise, the longest: its draws are worth more
  /// each.
  func bestLength() -> Double? {
    // Quarter octaves.
    let candidates = (0..<2 * Self.binCount).map { exp2(Self.lowest + Double($0) / 4) }
    let rated = candidates.compactMap { length in efficiency(length).map { (length, $0) } }
    guard let best = rated.map(\.1).max(), best > 0 else { return nil }
    return rated.last { $0.1 >= 0.9 * best }?.0
  }

  /// Effective draws for a gradient of the slowest number with lengths about L, as if its autocorrelations were
  /// powers of the first: (1 - rho)/(1 + rho) over the cost. Nil where a half octave that L needs has fewer
  /// than eight transitions.
  func efficiency(_ length: Double) -> Double? {
    let weights = binWeights(length)
    guard !weights.isEmpty, weights.allSatisfy({ bins[$0.bin].transitions >= 8 }) else { return nil }
    let cost =
      Self.drawCost + weights.reduce(0) { $0 + $1.weight * bins[$1.bin].steps / bins[$1.bin].transitions }
    var slowest = Double.infinity
    let variances = moments.variances
    for k in 0..<size where variances[k] > 0 && variances[k].isFinite {
      let jump = weights.reduce(0) {
        $0 + $1.weight * bins[$1.bin].squaredJumps[k] / bins[$1.bin].transitions
      }
      // Numbers that alternate are not worth more than twice those that do not remember.
      let correlation = max(1 - jump / (2 * variances[k]), -1.0 / 3)
      slowest = min(slowest, (1 - correlation) / (1 + correlation))
    }
    return slowest.isFinite && cost > 0 ? slowest / cost : nil
  }

  /// The part of the lengths about L that falls in each bin; empty where they reach beyond the bins.
  private func binWeights(_ length: Double) -> [(bin: Int, weight: Double)] {
    let (low, high) = (length * (1 - Self.spread), length * (1 + Self.spread))
    let first = Int((2 * (log2(low) - Self.lowest)).rounded(.down))
    let last = Int((2 * (log2(high) - Self.lowest)).rounded(.down))
    guard first >= 0, last < Self.binCount else { return [] }
    return (first...last).map { bin in
      let start = exp2(Self.lowest + Double(bin) / 2)
      let end = exp2(Self.lowest + Double(bin + 1) / 2)
      return (bin, (min(end, high) - max(start, low)) / (high - low))
    }
  }
}
