import Testing

/// Files that a command is asked to write into the folder `out`.
let allOutputs = [
  "--report", "out/report.json", "--predictions", "out/predictions.csv", "--model", "out/model.npz",
]
let predictOutputs = ["--report", "out/report.json", "--predictions", "out/predictions.csv"]

/// Expects that a command fails with a code and one line on standard error that has all `fragments`, prints
/// nothing else, and leaves none of its outputs.
func expectFailure(
  _ code: Int32, _ fragments: [String], _ arguments: [String], outputs: [String] = allOutputs,
  in scratch: Scratch,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  try scratch.folder("out")
  let run = try Tool.run(arguments + outputs, in: scratch)
  #expect(!run.wasKilled, sourceLocation: sourceLocation)
  #expect(run.exitCode == code, "\(run)", sourceLocation: sourceLocation)
  #expect(run.output.isEmpty, sourceLocation: sourceLocation)
  let lines = run.errorLines
  #expect(lines.count == 2 && lines.last == "", "one line: \(run.errors)", sourceLocation: sourceLocation)
  #expect(run.errors.hasPrefix("renorm: error: "), "\(run.errors)", sourceLocation: sourceLocation)
  for fragment in fragments {
    #expect(run.errors.contains(fragment), "'\(fragment)' in: \(run.errors)", sourceLocation: sourceLocation)
  }
  #expect(scratch.names(in: "out").isEmpty, sourceLocation: sourceLocation)
}
