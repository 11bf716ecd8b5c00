internal import Foundation
internal import RenormFiles

/// Predictions of many points in few marks: how often points of each class are predicted as each, and beside
/// it, class by class, the margin: the mean output of the true class less the largest other. A point is right
/// where it is positive.
struct ConfusionView {
  /// Quantiles of the margins of a class.
  struct Spread: Equatable {
    /// The ends of the middle 90 and 50 percent.
    let outer, inner: (low: Double, high: Double)
    let median: Double

    static func == (a: Spread, b: Spread) -> Bool {
      a.outer == b.outer && a.inner == b.inner && a.median == b.median
    }
  }

  let labels: [ClassLabel]
  /// Points of the class of a row that are predicted as the class of a column.
  let counts: [[Int]]
  /// Nil for a class without points.
  let spreads: [Spread?]
  private let title: GnuplotText
  private let isPair: Bool

  init(_ table: PredictionsFile, labels: [ClassLabel], noise: Double) {
    self.labels = labels
    isPair = table.outputs == 1
    var counts = labels.map { _ in labels.map { _ in 0 } }
    var margins: [[Double]] = labels.map { _ in [] }
    for point in 0..<table.count {
      let (own, margin) = Self.margin(table, point)
      counts[own][table.predictedClass(point)] += 1
      margins[own].append(margin)
    }
    self.counts = counts
    spreads = margins.map { Self.spread($0.sorted()) }
    let deviations = (0..<table.outputs).flatMap { output in
      (0..<table.count).map { table.deviation(output, $0, noise: noise) }
    }
    title =
      .plain("\(table.count) points, accuracy \(shortNumber(table.accuracy ?? 0)); median s.d. of ")
      + (noise > 0 ? "a label " : .symbol("f") + " ")
      + GnuplotText(markup: Self.twoDigits(Self.quantile(deviations.sorted(), 0.5)))
  }

  /// The class of a point, and its margin.
  private static func margin(_ table: PredictionsFile, _ point: Int) -> (class: Int, margin: Double) {
    guard table.outputs > 1 else {
      let (mean, isSecond) = (table.means[0][point], table.targets[0][point] > 0)
      return isSecond ? (1, mean) : (0, -mean)
    }
    let own = table.trueOutput(point)
    let others = (0..<table.outputs).filter { $0 != own }.map { table.means[$0][point] }
    return (own, table.means[own][point] - (others.max() ?? 0))
  }

  private static func spread(_ sorted: [Double]) -> Spread? {
    guard !sorted.isEmpty else { return nil }
    let quantile = { Self.quantile(sorted, $0) }
    return Spread(
      outer: (quantile(0.05), quantile(0.95)), inner: (quantile(0.25), quantile(0.75)), median: quantile(0.5))
  }

  /// Linear between the values: the first is the quantile 0, the last 1.
  static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let place = share * Double(sorted.count - 1)
    let (low, high) = (Int(place), min(Int(place) + 1, sorted.count - 1))
    return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
  }

  private static func twoDigits(_ value: Double) -> String {
    shortNumber(Double(String(format: "%.2g", value)) ?? value)
  }

  /// The picture.
  var figure: Figure {
    let count = labels.count
    let names = { ClassNames(labels, at: (0..<count).map(Double.init), unit: $0 / Double(count)) }
    let left = 0.65 + names(1).width
    let side = min(4.1, 0.56 * (PictureSize.width - left - 0.7))
    let (above, below) = (1.25, 0.95 + (names(side).areUpright ? names(side).width : 0.1))
    let height = above + side + below
    var figure = Figure(height: height)
    let screen = { (centimetres: Double) in "at screen \(centimetres / PictureSize.width)" }
    figure.label("multiplot title", title, "offset 0,0.3")
    figure.add(
      "unset key", "set tmargin at screen \(1 - above / height)", "set bmargin at screen \(below / height)",
      "set lmargin \(screen(left))", "set rmargin \(screen(left + side))")
    figure.add("set yrange [\(Double(count) - 0.5):-0.5]", "set title offset 0,-0.6")
    figure.add(names(side).horizontal(offset: "0,0.4"), names(side).vertical(offset: "0.4,0"))
    addCounts(names(side), cell: side / Double(count), to: &figure)
    figure.add("set lmargin \(screen(left + side + 0.35))", "set rmargin \(screen(PictureSize.width - 0.3))")
    addMargins(cell: side / Double(count), to: &figure)
    figure.add("unset multiplot")
    return figure
  }

  private func addCounts(_ names: ClassNames, cell: Double, to figure: inout Figure) {
    let shares = counts.map { row in row.map { Double($0) / Double(max(row.reduce(0, +), 1)) } }
    let matrix = figure.data(shares.map { $0.map { $0 * 100 } })
    figure.add(
      Style.share, "set cbrange [0:100]", "unset colorbox", "set xrange [-0.5:\(Double(labels.count) - 0.5)]")
    figure.label("title", "percent of each class")
    figure.label("xlabel", "predicted class", names.labelOffset.horizontal)
    figure.label("ylabel", "true class", names.labelOffset.vertical)
    var parts = ["\(matrix) matrix \(Figure.image("image", cells: labels.count * labels.count))"]
    if cell >= Self.smallestCell {
      let cells = labels.indices.flatMap { row in
        labels.indices.filter { counts[row][$0] > 0 }.map { [Double($0), Double(row), shares[row][$0] * 100] }
      }
      let size = min(0.9, cell / 0.4)
      for (isDark, color) in [(false, "black"), (true, "white")] {
        let rows = cells.filter { ($0[2] > 45) == isDark }
        guard !rows.isEmpty else { continue }
        // Three digits are smaller.
        let text = "sprintf('{/*%g %.0f}', $3 < 99.5 ? \(shortNumber(size)) : \(shortNumber(0.85 * size)), $3)"
        parts.append("\(figure.data(rows)) using 1:2:(\(text)) with labels textcolor rgb '\(color)'")
      }
    }
    figure.plot(parts)
  }

  /// The centimetres of a cell that has room for its number.
  private static let smallestCell = 0.28

  private func addMargins(cell: Double, to figure: inout Figure) {
    let known = spreads.compactMap { $0 }
    let ends: [Double] = known.map(\.outer.low) + known.map(\.outer.high) + [0]
    let (low, high) = (ends.min() ?? 0, ends.max() ?? 0)
    let margin = max(0.05 * (high - low), 1e-12)
    let step = SignedScale(.linear, of: [(high - low) / 2]).ticks(perSide: 2).last?.value ?? 1
    figure.add(
      "set xrange [\(low - margin):\(high + margin)]", "set xtics \(step) scale 0.6 norotate offset 0,0.3")
    figure.add(
      "unset ytics", "set arrow from 0,graph 0 to 0,graph 1 nohead linecolor rgb '\(Style.grey)' dashtype 2")
    figure.label("title", "middle 50, 90 %")
    figure.label("xlabel", isPair ? "mean · label" : "true − largest other", "offset 0,0.7")
    figure.label("ylabel", "")
    var parts = lines(\.outer, to: &figure) { ends, index in
      [ends.low, index, ends.high - ends.low]
    } style: {
      "using 1:2:3:(0) with vectors nohead linewidth 0.7 linecolor rgb '\($0)'"
    }
    parts += lines(\.inner, to: &figure) { ends, index in
      [ends.low, index, ends.low, ends.high, index - 0.2, index + 0.2]
    } style: {
      "using 1:2:3:4:5:6 with boxxyerror fillstyle solid 1 noborder fillcolor rgb '\($0)'"
    }
    let medians = figure.data(
      spreads.enumerated().compactMap { index, spread in spread.map { [$0.median, Double(index)] } })
    parts.append(
      "\(medians) using 1:2 with points pointtype 7 linecolor rgb 'black' "
        + "pointsize \(shortNumber(min(0.35, 1.5 * cell)))"
    )
    figure.plot(parts)
  }

  /// The part of an interval of every class below zero in one colour and that above in another.
  private func lines(
    _ part: KeyPath<Spread, (low: Double, high: Double)>, to figure: inout Figure,
    row: ((low: Double, high: Double), Double) -> [Double], style: (String) -> String
  ) -> [String] {
    [(Style.vermillion, -Double.infinity, 0), (Style.blue, 0, Double.infinity)].compactMap { color, low, high in
      let rows = spreads.enumerated().compactMap { index, spread -> [Double]? in
        guard let ends = spread?[keyPath: part], max(ends.low, low) < min(ends.high, high) else { return nil }
        return row((max(ends.low, low), min(ends.high, high)), Double(index))
      }
      return rows.isEmpty ? nil : "\(figure.data(rows)) \(style(color))"
    }
  }
}

extension PredictionsFile {
  /// The place of the class with the largest output, or of the sign of a single one.
  fileprivate func predictedClass(_ point: Int) -> Int {
    predictedOutput(point)
  }
}
