/// Python with NumPy; tests that run it carry the trait `needsNumPy`.
package enum Python {
  static let isAvailable: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? run("import numpy", in: scratch)) != nil
  }()

  static let hasSciPy: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? run("import scipy.linalg, scipy.optimize", in: scratch)) != nil
  }()

  /// Whether there is a python3 at all; tests that need no more carry the trait `needsPython`.
  static let isInstalled: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? runFile("-c", ["pass"], in: scratch).exitCode) == 0
  }()

  /// Runs a file with python3, to its end whatever comes of it.
  package static func runFile(
    _ path: String, _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:]
  ) throws -> Run {
    try Launch("/usr/bin/env", ["python3", path] + arguments, in: scratch, environment: environment).finish()
  }

  /// Runs a script in `scratch` and returns what it prints.
  @discardableResult
  package static func run(_ script: String, in scratch: Scratch) throws -> String {
    let launch = try Launch("/usr/bin/env", ["python3", "-c", "import numpy as np\n" + script], in: scratch)
    let run = try launch.finish()
    guard run.exitCode == 0 else { throw ToolError.failed(run) }
    return run.output
  }
}
