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
    let queue = DispatchQueue(label: "signals")
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        self.received.store(number, ordering: .relaxed)
        self.stop.raise()
      }
      source.resume()
      return source
    }
    defer {
      for source in sources { source.cancel() }
      for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    }
    return try body()
  }

  /// Ends the process by the signal that was caught, as if it had not been.
  func end() -> Never {
    kill(getpid(), received.load(ordering: .relaxed))
    exit(EXIT_FAILURE)
  }
}
