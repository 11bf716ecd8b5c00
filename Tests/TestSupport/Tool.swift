import Foundation
import Testing

/// What a run of a program left behind.
package struct Run {
  package let arguments: [String]
  package let exitCode: Int32
  /// Whether a signal ended it; `exitCode` is then the number of the signal.
  package let wasKilled: Bool
  package let output: String
  package let errors: String

  package var errorLines: [String] {
    errors.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}

package enum ToolError: Error {
  case notBuilt(searched: [String])
  case timedOut([String])
  case failed(Run)
}

/// The built command-line tool. A test target that runs it depends on `renorm`, so that it is built before.
package enum Tool {
  /// Runs `renorm` to its end, by default in `scratch`.
  package static func run(
    _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:], timeout: Double = 120
  ) throws -> Run {
    try Launch(try path(), arguments, in: scratch, environment: environment).finish(timeout: timeout)
  }

  /// Runs `renorm` and expects that it succeeds.
  @discardableResult
  package static func succeed(
    _ arguments: [String], in scratch: Scratch, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Run {
    let run = try run(arguments, in: scratch)
    #expect(run.exitCode == 0, "\(run)", sourceLocation: sourceLocation)
    guard run.exitCode == 0, !run.wasKilled else { throw ToolError.failed(run) }
    return run
  }

  /// The binary of the same build as the tests: it lies beside the test bundle, wherever that is.
  package static func path() throws -> String {
    let starts =
      [Bundle.main.executablePath, Bundle.main.bundlePath].compactMap(\.self)
      + CommandLine.arguments.filter { $0.contains("/") } + Bundle.allBundles.map(\.bundlePath)
    var searched: [String] = []
    for start in starts {
      var folder = URL(fileURLWithPath: start).resolvingSymlinksInPath()
      for _ in 0..<5 where folder.path != "/" {
        folder.deleteLastPathComponent()
        let candidate = folder.appendingPathComponent("renorm").path
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: candidate, isDirectory: &isDirectory)
        if exists, !isDirectory.boolValue, FileManager.default.isExecutableFile(atPath: candidate) {
          return candidate
        }
        searched.append(candidate)
      }
    }
    throw ToolError.notBuilt(searched: searched)
  }
}

/// A program under way. Its output goes to files, so that it never waits for a reader; with `output` its
/// standard output goes there and is not captured.
package final class Launch {
  private let process = Process()
  private let arguments: [String]
  private let ended = DispatchSemaphore(value: 0)
  private let captured: Scratch

  /// - Parameter environment: variables that are set besides those of the tests.
  package init(
    _ program: String, _ arguments: [String], in scratch: Scratch, output: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    self.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    captured = try Scratch()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.directory)
    process.standardInput = FileHandle.nullDevice
    let capture = try captured.file("output", "")
    let handles = [output ?? capture, try captured.file("errors", "")].map { FileHandle(forWritingAtPath: $0) }
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    let ended = ended
    process.terminationHandler = { _ in ended.signal() }
    // Foundation keeps the handles for longer than the process, and crashes where a thousand are open.
    defer { for handle in handles { try? handle?.close() } }
    try Self.withDefaultSignals { try process.run() }
  }

  /// A program inherits which signals are ignored and blocked, and the threads of tests block most of them.
  private static func withDefaultSignals(_ body: () throws -> Void) rethrows {
    for ignored in [SIGINT, SIGTERM] { signal(ignored, SIG_DFL) }
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  package var isRunning: Bool { process.isRunning }

  package func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; a program that takes too long is killed.
  package func finish(timeout: Double) throws -> Run {
    guard ended.wait(timeout: .now() + timeout) == .success else {
      send(SIGKILL)
      _ = ended.wait(timeout: .now() + 10)
      throw ToolError.timedOut(arguments)
    }
    return Run(
      arguments: arguments, exitCode: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal,
      output: try captured.text("output"), errors: try captured.text("errors"))
  }
}
