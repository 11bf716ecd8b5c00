import RenormFiles
import Testing

@testable import RenormPlot

@Suite struct NeuronsPlotTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private let law =
    #""condensed": {"neurons": 1, "law": {"bulkVariance": 0.25, "#
    + #""bulk": [{"readout": 0, "density": 1.6}, {"readout": 1, "density": 0.2}], "#
    + #""largest": [{"readout": 3, "density": 0.1}, {"readout": 3.5, "density": 1.8}, "#
    + #"{"readout": 4, "density": 0.1}]}}"#
  private let histogram = #""readoutHistogram": {"width": 0.5, "others": [1.5, 0.5], "largest": [0, 2]}"#

  private func report(_ keys: String, width: Int = 10, _ name: String = "report.json") throws -> String {
    try scratch.file(
      name, #"{"architecture": "fc", "activation": "erf", "width": \#(width), "trainCount": 60, \#(keys)}"#)
  }

  /// The data are those of the report; bars stand on the middle of their bins.
  @Test func comparison() throws {
    let path = try report(#""theory": {\#(law)}, "sampled": {\#(histogram)}"#)
    let script = Script(try NeuronsPlot(paths: [path]).figure)
    #expect(script.data(1) == [[0.25, 1.5], [0.75, 0.5]] && script.data(2) == [[0.25, 0], [0.75, 2]])
    #expect(script.data(3) == [[0, 1.6], [1, 0.2]])
    #expect(script.data(4) == [[3, 0.1], [3.5, 1.8], [4, 0.1]])
    #expect(script.titles == ["others, sampled", "largest, sampled", "others, theory", "largest, theory"])
    #expect(script.label("title") == "fc, erf, {/:Italic N} = 10, {/:Italic P} = 60")
  }

  @Test func oneSide() throws {
    let fit = try report(law, "fit.json")
    let sample = try report(histogram, "sample.json")
    #expect(Script(try NeuronsPlot(paths: [fit]).figure).titles == ["others, theory", "largest, theory"])
    #expect(Script(try NeuronsPlot(paths: [sample]).figure).titles == ["others, sampled", "largest, sampled"])
    let both = Script(try NeuronsPlot(paths: [fit, sample]).figure)
    #expect(both == Script(try NeuronsPlot(paths: [sample, fit]).figure))
    #expect(both.titles.count == 4)
  }

  @Test func refusals() throws {
    let fit = try report(law, "fit.json")
    #expect(throws: DataError.self) { try NeuronsPlot(paths: [report(#""condensed": {"neurons": 0}"#)]) }
    #expect(throws: DataError.self) {
      try NeuronsPlot(paths: [report(#""readoutHistogram": {"width": 0, "others": [], "largest": [1]}"#)])
    }
    #expect {
      try NeuronsPlot(paths: [fit, report(histogram, width: 20, "other.json")])
    } throws: {
      "\($0)".hasSuffix("are of different networks: width 10 and 20")
    }
    #expect(throws: PlotError.self) { try NeuronsPlot(paths: [fit, report(law, "again.json")]) }
  }
}
