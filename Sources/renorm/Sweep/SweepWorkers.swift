import Foundation
import Synchronization

/// Further processes of this program that work at the same store.
final class SweepWorkers: Sendable {
  private let processes: Mutex<[Process]>

  /// Starts a worker for each part but the first.
  ///
  /// Processes, not threads: BLAS has one number of threads for a process, and rounding depends on it.
  init(_ count: Int, store: String, arguments: [String]) throws {
    var started: [Process] = []
    for index in 1..<max(count, 1) {
      let process = Process()
      process.executableURL = Self.executable
      process.arguments =
        ["sweep", "run", "--output", store, "--worker", "\(index + 1)/\(count)", "--quiet"] + arguments
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
    processes.withLock { for process in $0 where process.isRunning { process.terminate() } }
  }

  /// Waits until all workers have ended.
  func wait() { processes.withLock { $0 }.forEach { $0.waitUntilExit() } }

  /// Ends this process when its parent has died, so that no worker outlives the program that was started.
  static func endWithParent(_ cleanUp: @escaping @Sendable () -> Void) -> any DispatchSourceTimer {
    let parent = getppid()
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 0.5, repeating: 0.5)
    timer.setEventHandler {
      guard getppid() != parent else { return }
      cleanUp()
      _exit(128 + SIGTERM)
    }
    timer.resume()
    return timer
  }
}
