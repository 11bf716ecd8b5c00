internal import Foundation
internal import RenormFiles

/// Predicted means with error bars of one standard deviation: against the targets for regression, sorted within
/// each class for classification; or, of more points than can be told apart, how often classes are taken for
/// others.
public struct PredictionsPlot: Sendable {
  /// What is drawn of classes.
  public enum View: String, CaseIterable, Sendable {
    /// Every point, with its error bar.
    case points
    /// The confusion matrix, and the spread of margins in each class.
    case confusion
  }

  /// The largest number of points of more than two classes that are drawn one by one unless asked for.
  static let largestPointCount = 250

  private let table: PredictionsFile
  private let noise: Double
  private let view: View

  /// - Parameters:
  ///   - noise: T in the units of the targets, added to the variance of f so that bars are those of a label; 0
  ///     shows the variance of f.
  ///   - view: nil takes `confusion` for many points of more than two classes, else `points`.
  /// - Throws: `PlotError.unsuitable` for the confusion matrix of regression.
  public init(_ table: PredictionsFile, noise: Double = 0, view: View? = nil) throws(PlotError) {
    if view == .confusion, table.content == .regression {
      throw .unsuitable("\(table.path): the targets are numbers, of which there is no confusion matrix")
    }
    let isCrowded = table.outputs > 1 && table.count > Self.largestPointCount
    self.table = table
    self.noise = noise
    self.view = view ?? (isCrowded ? .confusion : .points)
  }

  /// The picture.
  public var figure: Figure {
    var figure: Figure
    switch (table.content, view) {
    case (.regression, _): figure = regression
    case (.twoClasses(let names), .points): figure = twoClasses(names)
    case (.twoClasses(let names), .confusion): figure = confusion(names ?? ["−1", "+1"])
    case (.classes(let labels), .points): figure = classes(labels)
    case (.classes(let labels), .confusion): figure = confusion(labels)
    }
    figure.warnings = table.warnings
    return figure
  }

  private func confusion(_ labels: [ClassLabel]) -> Figure {
    ConfusionView(table, labels: labels, noise: noise).figure
  }

  private static let meanLabel = "predicted mean of " + .symbol("f") + "(" + .symbol("x") + ")"

  /// Markers shrink where there are many.
  private var pointSize: Double { table.count > 500 ? 0.18 : table.count > 200 ? 0.25 : 0.4 }

  /// What the bars mean, for the title.
  private var bars: GnuplotText {
    noise > 0
      ? "bars: ±1 s.d. of a label, var " + .symbol("f") + " + " + GnuplotText(markup: shortNumber(noise))
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
      parts += Style.barsAndPoints(name, output, size: pointSize, crowd: table.count, title: title)
    }
    figure.plot(parts)
    return figure
  }

  /// The points of both classes side by side, sorted by mean.
  private func twoClasses(_ names: [ClassLabel]?) -> Figure {
    let texts = names.map { names in
      zip(names, ["−1", "+1"]).map { "\(ClassNames.cut($0.description)) (\($1))" }
    }
    let tics = zip(texts ?? ["−1", "+1"], [0.5, 1.6]).map { "\(GnuplotText.plain($0).quoted) \($1)" }
    var figure = Figure(height: 6)
    figure.label("title", heading)
    figure.add("set xrange [-0.05:2.15]", "set xtics scale 0 (\(tics.joined(separator: ", ")))")
    figure.label("ylabel", Self.meanLabel)
    figure.label("xlabel", names == nil ? "target; points sorted by mean" : "class; points sorted by mean")
    var parts = ["0 with lines linecolor rgb '\(Style.grey)' dashtype 2 notitle"]
    for (index, sign) in [-1.0, 1].enumerated() {
      let members = (0..<table.count).filter { table.targets[0][$0] == sign }
      let name = figure.data(sorted(members, start: 1.1 * Double(index)) { _ in 0 })
      parts += Style.barsAndPoints(name, index, size: pointSize, crowd: table.count, title: nil)
    }
    figure.plot(parts)
    return figure
  }

  /// The output of a point's own class; points whose largest output is another are marked.
  private func classes(_ labels: [ClassLabel]) -> Figure {
    let length = 1.1 * Double(labels.count)
    let names = ClassNames(
      labels, at: labels.indices.map { 1.1 * Double($0) + 0.5 }, unit: (PictureSize.width - 1.7) / length)
    let below = names.areUpright ? names.width : 0
    var figure = Figure(height: 6 + below)
    figure.add("set xrange [-0.05:\(length)]", names.horizontal(offset: "0,0"))
    figure.label("ylabel", "mean output of the true class")
    figure.label("xlabel", "class; points sorted by mean")
    figure.titleAboveKey(heading, entries: ["right", "wrong"])
    figure.add("set bmargin at screen \((1.15 + below) / (6 + below))")
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
      parts += Style.barsAndPoints(
        figure.data(rows), isRight ? 0 : 1, size: pointSize, crowd: table.count, title: .plain(title))
    }
    figure.plot(parts)
    return figure
  }

  private var heading: GnuplotText {
    GnuplotText(markup: table.accuracy.map { "accuracy \(shortNumber($0)); " } ?? "") + bars
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
