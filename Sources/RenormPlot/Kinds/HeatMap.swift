/// A result of a sweep over two parameters, with the best point marked; cells without a result stay blank.
///
/// Repeats over shuffle seeds are averaged; the best is that among the cells with the most repeats.
public struct HeatMap: Sendable {
  struct Cell: Equatable, Sendable {
    let x: Double
    let y: Double
    let value: Double
  }

  let x: SweepParameter
  let y: SweepParameter
  let result: SweepResult
  let cells: [Cell]
  let best: Cell
  /// The axes on whose first or last value the best point lies: others beyond may be better.
  let edges: [SweepParameter]
  /// Combinations without a result.
  let missing: Int
  private let title: GnuplotText
  let warnings: [String]

  /// - Parameters:
  ///   - result: what is drawn.
  ///   - x: the horizontal parameter.
  ///   - y: the vertical parameter.
  ///   - filters: which points are drawn; conditions on one parameter are alternatives.
  /// - Throws: `DataError` for a missing column or a field that is not a number, `PlotError.nothingToDraw`, and
  ///   `.unsuitable` where further parameters vary, naming them.
  public init(
    _ table: SweepTable, _ result: SweepResult, x: SweepParameter, y: SweepParameter,
    filters: [SweepFilter] = []
  ) throws {
    for parameter in [x, y] {
      guard parameter.isNumber, parameter != .shuffleSeed else {
        throw PlotError.unsuitable(
          "\(parameter.option) is not an axis of a heat map; accepted are parameters with numbers")
      }
      try table.require(parameter.column)
    }
    guard x != y else { throw PlotError.unsuitable("both axes are \(x.option); take two parameters") }
    var (points, warnings) = try table.points(result, filters)
    if x == .width || y == .width, points.contains(where: \.isInfinite) {
      let count = points.count
      points.removeAll(where: \.isInfinite)
      warnings.append(
        "\(count - points.count) points at infinite width are left out: they have no place on the axis")
    }
    let others = points.varying.filter { $0 != x && $0 != y }
    guard others.isEmpty else {
      let list = others.map { "\($0.option) (\(listed(points.values($0))))" }.joined(separator: ", ")
      throw PlotError.adjustable("a heat map needs one value of \(list)", set: [.filters])
    }
    let (averages, duplicates) = averaged(points, by: [x, y])
    func cell(_ average: Average) -> Cell? {
      guard let x = average.key[x]?.number, let y = average.key[y]?.number else { return nil }
      return Cell(x: x, y: y, value: average.y.mean)
    }
    let drawn = averages.filter { cell($0) != nil }
    cells = drawn.compactMap(cell)
    let order = { (a: Cell, b: Cell) in result.isBetterWhenLarger ? a.value > b.value : a.value < b.value }
    guard let best = drawn.complete.compactMap(cell).min(by: order) else {
      throw PlotError.nothingToDraw(
        path: table.path, reason: "no point has a value of '\(x.column)' and '\(y.column)'")
    }
    let all = Set(cells.map(\.x)).count * Set(cells.map(\.y)).count
    missing = all - cells.count
    if missing > 0 { warnings.append("\(missing) of \(all) cells have no result and are left blank") }
    let fewer = cells.count - drawn.complete.count
    if fewer > 0 {
      warnings.append(
        "\(fewer) of \(cells.count) cells have fewer repeats than others and are not considered for the best")
    }
    self.x = x
    self.y = y
    self.result = result
    self.best = best
    let ends = [(x, best.x, cells.map(\.x)), (y, best.y, cells.map(\.y))].compactMap {
      parameter, value, values in
      Self.end(parameter, value, Set(values).sorted())
    }
    edges = ends.map(\.parameter)
    self.warnings = warnings + duplicateWarning(duplicates) + ends.map(\.warning)
    title = points.common(without: [x, y])
  }

  /// A line on a best value that is the first or last of several; nil where it is none.
  private static func end(
    _ parameter: SweepParameter, _ best: Double, _ values: [Double]
  ) -> (parameter: SweepParameter, warning: String)? {
    guard let first = values.first, let last = values.last, first < last, best == first || best == last else {
      return nil
    }
    let plain = { (value: Double) in SweepValue.number(value).plain }
    return (
      parameter,
      "the best point lies at the edge of the grid: \(parameter.option) \(plain(best)) is "
        + "\(best == first ? "the least" : "the largest") of \(plain(first)) to \(plain(last)); "
        + "others beyond may be better"
    )
  }

  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: 6.6)
    figure.warnings = warnings
    let (columns, rows) = (Set(cells.map(\.x)).sorted(), Set(cells.map(\.y)).sorted())
    let (xScale, yScale) = (AxisScale(columns), AxisScale(rows))
    let (xEdges, yEdges) = (xScale.edges(columns), yScale.edges(rows))
    let boxes = figure.data(
      cells.compactMap { cell in
        guard let i = columns.firstIndex(of: cell.x), let j = rows.firstIndex(of: cell.y) else { return nil }
        return [cell.x, cell.y, xEdges[i], xEdges[i + 1], yEdges[j], yEdges[j + 1], cell.value]
      })
    let mark = figure.data([[best.x, best.y]])
    figure.label("xlabel", x.label)
    figure.label("ylabel", y.label)
    figure.label("cblabel", result.label)
    figure.add(xScale.commands("x", columns) + yScale.commands("y", rows))
    figure.add(
      Style.sequential, "set xrange [\(xEdges[0]):\(xEdges[columns.count])]",
      "set yrange [\(yEdges[0]):\(yEdges[rows.count])]", "set style fill solid 1 border", "set tics out",
      "set rmargin 11")
    let name =
      (result.isBetterWhenLarger ? "dot: largest, " : "dot: smallest, ")
      + GnuplotText(markup: shortNumber(best.value)) + ", at " + x.description(of: .number(best.x)) + ", "
      + y.description(of: .number(best.y)) + (edges.isEmpty ? "" : " (edge)")
    figure.add("set label \(name.quoted) at graph 0.5,1 center offset 0,0.8", "set tmargin 3")
    figure.label("title", title, "offset 0,0.5")
    for parameter in edges {
      let isX = parameter == x
      let isFirst = isX ? best.x == columns[0] : best.y == rows[0]
      let (start, end) = isFirst ? ("0,0", isX ? "0,1" : "1,0") : (isX ? "1,0" : "0,1", "1,1")
      figure.add(
        "set arrow from graph \(start) to graph \(end) nohead front linewidth 2.5 "
          + "linecolor rgb '\(Style.vermillion)'"
      )
    }
    figure.plot([
      "\(boxes) using 1:2:3:4:5:6:7 with boxxyerror linecolor palette linewidth 0.3 notitle",
      "\(mark) using 1:2 with points pointtype 7 pointsize 1.3 linecolor rgb 'white' notitle",
      "\(mark) using 1:2 with points pointtype 7 pointsize 0.8 linecolor rgb '\(Style.vermillion)' notitle",
    ])
    return figure
  }
}
