internal import Synchronization

/// Asks a run to stop after the draws under way.
public final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)

  /// A flag that is down.
  public init() {}

  /// Asks to stop; may be called from anywhere, any number of times.
  public func raise() { flag.store(true, ordering: .relaxed) }

  /// Whether a stop was asked for.
  public var isRaised: Bool { flag.load(ordering: .relaxed) }
}
