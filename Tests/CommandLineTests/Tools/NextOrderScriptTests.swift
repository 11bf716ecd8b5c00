import Foundation
import Testing

/// The scripts behind tables and pictures of docs/next-order.md: they run, and the tables have the columns that
/// pictures are made of.
@Suite(.needsPython) struct NextOrderScriptTests {
  private static let tables = ToolScript.root.appendingPathComponent("docs/next-order")

  private func header(_ path: String) throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return String(text.split(separator: "\n")[0])
  }

  /// A problem without draws and one with them, sampled for as long as it takes to have numbers.
  @Test(.needsData) func calibration() throws {
    let scratch = try Scratch()
    let arguments = [
      "--renorm", try Tool.path(), "--scratch", "reports", "--only", "6", "8", "--samples", "20",
      "--warmup", "20", "--tests", "5", "--draws", "400", "--csv", "calibration.csv",
    ]
    let run = try ToolScript.run("benchmarks/calibrate_next_order.py", arguments, in: scratch)
    #expect(run.exitCode == 0, "\(run)")
    #expect(run.output.contains("| FC linear 7/9, P = 50, N = 10, T = 0.05 | 0 |"), "\(run.output)")
    #expect(run.output.contains("| CNN erf 2/7, n = 4, P = 40, N = 25, T = 0.05 |"))
    let shipped = Self.tables.appendingPathComponent("calibration.csv").path
    #expect(try header(scratch.path("calibration.csv")) == header(shipped))
    // What is there is not computed again.
    let again = try ToolScript.run("benchmarks/calibrate_next_order.py", arguments + ["--show"], in: scratch)
    #expect(again.exitCode == 0 && again.output == run.output && again.errors.isEmpty, "\(again)")
  }

  @Test(.needsGnuplot) func pictures() throws {
    let scratch = try Scratch()
    let run = try ToolScript.run(
      "next_order_figures.py", ["--tables", Self.tables.path, "--images", scratch.directory], in: scratch)
    #expect(run.exitCode == 0, "\(run)")
    for name in ["next-order-width", "next-order-trust"] {
      let image = try Data(contentsOf: URL(fileURLWithPath: scratch.path("\(name).png")))
      #expect(image.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]) && image.count > 1000, "\(name)")
    }
  }
}
