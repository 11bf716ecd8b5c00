import Foundation

/// The scripts in the folder tools of the package.
enum ToolScript {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Runs a script of python3 to its end.
  static func run(
    _ name: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:]
  ) throws -> Run {
    // Python must not leave its caches beside the scripts.
    let environment = environment.merging(["PYTHONDONTWRITEBYTECODE": "1"]) { $1 }
    return try Python.runFile(
      root.appendingPathComponent("tools/\(name)").path, arguments, in: scratch, environment: environment)
  }
}
