import Dispatch
import Foundation
import RenormSweep
import Synchronization

/// Further processes of this program that work at the same store.
final class SweepWorkers: Sendable {
  private let processes: Mutex<[Process]>
  /// Processes that `terminate` has ended.
  private let terminated = Mutex<Set<Int32>>([])

  /// Starts a worker for each part but the first.
  ///
  /// Processes, not threads: BLAS has one number of threads for a process, and rounding depends on it.
  init(_ count: Int, store: String, arguments: [String]) throws {
    var started: [Process] = []
    for index in 1..<max(count, 1) {
      let process = Process()
      process.executableURL = Self.executable
      process.arguments =
        [
          "sweep", "run", "--output", store, "--worker", "\(index + 1)/\(count)", "--parent", "\(getpid())",
          "--quiet",
        ] + arguments
      process.standardInput = FileHandle.nullDevice
      try process.run()
      started.append(process)
    }
    processes = Mutex(started)
  }

  private static var executable: URL {
    let link = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return link.path == "/proc/self/exe" ? URL(fileURLWithPath: CommandLine.arguments[0]) : link
  }

  /// Whether a worker has ended with a failure.
  var hasFailed: Bool {
    processes.withLock { $0.contains { !$0.isRunning && $0.terminationStatus != 0 } }
  }

  /// Ends all workers at once.
  func terminate() {
    for process in processes.withLock({ $0 }) where process.isRunning {
      _ = terminated.withLock { $0.insert(process.processIdentifier) }
      process.terminate()
    }
  }

  /// Waits until all workers have ended.
  ///
  /// - Returns: a line on each that has ended in another way than with one of the codes or by `terminate`.
  func wait(expecting codes: [Int32]) -> [String] {
    let all = processes.withLock { $0 }
    all.forEach { $0.waitUntilExit() }
    let terminated = terminated.withLock { $0 }
    return all.enumerated().compactMap { index, process in
      let status = process.terminationStatus
      let isKilled = process.terminationReason == .uncaughtSignal
      guard isKilled || !codes.contains(status), !terminated.contains(process.processIdentifier) else {
        return nil
      }
      return
        "worker \(index + 2) of \(all.count + 1) ended with \(isKilled ? "signal" : "exit code") \(status); "
        + "its work was left to the others"
    }
  }
}

/// Ends this process when its parent has died, so that no worker outlives the program that was started.
struct ParentWatch {
  private final class Guarded: Sendable { let store = Mutex<SweepStore?>(nil) }

  private let timer: any DispatchSourceTimer
  private let guarded = Guarded()

  /// - Parameter parent: the process that started this one, which may be gone already.
  init(parent: Int32) {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    let check = { @Sendable [guarded] in
      guard getppid() != parent else { return }
      guarded.store.withLock { $0 }?.leave()
      _exit(128 + SIGTERM)
    }
    check()
    timer.schedule(deadline: .now() + 0.1, repeating: 0.1)
    timer.setEventHandler(handler: check)
    timer.resume()
    self.timer = timer
  }

  /// Leaves a store before the process ends.
  func guards(_ store: SweepStore) { guarded.store.withLock { $0 = store } }

  func cancel() { timer.cancel() }
}
