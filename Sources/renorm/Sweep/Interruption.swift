import Dispatch
import Foundation

/// Ends the process on SIGINT and SIGTERM with the exit code 128 + n, its children before it.
///
/// Files of a store are renamed into place when they are complete, so the process may end anywhere.
struct Interruption {
  private let sources: [any DispatchSourceSignal]

  init(_ cleanUp: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "interruption")
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        cleanUp()
        // Other threads are at work; nothing of theirs is to be waited for.
        _exit(128 + number)
      }
      source.resume()
      return source
    }
  }
}
