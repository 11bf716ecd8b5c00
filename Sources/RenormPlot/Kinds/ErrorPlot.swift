/// Curves with error bars over repeats, lines at infinite width, and sampled points.
extension ErrorCurves {
  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: curves.count > 4 ? 7.2 : 6.4)
    figure.warnings = warnings
    let xs = curves.flatMap { $0.points.map(\.x) } + sampled.map(\.x)
    let ys = curves.flatMap { $0.points.map(\.y.mean) + [$0.infinite?.mean].compactMap(\.self) } + sampled.map(\.y)
    let scale = AxisScale(xs)
    figure.label("title", title)
    figure.label("xlabel", axis.label)
    figure.label("ylabel", result.label)
    figure.add(scale.commands("x", xs) + AxisScale(ys).commands("y", ys))
    figure.add("set xrange [\(range(xs, scale))]", "set offsets graph 0, 0, 0.06, 0.06")
    // Curves may run anywhere, so their names stand above them.
    figure.add("set key at graph 0.5,1.02 bottom center horizontal", "set tmargin \(keyRows + 2)")

    var parts: [String] = []
    for (index, curve) in curves.enumerated() { parts += infiniteLine(index, curve, to: &figure) }
    for (index, curve) in curves.enumerated() { parts += line(index, curve, to: &figure) }
    if curves.contains(where: { $0.infinite != nil }) {
      parts.append(
        "NaN with lines linecolor rgb '\(Style.grey)' dashtype 2 title \(("infinite " + .symbol("N")).quoted)")
    }
    parts += sampledParts(to: &figure)
    figure.plot(parts)
    return figure
  }

  /// A little more than the values span.
  private func range(_ xs: [Double], _ scale: AxisScale) -> String {
    let (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    if scale.isLogarithmic {
      let factor = 1.12
      return "\(low / factor):\(high * factor)"
    }
    let margin = high > low ? 0.04 * (high - low) : max(abs(high) * 0.1, 0.1)
    return "\(low - margin):\(high + margin)"
  }

  /// Lines of the legend: some three entries fit beside each other.
  private var keyRows: Double {
    let entries = curves.count + 1 + Set(sampled.map(\.architecture)).count
    return Double((entries + 2) / 3) * 1.1
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
    let bars = "\(data) using 1:2:3 with yerrorbars \(color) pointsize 0 linewidth 0.7 notitle"
    let isRepeated = curve.points.contains { $0.y.standardError != nil }
    return (isRepeated ? [bars] : []) + [
      "\(data) using 1:2 with linespoints \(color) pointtype \(Style.marker(index)) title \(name(curve).quoted)"
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
          + "fillcolor rgb '\(Style.color(index))' fillstyle solid 0.15 noborder")
    }
    // A curve without points of its own is named by its line.
    let title = curve.points.isEmpty ? "title \((name(curve) + ", infinite " + .symbol("N")).quoted)" : "notitle"
    parts.append("\(y) with lines linecolor rgb '\(Style.color(index))' dashtype \(Style.dashes(index)) \(title)")
    return parts
  }

  /// Open markers, in the colour of the curve of the same architecture where there is one.
  private func sampledParts(to figure: inout Figure) -> [String] {
    Set(sampled.map(\.architecture)).sorted().enumerated().flatMap { offset, architecture in
      let rows = sampled.filter { $0.architecture == architecture }.sorted { $0.x < $1.x }
      let data = figure.data(rows.map { [$0.x, $0.y, $0.standardError ?? 0] })
      let matching = curves.indices.filter { (curves[$0].key[.architecture] ?? .text(architecture)) == .text(architecture) }
      let index = matching.count == 1 ? matching[0] : curves.count + offset
      let color = "linecolor rgb '\(Style.color(index))'"
      let name = architectureName(architecture) + ", sampled"
      return [
        "\(data) using 1:2:3 with yerrorbars \(color) pointsize 0 linewidth 0.7 notitle",
        "\(data) using 1:2 with points \(color) pointtype \(Style.openMarker(index)) pointsize 0.9 linewidth 1 "
          + "title \(name.quoted)",
      ]
    }
  }
}
