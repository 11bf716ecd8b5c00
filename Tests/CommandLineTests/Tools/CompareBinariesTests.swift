import Foundation
import Testing

/// tools/compare_binaries.py: two builds print the same numbers.
@Suite(.needsPython) struct CompareBinariesTests {
  /// A program that prints one report whatever it is asked.
  private func program(_ name: String, printing report: String, in scratch: Scratch) throws -> String {
    let path = try scratch.file(name, "#!/bin/sh\necho '\(report)'\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  private func compare(_ old: String, _ new: String, _ arguments: [String] = []) throws -> Run {
    let scratch = try Scratch()
    let paths = [
      try program("old", printing: old, in: scratch), try program("new", printing: new, in: scratch),
    ]
    return try ToolScript.run("compare_binaries.py", paths + ["--every", "20"] + arguments, in: scratch)
  }

  @Test func equalNumbersPass() throws {
    // Of what stands in one report alone, only what went counts; timing never does.
    let run = try compare(
      #"{"q": [[1.25]], "timing": {"solve": 1}}"#, #"{"q": [[1.25]], "more": 3, "timing": {"solve": 2}}"#)
    #expect(run.exitCode == 0)
    #expect(run.output == "3 command lines, largest difference 0.0e+00, 0 above 1e-12\n")
  }

  @Test func aDifferentNumberIsNamed() throws {
    let (old, new) = (#"{"fit": {"q": [1, 2.0]}}"#, #"{"fit": {"q": [1, 2.5]}}"#)
    let run = try compare(old, new)
    #expect(run.exitCode == 1)
    #expect(run.output.contains("\n  .fit.q[1]: 2.0 2.5 (2.5e-01)\n"))
    #expect(run.output.hasSuffix("3 command lines, largest difference 2.5e-01, 3 above 1e-12\n"))
    #expect(try compare(old, new, ["--tolerance", "0.3"]).exitCode == 0)
  }

  @Test func aNumberThatIsGoneIsNamed() throws {
    let run = try compare(#"{"q": 1, "bias": 2}"#, #"{"q": 1}"#)
    #expect(run.exitCode == 1)
    #expect(run.output.contains("\n  no longer there: .bias\n"))
  }

  @Test func aProgramThatFailsEndsTheComparison() throws {
    let scratch = try Scratch()
    let good = try program("old", printing: #"{"q": 1}"#, in: scratch)
    let run = try ToolScript.run("compare_binaries.py", [good, "/bin/false"], in: scratch)
    #expect(run.exitCode == 1)
    #expect(run.errors.contains("/bin/false fit "))
    #expect(run.errors.contains("exit 1"))
  }

  /// The 1st, 15th, 29th and 43rd of its command lines, from a fit of FC to a comparison with sampled CNNs.
  @Test(.slow("fits and samples twice"))
  func theToolAgreesWithItself() throws {
    let path = try Tool.path()
    let run = try ToolScript.run("compare_binaries.py", [path, path, "--every", "14"], in: Scratch())
    #expect(run.exitCode == 0, "\(run)")
    #expect(run.output == "4 command lines, largest difference 0.0e+00, 0 above 1e-12\n")
  }
}
