import Foundation
import RenormSampling
import Synchronization

/// Ends a run in good order on SIGINT and SIGTERM: the draws under way are finished and the checkpoint is
/// written.
final class Interruption: Sendable {
  /// Raised by a signal.
  let stop = StopFlag()
  private let received = Atomic<Int32>(SIGINT)

  /// Calls `body`, which looks at `stop`, with signals caught.
  func listening<Result>(_ body: () throws -> Result) rethrows -> Result {
    let signals = InterruptSignals { number in
      self.received.store(number, ordering: .relaxed)
      self.stop.raise()
    }
    defer { signals.cancel() }
    return try body()
  }

  /// Ends the process by the signal that was caught, as if it had not been.
  func end() -> Never {
    kill(getpid(), received.load(ordering: .relaxed))
    exit(EXIT_FAILURE)
  }
}
