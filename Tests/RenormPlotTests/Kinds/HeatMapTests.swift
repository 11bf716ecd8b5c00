import RenormFiles
import Testing

@testable import RenormPlot

@Suite struct HeatMapTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func map(
    _ rows: [String], _ result: SweepResult = .generalizationError, x: SweepParameter = .temperature,
    y: SweepParameter = .lambda1, filters: [String] = []
  ) throws -> HeatMap {
    try HeatMap(
      SweepTable(path: scratch.file("table.csv", SweepText.table(rows))), result, x: x, y: y,
      filters: filters.map { try SweepFilter($0) })
  }

  /// Edges in the middle of neighbours on a logarithmic axis: 0.01, 0.1, 1 have the edges 10^(-2.5), ...,
  /// 10^0.5.
  @Test func cells() throws {
    let rows = [0.01, 0.1, 1].flatMap { t in
      [1.0, 2].map { SweepText.row(temperature: t, lambda1: $0, error: t * $0 + 1) }
    }
    let map = try map(rows)
    #expect(map.cells.count == 6 && map.missing == 0)
    #expect(map.best == HeatMap.Cell(x: 0.01, y: 1, value: 1.01))
    let script = Script(map.figure)
    let cell = try #require(script.data(1).first { $0[0] == 0.1 && $0[1] == 2 })
    for (value, expected) in zip(cell[2...], [0.0316227766, 0.316227766, 1.5, 2.5, 1.2]) {
      #expect(abs(value - expected) < 1e-9)
    }
    #expect(script.data(2) == [[0.01, 1]])
    #expect(script.lines.contains("set logscale x") && !script.lines.contains("set logscale y"))
    #expect(script.label("xlabel") == "temperature {/:Italic T}")
    #expect(script.text.contains("dot: smallest, 1.01, at {/:Italic T} = 0.01, {/:Italic λ}_{1} = 1 (edge)"))
  }

  @Test func largestForAccuracy() throws {
    let rows = [0.1, 0.2].map { SweepText.row(temperature: $0, error: $0) }
    #expect(try map(rows, .accuracy).best.value == 0.9)
    #expect(try map(rows, .logEvidence).best.value == -10)
  }

  /// A best point on the first or last value of an axis is marked; an axis of one value has no edge.
  @Test func bestAtTheEdge() throws {
    func grid(_ best: (Double, Double)) throws -> HeatMap {
      try map(
        [0.1, 0.2, 0.3].flatMap { t in
          [1.0, 2, 3].map { SweepText.row(temperature: t, lambda1: $0, error: (t, $0) == best ? 0 : 1) }
        })
    }
    func marks(_ map: HeatMap) -> [String] {
      Script(map.figure).lines.compactMap { $0.firstMatch(of: /set arrow from graph (\S+ to graph \S+)/) }.map {
        String($0.1)
      }
    }
    let inside = try grid((0.2, 2))
    #expect(inside.edges.isEmpty && inside.warnings.isEmpty && marks(inside).isEmpty)
    #expect(!Script(inside.figure).text.contains("(edge)"))
    let left = try grid((0.1, 2))
    #expect(left.edges == [.temperature] && left.warnings.count == 1)
    #expect(marks(left) == ["0,0 to graph 0,1"])
    let corner = try grid((0.3, 3))
    #expect(corner.edges == [.temperature, .lambda1] && corner.warnings.count == 2)
    #expect(marks(corner) == ["1,0 to graph 1,1", "0,1 to graph 1,1"])
    #expect(Script(corner.figure).text.contains("(edge)"))
    let line = try map([0.1, 0.2, 0.3].map { SweepText.row(temperature: $0, error: $0 == 0.2 ? 0 : 1) })
    #expect(line.edges.isEmpty && line.warnings.isEmpty)
  }

  @Test func missingCellsStayBlank() throws {
    let map = try map([
      SweepText.row(temperature: 0.1, lambda1: 1, error: 3),
      SweepText.row(temperature: 0.2, lambda1: 1, error: 2),
      SweepText.row(temperature: 0.1, lambda1: 2, error: 1),
      SweepText.row(temperature: 0.2, lambda1: 2, status: "failed", error: nil),
    ])
    #expect(map.cells.count == 3 && map.missing == 1)
    #expect(
      map.warnings == [
        "1 of 4 points are left out: 1 failed", "1 of 4 cells have no result and are left blank",
      ]
        + ["temperature 0.1 is the least of 0.1 to 0.2", "lambda1 2 is the largest of 1 to 2"].map {
          "the best point lies at the edge of the grid: \($0); others beyond may be better"
        })
    #expect(Script(map.figure).data(1).count == 3)
  }

  @Test func whatMustBeFixed() throws {
    let rows = ["fc", "cnn"].flatMap { architecture in
      [10, nil].flatMap { width in
        [0.1, 0.2].map { SweepText.row(architecture, width: width, temperature: $0, error: 1) }
      }
    }
    do {
      _ = try map(rows)
      Issue.record("drawn")
    } catch PlotError.adjustable(let reason, let parameters) {
      #expect(reason.contains("architecture (fc, cnn), width (10, infinite)") && parameters == [.filters])
    }
    #expect(try map(rows, filters: ["architecture=fc", "width=infinite"]).cells.count == 2)
    #expect(throws: PlotError.self) { try map(rows, x: .mask) }
    #expect(throws: PlotError.self) { try map(rows, x: .lambda1) }
  }

  @Test func repeatsAreAveraged() throws {
    let map = try map([SweepText.row(seed: 1, error: 1), SweepText.row(seed: 2, error: 4)])
    #expect(map.cells == [HeatMap.Cell(x: 0.1, y: 1, value: 2.5)])
  }

  /// A mean over fewer repeats, perhaps of easier training sets, is drawn and not marked.
  @Test func bestAmongTheMostRepeats() throws {
    let map = try map([
      SweepText.row(temperature: 0.1, seed: 1, error: 1),
      SweepText.row(temperature: 0.1, seed: 2, status: "failed", error: nil),
      SweepText.row(temperature: 0.2, seed: 1, error: 2), SweepText.row(temperature: 0.2, seed: 2, error: 4),
    ])
    #expect(map.cells.map(\.value) == [1, 3] && map.best == HeatMap.Cell(x: 0.2, y: 1, value: 3))
    #expect(
      map.warnings.contains("1 of 2 cells have fewer repeats than others and are not considered for the best"))
  }

  @Test func edges() {
    #expect(AxisScale([1, 2, 4]).edges([1, 2, 4]) == [0.5, 1.5, 3, 5])
    #expect(
      !AxisScale([-1, 100]).isLogarithmic && !AxisScale([1, 9]).isLogarithmic
        && AxisScale([1, 10]).isLogarithmic)
    #expect(AxisScale([3]).edges([3]) == [1.5, 6])
  }
}
