internal import Foundation

/// What happens when in warmup.
///
/// The first 15 % of the draws find the typical set and a step size. In four windows up to 85 % trajectories of
/// many lengths are tried; at the end of each all chains wait for each other, and a length is chosen from what
/// they have seen together (a *pooling*). The rest settles the step size of every chain. The shares are
/// conventions in the manner of Stan's warmup, which has a fast start, slow windows and a fast end too.
struct WarmupSchedule: Equatable, Sendable {
  /// Draws of warmup.
  let length: Int
  /// Ends of the windows, in ascending order; empty where there is nothing to choose or no time for it.
  let poolings: [Int]
  /// The first draw that tries lengths.
  let start: Int

  /// The number of windows.
  static let mostPoolings = 4

  init(_ method: SamplingMethod, length: Int) {
    self.length = length
    start = Int((0.15 * Double(length)).rounded())
    guard case .hamiltonian(let options) = method, length >= 40, options.trajectoryLength == nil else {
      poolings = []
      return
    }
    let window = 0.175 * Double(length)
    poolings = (1...Self.mostPoolings).map { [start] in start + Int((Double($0) * window).rounded()) }
  }

  /// Whether draw `iteration` is in a window where lengths are tried.
  func isExploring(_ iteration: Int) -> Bool { iteration >= start && iteration < poolings.last ?? 0 }
}
