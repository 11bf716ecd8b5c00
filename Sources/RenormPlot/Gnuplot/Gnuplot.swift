internal import Foundation
internal import RenormFiles

/// The program that draws.
public enum Gnuplot {
  struct Drawing {
    let picture: [UInt8]
    let warnings: [String]
  }

  /// - Throws: `PlotError.gnuplotMissing` where the program is not on the PATH.
  public static func requireInstalled() throws(PlotError) { _ = try program() }

  /// Runs a script and returns what it writes to standard output.
  ///
  /// - Throws: `PlotError.gnuplotMissing`, or `.drawingFailed` with gnuplot's own message; `DataError` where
  ///   temporary files cannot be written.
  static func draw(_ script: String) throws -> Drawing {
    let program = try program()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "renorm-plot-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError.cannotCreate(path: folder.path, reason: error.localizedDescription)
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files rather than pipes: nobody waits for anybody.
    let input = folder.appendingPathComponent("script.gp").path
    let output = folder.appendingPathComponent("picture").path
    let messages = folder.appendingPathComponent("messages").path
    try AtomicFile.write(script, to: input)
    for file in [output, messages] { try AtomicFile.write("", to: file) }

    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = ["-d", input]
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: messages)
    do {
      try process.run()
    } catch {
      throw PlotError.drawingFailed("\(program) cannot be run (\(error.localizedDescription))")
    }
    process.waitUntilExit()

    let lines = text(of: messages).split(whereSeparator: \.isNewline).map(String.init)
    let picture = FileManager.default.contents(atPath: output) ?? Data()
    guard process.terminationReason == .exit, process.terminationStatus == 0, !picture.isEmpty else {
      let reason = lines.last { !$0.allSatisfy { $0 == " " || $0 == "^" } }
      throw PlotError.drawingFailed(reason.map { message($0, script: input) } ?? "it drew nothing")
    }
    return Drawing(
      picture: Array(picture),
      warnings: lines.filter { $0.localizedCaseInsensitiveContains("warning:") }.map {
        message($0, script: input)
      })
  }

  private static func program() throws(PlotError) -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = folders.map { "\($0)/gnuplot" }
    guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
      throw .gnuplotMissing
    }
    return found
  }

  /// The environment without what would make pictures differ between users.
  private static var environment: [String: String] {
    var environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("GNUPLOT") && $0.key != "GNUTERM"
    }
    environment["LC_ALL"] = "C.UTF-8"
    environment["SOURCE_DATE_EPOCH"] = "946684800"
    return environment
  }

  private static func text(of path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  /// A message without the name of the temporary script.
  private static func message(_ line: String, script: String) -> String {
    line.replacing("\"\(script)\" ", with: "").replacing("\"\(script)\", ", with: "")
      .trimmingCharacters(in: .whitespaces)
  }
}
