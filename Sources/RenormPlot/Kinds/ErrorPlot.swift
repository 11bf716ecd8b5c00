/// Curves with error bars over repeats, lines at infinite width, and sampled points.
extension ErrorCurves {
  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: curves.count > 4 ? 7.2 : 6.4)
    figure.warnings = warnings
    let xs = curves.flatMap { $0.points.map(\.x) } + sampled.map(\.x)
    let drawn: [Repeats] = curves.flatMap { curve in
      curve.points.map(\.y) + curve.points.compactMap(\.corrected) + [curve.infinite].compactMap(\.self)
    }
    let ys =
      drawn.flatMap { ends($0.mean, $0.standardError) } + sampled.flatMap { ends($0.y, $0.standardError) }
    let (xScale, yScale) = (AxisScale(xs), AxisScale(ys))
    figure.label("xlabel", axis.label)
    figure.label("ylabel", result.label)
    figure.add(xScale.commands("x", xs) + yScale.commands("y", ys, ticksAtValues: false))
    figure.add("set xrange [\(xScale.range(xs))]", "set yrange [\(yScale.range(ys))]")

    var parts: [String] = []
    figure.titleAboveKey(title, entries: entries)
    for (index, curve) in curves.enumerated() { parts += infiniteLine(index, curve, to: &figure) }
    for (index, curve) in curves.enumerated() { parts += line(index, curve, to: &figure) }
    for (index, curve) in curves.enumerated() { parts += correctedLine(index, curve, to: &figure) }
    if isCorrected {
      parts.append(
        "NaN with linespoints linecolor rgb '\(Style.grey)' linewidth 0.4 pointtype \(Style.openMarker(0)) "
          + "title \(Self.correctedName.quoted)")
    }
    if curves.contains(where: { $0.infinite != nil }) {
      parts.append("NaN with lines linecolor rgb '\(Style.grey)' dashtype 2 title \(Self.infiniteName.quoted)")
    }
    parts += sampledParts(to: &figure)
    figure.plot(parts)
    return figure
  }

  private func ends(_ y: Double, _ error: Double?) -> [Double] { [y - (error ?? 0), y + (error ?? 0)] }

  private static let infiniteName = "infinite " + .symbol("N")
  private static let correctedName: GnuplotText = "with the next order in 1/" + .symbol("N")

  private var isCorrected: Bool { curves.contains { $0.points.contains { $0.corrected != nil } } }

  /// The legend.
  private var entries: [GnuplotText] {
    curves.map { name($0) + ($0.points.isEmpty ? ", " + Self.infiniteName : "") }
      + (isCorrected ? [Self.correctedName] : [])
      + (curves.contains { $0.infinite != nil } ? [Self.infiniteName] : [])
      + Set(sampled.map(\.architecture)).map { Self.sampledName($0) }
  }

  private static func sampledName(_ architecture: String) -> GnuplotText {
    architectureName(architecture) + ", sampled"
  }

  private func name(_ curve: Curve) -> GnuplotText {
    let parts = SweepParameter.allCases.compactMap { parameter in
      curve.key[parameter].map { parameter.description(of: $0) }
    }
    return parts.isEmpty ? .plain(result.option.replacing("-", with: " ")) : parts.joined()
  }

  private func line(_ index: Int, _ curve: Curve, to figure: inout Figure) -> [String] {
    guard !curve.points.isEmpty else { return [] }
    let data = figure.data(curve.points.map { [$0.x, $0.y.mean, $0.y.standardError ?? 0] })
    let color = "linecolor rgb '\(Style.color(index))'"
    let bars = Style.errorBars(data, index)
    let isRepeated = curve.points.contains { $0.y.standardError != nil }
    return (isRepeated ? [bars] : []) + [
      "\(data) using 1:2 with linespoints \(color) pointtype \(Style.marker(index)) title \(name(curve).quoted)"
    ]
  }

  /// A thin line with open markers beside the curve, where results past leading order hold.
  private func correctedLine(_ index: Int, _ curve: Curve, to figure: inout Figure) -> [String] {
    let rows = curve.points.compactMap { point in point.corrected.map { [point.x, $0.mean] } }
    guard !rows.isEmpty else { return [] }
    return [
      "\(figure.data(rows)) using 1:2 with linespoints linecolor rgb '\(Style.color(index))' linewidth 0.4 "
        + "pointtype \(Style.openMarker(index)) pointsize 0.8 notitle"
    ]
  }

  /// A band of the standard error and a line over the whole width of the picture.
  private func infiniteLine(_ index: Int, _ curve: Curve, to figure: inout Figure) -> [String] {
    guard let infinite = curve.infinite else { return [] }
    var parts: [String] = []
    let y = infinite.mean
    if let error = infinite.standardError {
      figure.add(
        "set object rectangle from graph 0, first \(y - error) to graph 1, first \(y + error) behind "
          + "fillcolor rgb '\(Style.color(index))' fillstyle transparent solid 0.12 noborder")
    }
    // A curve without points of its own is named by its line.
    let title = curve.points.isEmpty ? "title \((name(curve) + ", " + Self.infiniteName).quoted)" : "notitle"
    parts.append(
      "\(y) with lines linecolor rgb '\(Style.color(index))' dashtype \(Style.dashes(index)) \(title)")
    return parts
  }

  /// Open markers, in the colour of the curve of the same architecture where there is one.
  private func sampledParts(to figure: inout Figure) -> [String] {
    Set(sampled.map(\.architecture)).sorted().enumerated().flatMap { offset, architecture in
      let rows = sampled.filter { $0.architecture == architecture }.sorted { $0.x < $1.x }
      let data = figure.data(rows.map { [$0.x, $0.y, $0.standardError ?? 0] })
      let matching = curves.indices.filter {
        (curves[$0].key[.architecture] ?? .text(architecture)) == .text(architecture)
      }
      let index = matching.count == 1 ? matching[0] : curves.count + offset
      let color = "linecolor rgb '\(Style.color(index))'"
      return [
        Style.errorBars(data, index),
        "\(data) using 1:2 with points \(color) pointtype \(Style.openMarker(index)) pointsize 0.9 linewidth 1 "
          + "title \(Self.sampledName(architecture).quoted)",
      ]
    }
  }
}
