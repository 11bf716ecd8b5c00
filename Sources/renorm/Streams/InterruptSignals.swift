import Dispatch
import Foundation

/// SIGINT and SIGTERM, caught for as long as the value is not cancelled.
struct InterruptSignals {
  private static let numbers = [SIGINT, SIGTERM]
  private let sources: [any DispatchSourceSignal]

  /// - Parameter handler: called with the number of the signal, on a queue of its own.
  init(_ handler: @escaping @Sendable (Int32) -> Void) {
    let queue = DispatchQueue(label: "signals")
    let isRegistered = DispatchSemaphore(value: 0)
    sources = Self.numbers.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { handler(number) }
      source.setRegistrationHandler { isRegistered.signal() }
      source.resume()
      return source
    }
    // Signals that were ignored before their source listens would be lost; until then they end the process.
    for _ in sources { _ = isRegistered.wait(timeout: .now() + 1) }
    #if canImport(Darwin)
      // Elsewhere the source has set a handler of its own, which this would remove.
      for number in Self.numbers { signal(number, SIG_IGN) }
    #endif
  }

  /// Lets the signals end the process again.
  func cancel() {
    for source in sources { source.cancel() }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
