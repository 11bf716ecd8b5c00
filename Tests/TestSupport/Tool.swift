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
  /// A program that did not end, with what it was doing.
  case timedOut(arguments: [String], state: String)
  case failed(Run)
}

/// The built command-line tool. A test target that runs it depends on `renorm`, so that it is built before.
package enum Tool {
  /// Runs `renorm` to its end, by default in `scratch`.
  package static func run(
    _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:],
    timeout: Double = Launch.timeout
  ) throws -> Run {
    try Launch(try path(), arguments, in: scratch, environment: environment).finish(timeout: timeout)
  }

  /// Runs `renorm` and expects that it succeeds; short runs of the sampler may say that they did not converge,
  /// which they do after everything is written.
  @discardableResult
  package static func succeed(
    _ arguments: [String], in scratch: Scratch, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Run {
    let run = try run(arguments, in: scratch)
    let isShort =
      ["sample", "compare"].contains(arguments.first) && run.exitCode == ExitCode.numerical
      && run.errorLines.contains { $0.hasPrefix("renorm: error: the chains did not converge") }
    let isFine = (run.exitCode == 0 || isShort) && !run.wasKilled
    #expect(isFine, "\(run)", sourceLocation: sourceLocation)
    guard isFine else { throw ToolError.failed(run) }
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
  private let scratch: Scratch

  /// Seconds after which a program is at fault however busy the machine is; none of the tests depends on it.
  package static let timeout = 600.0

  /// - Parameter environment: variables that are set besides those of the tests.
  package init(
    _ program: String, _ arguments: [String], in scratch: Scratch, output: String? = nil,
    environment: [String: String] = [:]
  ) throws {
    self.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    captured = try Scratch()
    self.scratch = scratch
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

  /// What the program is doing: its last words, what the system says it waits for, and the files in its folder,
  /// the claims of a sweep with their content.
  package var state: String {
    func last(_ name: String) -> String { String(((try? captured.text(name)) ?? "").suffix(500)) }
    let files = (FileManager.default.enumerator(atPath: scratch.directory)?.compactMap { $0 as? String } ?? [])
      .sorted()
    let claims = files.filter { $0.contains("claims/") }
      .map { "\($0): \((try? scratch.text($0)) ?? "unreadable")" }
    let status =
      (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
    let system = status.split(separator: "\n").filter { $0.hasPrefix("State:") || $0.hasPrefix("Threads:") }
    return "running: \(isRunning); \(system.joined(separator: ", ")); errors: \(last("errors")); output: "
      + "\(last("output")); claims: \(claims); \(files.count) files, the last \(files.suffix(20))"
  }

  /// Waits until something has come about, looking again and again; false where the program ends before.
  ///
  /// - Throws: `ToolError.timedOut` after ten minutes.
  package func wait(until isTrue: () -> Bool) throws -> Bool {
    let deadline = Date(timeIntervalSinceNow: Self.timeout)
    while !isTrue() {
      guard isRunning else { return isTrue() }
      guard Date() < deadline else { throw ToolError.timedOut(arguments: arguments, state: state) }
      Thread.sleep(forTimeInterval: 0.002)
    }
    return true
  }

  package func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; a program that takes too long is killed.
  package func finish(timeout: Double = Launch.timeout) throws -> Run {
    guard ended.wait(timeout: .now() + timeout) == .success else {
      let state = state
      send(SIGKILL)
      _ = ended.wait(timeout: .now() + 60)
      throw ToolError.timedOut(arguments: arguments, state: state)
    }
    return Run(
      arguments: arguments, exitCode: process.terminationStatus,
      wasKilled: process.terminationReason == .uncaughtSignal,
      output: try captured.text("output"), errors: try captured.text("errors"))
  }
}
