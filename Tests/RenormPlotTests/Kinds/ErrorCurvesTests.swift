import RenormFiles
import Testing

@testable import RenormPlot

/// Which curves a table gives, and their numbers.
@Suite struct ErrorCurvesTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func table(_ rows: [String]) throws -> SweepTable {
    try SweepTable(path: scratch.file("table.csv", SweepText.table(rows)))
  }

  private func curves(
    _ rows: [String], _ result: SweepResult = .generalizationError, against axis: String = "width",
    filters: [String] = [], bestOver: [SweepParameter] = []
  ) throws -> ErrorCurves {
    try ErrorCurves(
      table(rows), result, against: #require(SweepAxis(option: axis)),
      filters: filters.map { try SweepFilter($0) },
      bestOver: bestOver)
  }

  @Test func oneCurveForEachArchitecture() throws {
    let rows = ["cnn", "fc", "lcn"].flatMap { architecture in
      [100, 10, nil].map { SweepText.row(architecture, width: $0, error: $0.map { 1 / Double($0) } ?? 0.5) }
    }
    let curves = try curves(rows)
    #expect(curves.curves.map { $0.key[.architecture] } == [.text("fc"), .text("lcn"), .text("cnn")])
    for curve in curves.curves {
      #expect(curve.key.count == 1)
      #expect(curve.points.map(\.x) == [10, 100] && curve.points.map(\.y.mean) == [0.1, 0.01])
      #expect(curve.infinite?.mean == 0.5 && curve.infinite?.standardError == nil)
    }
    #expect(curves.warnings.isEmpty)
    let script = Script(curves.figure)
    #expect(script.titles == ["FC", "LCN", "CNN", "infinite {/:Italic N}"])
    #expect(script.label("xlabel") == "width {/:Italic N}" && script.label("ylabel") == "generalization error")
    #expect(script.label("title") == "{/:Italic P} = 100, {/:Italic T} = 0.1, {/:Italic λ}_{1} = 1")
    #expect(script.lines.contains("set logscale x"))
    // A line at infinite width for each curve, dashed and in its colour.
    for color in ["#0072B2", "#D55E00", "#009E73"] {
      #expect(script.text.contains("0.5 with lines linecolor rgb '\(color)' dashtype"))
      #expect(script.text.contains("with linespoints linecolor rgb '\(color)'"))
    }
  }

  /// The mean of 1, 2, 4 is 7/3, its standard error sqrt(((4/3)^2 + (1/3)^2 + (5/3)^2)/2/3) = sqrt(7)/3.
  @Test func repeatsAreAveraged() throws {
    let rows =
      zip([1, 2, 3], [1.0, 2, 4]).map { SweepText.row(width: 10, seed: $0, error: $1) }
      + [SweepText.row(width: 20, error: 5)]
      + zip([1, 2], [3.0, 4]).map { SweepText.row(width: nil, seed: $0, error: $1) }
    let curves = try curves(rows)
    let curve = try #require(curves.curves.first)
    #expect(curves.curves.count == 1 && curve.key.isEmpty)
    #expect(abs(curve.points[0].y.mean - 7.0 / 3) < 1e-14 && curve.points[0].y.count == 3)
    #expect(abs((curve.points[0].y.standardError ?? 0) - 7.0.squareRoot() / 3) < 1e-14)
    #expect(curve.points[1].y.standardError == nil)
    #expect(curve.infinite?.mean == 3.5 && curve.infinite?.standardError == 0.5)
    let script = Script(curves.figure)
    #expect(script.text.contains("set object rectangle from graph 0, first 3.0 to graph 1, first 4.0"))
    #expect(script.data(1)[0][0] == 10 && abs(script.data(1)[0][2] - 7.0.squareRoot() / 3) < 1e-14)
  }

  /// Results past leading order where all repeats have them and none is of class sample.
  @Test func corrected() throws {
    let rows = [
      (10, 1, 0.3, "0.25", "sample"), (20, 1, 0.4, "0.35", "reliable"), (20, 2, 0.5, "0.4", "check"),
      (40, 1, 0.6, "0.5", "check"), (40, 2, 0.6, "", ""), (80, 1, 0.7, "0.65", "reliable"),
    ].map { width, seed, error, corrected, trust in
      SweepText.row(width: width, seed: seed, error: error) + ",\(corrected),\(trust)"
    }
    let text = ([SweepText.header + ",correctedGeneralizationError,class"] + rows).joined(separator: "\n")
    let table = try SweepTable(path: scratch.file("next.csv", text + "\n"))
    let curves = try ErrorCurves(table, .generalizationError, against: .parameter(.width))
    let points = try #require(curves.curves.first).points
    #expect(points.map(\.corrected) == [nil, Repeats([0.35, 0.4]), nil, Repeats([0.65])])
    let script = Script(curves.figure)
    #expect(script.titles.last == "with the next order in 1/{/:Italic N}")
    // A result without corrected values has no such line.
    let plain = try ErrorCurves(table, .logEvidence, against: .parameter(.width))
    #expect(!Script(plain.figure).text.contains("next order"))
  }

  @Test func failedPointsAreLeftOut() throws {
    let curves = try curves([
      SweepText.row(width: 10, error: 1), SweepText.row(width: 20, status: "failed", error: 9),
      SweepText.row(width: 30, converged: "false", error: 9), SweepText.row(width: 40, error: nil),
      SweepText.row("cnn", width: 50, status: "failed", error: 9),
    ])
    #expect(curves.curves.map { $0.points.map(\.x) } == [[10]])
    #expect(
      curves.warnings == [
        "4 of 5 points are left out: 2 failed, 1 did not converge, 1 without generalization-error"
      ])
    #expect(curves.figure.warnings == curves.warnings)
    #expect(throws: PlotError.self) { try self.curves([SweepText.row(status: "failed", error: nil)]) }
  }

  @Test func duplicatesCountOnce() throws {
    let curves = try curves([
      SweepText.row(error: 1), SweepText.row(error: 3), SweepText.row(seed: 2, error: 5),
    ])
    #expect(curves.curves[0].points[0].y == Repeats([3, 5]))
    #expect(curves.warnings.count == 1)
  }

  @Test func bestOver() throws {
    let grid: [(Int?, Double, Double, Double)] = [
      (10, 0.1, 1, 4), (10, 0.2, 1, 2), (10, 0.3, 1, 3), (10, 0.1, 2, 6), (10, 0.2, 2, 5), (10, 0.3, 2, 7),
      (nil, 0.1, 1, 9), (nil, 0.2, 1, 8), (nil, 0.3, 1, 8.5), (nil, 0.1, 2, 3), (nil, 0.2, 2, 4),
      (nil, 0.3, 2, 5),
    ]
    let rows = grid.map { SweepText.row(width: $0.0, temperature: $0.1, lambda1: $0.2, error: $0.3) }
    let both = try curves(rows, bestOver: [.temperature, .lambda1])
    #expect(
      both.curves.count == 1 && both.curves[0].points.map(\.y.mean) == [2] && both.curves[0].infinite?.mean == 3
    )
    #expect(both.title.markup.hasSuffix("best {/:Italic T}, {/:Italic λ}_{1}"))
    #expect(
      both.warnings.contains { $0.contains("temperature is at an end of its range (0.1 to 0.3) for 1 of 2") })
    let one = try curves(rows, bestOver: [.temperature])
    #expect(one.curves.map { $0.points.map(\.y.mean) } == [[2], [5]])
    #expect(one.curves.map { $0.infinite?.mean } == [8, 3])
    let largest = try curves(rows, .accuracy, bestOver: [.temperature, .lambda1])
    #expect(largest.curves[0].points.map(\.y.mean) == [-1])
    #expect(throws: PlotError.self) { try curves(rows, bestOver: [.width]) }
  }

  /// A value with fewer repeats than its rivals does not win by the ease of those it has.
  @Test func bestAmongComplete() throws {
    let rows = [
      SweepText.row(temperature: 0.1, seed: 1, error: 2), SweepText.row(temperature: 0.1, seed: 2, error: 6),
      SweepText.row(temperature: 0.2, seed: 1, error: 1),
      SweepText.row(temperature: 0.2, seed: 2, status: "failed", error: nil),
    ]
    #expect(try curves(rows, bestOver: [.temperature]).curves[0].points[0].y.mean == 4)
  }

  @Test func againstLoad() throws {
    let rows = [50, 100].flatMap { count in
      [10, 20, nil].map { SweepText.row(width: $0, trainCount: count, error: 1) }
    }
    let loads = try curves(rows, against: "alpha")
    #expect(loads.curves.map { $0.points.map(\.x) } == [[2.5, 5], [5, 10]])
    #expect(loads.curves.allSatisfy { $0.infinite != nil })
    #expect(Script(loads.figure).titles.contains("{/:Italic P} = 50"))
    let fixed = try curves(
      [50, 100].flatMap { count in [10, nil].map { SweepText.row(width: $0, trainCount: count, error: 1) } },
      against: "alpha")
    #expect(fixed.curves.map { $0.points.map(\.x) } == [[5, 10]] && fixed.warnings.count == 1)
  }

  @Test func againstTemperature() throws {
    let rows = [10, nil].flatMap { width in
      [0.1, 0.01].map { SweepText.row(width: width, temperature: $0, error: $0) }
    }
    let curves = try curves(rows, against: "temperature")
    #expect(curves.curves.map { $0.points.map(\.x) } == [[0.01, 0.1], [0.01, 0.1]])
    #expect(Script(curves.figure).titles == ["{/:Italic N} = 10", "{/:Italic N} = ∞"])
  }

  @Test func filters() throws {
    let rows = ["fc", "cnn"].flatMap { architecture in
      [10, 20, nil].map { SweepText.row(architecture, width: $0, error: 1) }
    }
    let some = try curves(rows, filters: ["architecture=CNN", "width=10", "width=infinite"])
    #expect(some.curves.count == 1 && some.curves[0].points.map(\.x) == [10] && some.curves[0].infinite != nil)
    do {
      _ = try curves(rows, filters: ["width=15"])
      Issue.record("drawn")
    } catch PlotError.nothingToDraw(_, let reason) {
      #expect(reason == "no point has width=15; there, width is 10, 20, infinite")
    }
    for text in ["width", "breadth=3", "width=wide", "=3"] {
      #expect(throws: PlotError.self) { try SweepFilter(text) }
    }
  }

  @Test func tooManyCurves() throws {
    let rows = (1...13).map { SweepText.row(lambda1: Double($0), error: 1) }
    do {
      _ = try curves(rows)
      Issue.record("drawn")
    } catch PlotError.adjustable(let reason, let parameters) {
      #expect(
        reason.contains("13 curves") && reason.contains("lambda1 is 1, 2, 3")
          && parameters == [.filters, .bestOver])
    }
  }

  @Test func sampledPoints() throws {
    let report = try scratch.file(
      "cnn_sample.json",
      """
      {"architecture": "cnn", "width": 20, "infiniteWidth": false, "alpha": 5,
       "test": {"generalizationError": {"mean": 0.25, "standardError": 0.01}, "accuracy": null}, "more": [1]}
      """)
    let rows = ["fc", "cnn"].flatMap { architecture in
      [10, 30].map { SweepText.row(architecture, width: $0, error: 0.2) }
    }
    let sampled = try SampledReport(path: report)
    let curves = try ErrorCurves(
      table(rows), .generalizationError, against: .parameter(.width), sampled: [sampled])
    #expect(curves.sampled.map(\.x) == [20] && curves.sampled.map(\.y) == [0.25])
    let script = Script(curves.figure)
    #expect(script.titles == ["FC", "CNN", "CNN, sampled"])
    #expect(script.data(3) == [[20, 0.25, 0.01]])
    // The colour of the CNN's curve, with the open form of its marker.
    #expect(script.text.contains("with points linecolor rgb '#D55E00' pointtype 4"))
    #expect(throws: PlotError.self) {
      try ErrorCurves(table(rows), .accuracy, against: .parameter(.width), sampled: [sampled])
    }
    for text in ["{}", "{\"architecture\": \"cnn\"}", "1", "{\"reportVersion\": 2}"] {
      #expect(throws: DataError.self, "\(text)") { try SampledReport(path: scratch.file("bad.json", text)) }
    }
  }

  /// A network sampled at other parameters than the curve's does not stand beside it.
  @Test func sampledElsewhere() throws {
    func curves(_ parameters: String, bestOver: [SweepParameter] = []) throws -> ErrorCurves {
      let report = try scratch.file(
        "s.json",
        """
        {"architecture": "cnn", "width": 20, "alpha": 5, \(parameters),
         "test": {"generalizationError": {"mean": 0.25, "standardError": 0.01}}}
        """)
      let rows = [10, 30].map { SweepText.row("cnn", width: $0, error: 0.2) }
      return try ErrorCurves(
        table(rows), .generalizationError, against: .parameter(.width), bestOver: bestOver,
        sampled: [SampledReport(path: report)])
    }
    #expect(try curves("\"temperature\": 0.1, \"lambda1\": 1, \"mask\": [4, 4]").sampled.count == 1)
    for other in ["\"temperature\": 0.2", "\"lambda1\": 3", "\"mask\": [4, 5]", "\"activation\": \"relu\""] {
      #expect(throws: PlotError.self, "\(other)") { try curves(other) }
    }
    #expect(try curves("\"temperature\": 0.2", bestOver: [.temperature]).sampled.count == 1)
  }

  @Test func columnsThatAreMissingOrWrong() throws {
    let path = try scratch.file("table.csv", "width,generalizationError\n10,0.1\n20,x\n")
    #expect(
      throws: DataError.unknownColumn(
        path: path, column: "accuracy", columns: ["width", "generalizationError"])
    ) {
      try ErrorCurves(SweepTable(path: path), .accuracy, against: .parameter(.width))
    }
    #expect(
      throws: DataError.unknownColumn(path: path, column: "alpha", columns: ["width", "generalizationError"])
    ) {
      try ErrorCurves(SweepTable(path: path), .generalizationError, against: .alpha)
    }
    do {
      _ = try ErrorCurves(SweepTable(path: path), .generalizationError, against: .parameter(.width))
      Issue.record("drawn")
    } catch let error as DataError {
      #expect(
        "\(error)".hasSuffix("row 3, column 2: 'x' in the column 'generalizationError' is not a finite number"))
    }
  }

  /// A table with the two columns that a picture needs, in a folder.
  @Test func smallTableInAFolder() throws {
    try scratch.file("table.csv", "width,generalizationError,unknown\n10,0.1,x\n,0.3,y\n20,0.2,z\n")
    let curves = try ErrorCurves(
      SweepTable(path: scratch.directory), .generalizationError, against: .parameter(.width))
    #expect(curves.curves[0].points.map(\.y.mean) == [0.1, 0.2] && curves.curves[0].infinite?.mean == 0.3)
  }
}
