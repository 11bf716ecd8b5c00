import RenormFiles
import Testing

@testable import RenormPlot

/// Pictures of the companion theories, from reports as the tool writes them.
@Suite struct CompanionPlotTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func report(_ text: String, _ name: String = "report.json") throws -> String {
    try scratch.file(name, text)
  }

  @Test func densities() throws {
    let start = #"{"n": 10, "d": 20, "histogram": {"logNorm": [0, 1, 2], "sampled": "#
    let curves = #""curves": {"logNorm": [0, 2], "logGaussian": [0.2, 0.4], "infiniteWidth": [0, 0.9]}}}"#
    let path = try report(start + "[0.1, 0.5, 0.2], " + curves)
    let script = Script(try ResNetDensitiesPlot(path: path).figure)
    #expect(script.data(1) == [[0, 0.1], [1, 0.5], [2, 0.2]])
    #expect(script.data(2) == [[0, 0.2, 0], [2, 0.4, 0.9]])
    #expect(script.titles == ["drawn networks", "log-Gaussian law", "infinite width"])
    #expect(throws: PlotError.self) { try ResNetDensitiesPlot(path: report(start + "[], " + curves)) }
    #expect(throws: DataError.self) { try ResNetDensitiesPlot(path: report("{}")) }
  }

  private let thresholds =
    #"{"law": "gbfry", "parameters": {"tau": 5, "alpha": 0.3}, "slope": 0.7, "predictedSlope": 0.697, "errors": ["#
    + #"{"eps": 0.01, "theory": 0.2, "sampled": 0.4, "standardError": 0.02, "relativeTheory": 0.1, "#
    + #""relativeSampled": 0.2}, {"eps": 0.001, "theory": 0.04, "sampled": 0.1, "standardError": null, "#
    + #""relativeTheory": 0.02, "relativeSampled": 0.05}]}"#

  @Test func losses() throws {
    let script = Script(try PruningPlot(paths: [report(thresholds)]).figure)
    #expect(script.data(1) == [[0.001, 0.02], [0.01, 0.1]])
    let rows = script.data(2)
    // Relative to the variance of the output, error bars too.
    #expect(rows[0] == [0.001, 0.05, 0.05, 0.05])
    for (value, expected) in zip(rows[1], [0.01, 0.2, 0.19, 0.21]) { #expect(abs(value - expected) < 1e-12) }
    #expect(script.titles == ["gbfry alpha 0.3 tau 5: 0.70 (0.70)"])
    #expect(script.label("ylabel") == "loss / variance of the output")
    let fractions = try report(
      #"{"law": "horseshoe", "slope": null, "predictedSlope": null, "errors": [{"kappa": 0.9, "theory": 0, "#
        + #""sampled": 0.3, "standardError": 0.1, "relativeTheory": null, "relativeSampled": null}]}"#,
      "kappa.json")
    let kept = Script(try PruningPlot(paths: [fractions]).figure)
    #expect(abs(kept.data(1)[0][0] - 0.1) < 1e-12 && kept.label("ylabel") == "loss of the output")
    #expect(throws: PlotError.self) { try PruningPlot(paths: [report(thresholds), fractions]) }
    #expect(throws: DataError.self) { try PruningPlot(paths: [report("{}")]) }
    #expect(throws: PlotError.self) {
      try PruningPlot(paths: [report(#"{"law": "x", "slope": null, "errors": [{"eps": 0.1, "sampled": 0}]}"#)])
    }
  }

  private let table =
    #"{"rows": [{"exponent": -1, "recorded": {"gap": -1.01, "mlp": -0.97}}, "#
    + #"{"exponent": null, "recorded": {}}]}"#
  private let measured =
    #"{"quantity": "ntk-var", "architecture": "gap", "slope": -1.02, "standardError": 0.03, "predicted": -1, "#
    + #""estimates": [{"width": 8, "estimate": 0.5, "standardError": 0.01}, "#
    + #"{"width": 16, "estimate": -0.25, "standardError": null}]}"#

  @Test func slopes() throws {
    let paths = [try report(table, "table.json"), try report(measured, "measured.json")]
    let script = Script(try SlopesPlot(paths: paths).figure)
    #expect(script.titles == ["slope = {/:Italic s}", "gap", "mlp"])
    #expect(script.data(2) == [[-1.05, -1.01, 0], [-1.05, -1.02, 0.03]])
    #expect(script.data(3) == [[-0.95, -0.97, 0]])
    #expect(throws: PlotError.self) { try SlopesPlot(paths: [report(#"{"rows": []}"#)]) }
  }

  @Test func widths() throws {
    let script = Script(try WidthsPlot(paths: [report(measured)]).figure)
    // A line of slope -1 through 0.5 at 8 and 0.25 at 16.
    let line = script.data(1)
    #expect(abs(line[0][1] - 0.5) < 1e-12 && abs(line[1][1] - 0.25) < 1e-12)
    #expect(script.data(2)[1] == [16, 0.25, 0.25, 0.25])
    #expect(script.titles == ["ntk-var, gap: slope -1.02 (-1)"])
    #expect(throws: PlotError.self) { try WidthsPlot(paths: [report(table)]) }
  }
}
