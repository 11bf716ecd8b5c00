internal import Synchronization

/// Where the last integral over latents of a fit ended, for the next to start from: the maximum does not depend
/// on it.
final class LatentMemory: Sendable {
  private let stored = Mutex<[Double]?>(nil)

  var state: [Double]? {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}
