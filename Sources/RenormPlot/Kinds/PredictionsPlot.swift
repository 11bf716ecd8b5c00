internal import Foundation
internal import RenormFiles

/// Predicted means with error bars of one standard deviation: against the targets for regression, sorted within
/// each class for classification.
public struct PredictionsPlot: Sendable {
  private let table: PredictionsFile
  private let noise: Double

  /// - Parameters:
  ///   - noise: T, added to the variance of f so that bars are those of a label; 0 shows the variance of f.
  public init(_ table: PredictionsFile, noise: Double = 0) {
    self.table = table
    self.noise = noise
  }

  /// The picture.
  public var figure: Figure {
    var figure: Figure
    switch table.content {
    case .regression: figure = regression
    case .twoClasses(let names): figure = twoClasses(names)
    case .classes(let labels): figure = classes(labels)
    }
    figure.warnings = table.warnings
    return figure
  }

  private static let meanLabel = "predicted mean of " + .symbol("f") + "(" + .symbol("x") + ")"

  /// Markers shrink where there are many.
  private var pointSize: Double { table.count > 200 ? 0.25 : 0.4 }

  /// What the bars mean, for the title.
  private var bars: GnuplotText {
    noise > 0
      ? "bars: ±1 s.d. of the label, " + .symbol("T") + GnuplotText(markup: " = \(shortNumber(noise))")
      : "bars: ±1 s.d. of " + .symbol("f") + "(" + .symbol("x") + ")"
  }

  private var regression: Figure {
    var figure = Figure(height: 7.6)
    let ends = (0..<table.outputs).flatMap { output in
      (0..<table.count).flatMap { point in
        let (mean, deviation) = (table.means[output][point], table.deviation(output, point, noise: noise))
        return [mean - deviation, mean + deviation, table.targets[output][point]]
      }
    }
    let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
    let margin = max((high - low) * 0.03, abs(high) * 1e-6, 1e-12)
    figure.label("xlabel", "target " + .symbol("y"))
    figure.label("ylabel", Self.meanLabel)
    figure.label("title", .plain("\(table.count) points; ") + bars)
    figure.add(
      "set size ratio 1", "set key bottom right", "set xrange [\(low - margin):\(high + margin)]",
      "set yrange [\(low - margin):\(high + margin)]")
    var parts = ["x with lines linecolor rgb '\(Style.grey)' dashtype 2 notitle"]
    for output in 0..<table.outputs {
      let name = figure.data(
        (0..<table.count).map { point in
          [
            table.targets[output][point], table.means[output][point],
            table.deviation(output, point, noise: noise),
          ]
        })
      let title: GnuplotText? = table.outputs == 1 ? nil : .plain("output \(output)")
      parts += Style.barsAndPoints(name, output, size: pointSize, title: title)
    }
    figure.plot(parts)
    return figure
  }

  /// The points of both classes side by side, sorted by mean.
  private func twoClasses(_ names: [ClassLabel]?) -> Figure {
    let texts = names.map { ["\($0[0]) (−1)", "\($0[1]) (+1)"] } ?? ["−1", "+1"]
    var figure = classFrame(centres: [(texts[0], 0.5), (texts[1], 1.6)], range: "[-0.05:2.15]")
    figure.label("ylabel", Self.meanLabel)
    figure.label("xlabel", names == nil ? "target; points sorted by mean" : "class; points sorted by mean")
    var parts = ["0 with lines linecolor rgb '\(Style.grey)' dashtype 2 notitle"]
    for (index, sign) in [-1.0, 1].enumerated() {
      let members = (0..<table.count).filter { table.targets[0][$0] == sign }
      let name = figure.data(sorted(members, start: 1.1 * Double(index)) { _ in 0 })
      parts += Style.barsAndPoints(name, index, size: pointSize, title: nil)
    }
    figure.plot(parts)
    return figure
  }

  /// The output of a point's own class; points whose largest output is another are marked.
  private func classes(_ labels: [ClassLabel]) -> Figure {
    let centres = labels.enumerated().map { ("\($1)", 1.1 * Double($0) + 0.5) }
    var figure = classFrame(centres: centres, range: "[-0.05:\(1.1 * Double(labels.count))]")
    figure.label("ylabel", "mean output of the true class")
    figure.label("xlabel", "class; points sorted by mean")
    figure.add("set bmargin 4.5", "set key bmargin center horizontal")
    var parts = [String]()
    for (isRight, title) in [(true, "right"), (false, "wrong")] {
      let rows = labels.indices.flatMap { output in
        let members = (0..<table.count).filter { table.trueOutput($0) == output }
        // All of a class are sorted together, so that the two kinds share one order.
        return zip(members.sorted { table.means[output][$0] < table.means[output][$1] }, 0...).compactMap {
          table.isRight($0) == isRight
            ? row($0, output, x: 1.1 * Double(output) + (Double($1) + 0.5) / Double(members.count)) : nil
        }
      }
      guard !rows.isEmpty else { continue }
      parts += Style.barsAndPoints(figure.data(rows), isRight ? 0 : 1, size: pointSize, title: .plain(title))
    }
    figure.plot(parts)
    return figure
  }

  private func classFrame(centres: [(String, Double)], range: String) -> Figure {
    var figure = Figure(height: 6)
    let accuracy = table.accuracy.map { "accuracy \(shortNumber($0)); " } ?? ""
    let tics = centres.map { "\(GnuplotText.plain($0.0).quoted) \($0.1)" }.joined(separator: ", ")
    figure.label("title", GnuplotText(markup: accuracy) + bars)
    figure.add("set xrange \(range)", "set xtics scale 0 (\(tics))")
    return figure
  }

  private func sorted(_ members: [Int], start: Double, output: (Int) -> Int) -> [[Double]] {
    members.sorted { table.means[output($0)][$0] < table.means[output($1)][$1] }.enumerated().map {
      rank, point in
      row(point, output(point), x: start + (Double(rank) + 0.5) / Double(members.count))
    }
  }

  private func row(_ point: Int, _ output: Int, x: Double) -> [Double] {
    [x, table.means[output][point], table.deviation(output, point, noise: noise)]
  }
}
