internal import Foundation
internal import LinearAlgebra
public import Renorm
public import RenormFiles

/// The similarity of hidden representations of training examples at a pair of positions, before and after
/// training, and what training changes. Examples are ordered by class, or by target.
public struct SimilarityPlot: Sendable {
  private let before: Matrix
  private let after: Matrix
  private let warnings: [String]
  /// The class of every example in the order of the picture; nil for regression.
  private let labels: [ClassLabel]?
  private let title: GnuplotText

  /// - Parameters:
  ///   - positions: the pair (i, j); nil takes twice the position with the largest order parameter with itself.
  ///   - count: the number of examples, the first of the training set.
  /// - Throws: `RenormError` as `Posterior.similarity`, `PlotError.unsuitable` at infinite width and for fewer
  ///   than two examples.
  public init(_ posterior: Posterior, positions: (i: Int, j: Int)? = nil, count: Int = 60) throws {
    guard let width = posterior.network.width.units else {
      throw PlotError.unsuitable(
        "at infinite width training does not change the similarity: there is nothing to draw")
    }
    let count = min(count, posterior.training.count)
    guard count > 1 else { throw PlotError.unsuitable("a similarity matrix needs at least two examples") }
    let strongest = Self.strongest(posterior)
    let (i, j) = positions ?? (strongest, strongest)
    let training = posterior.training
    let order: [Int]
    (order, labels) = Self.order(training.targets, training.classes, count: count)
    let similarity = try posterior.similarity(of: training.inputs.selectingColumns(order), positions: i, j)
    before = similarity.before
    after = similarity.after
    warnings = similarity.warnings
    title = Self.title(posterior.network.architecture.name, width, posterior.grid.positions, i, j)
  }

  /// Sampled similarities: exact for any activation and width, up to Monte Carlo noise.
  ///
  /// - Parameters:
  ///   - positions: the pair (i, j); nil takes the pair that changes most.
  ///   - count: the largest number of examples.
  /// - Throws: `PlotError.unsuitable` for a pair that was not sampled and for fewer than two examples.
  public init(_ sampled: SimilarityRecord, positions: (i: Int, j: Int)? = nil, count: Int = 60) throws {
    let count = min(count, sampled.targets.rows)
    guard count > 1 else { throw PlotError.unsuitable("a similarity matrix needs at least two examples") }
    let (i, j) = positions ?? Self.mostChanged(sampled)
    let order: [Int]
    (order, labels) = Self.order(sampled.targets, sampled.metadata.classes, count: count)
    guard let pair = sampled.pair(i, j) else {
      throw PlotError.unsuitable("the file does not hold the pair of positions \(i),\(j)")
    }
    before = Matrix(rows: count, columns: count) { pair.before[order[$0], order[$1]] }
    after = Matrix(rows: count, columns: count) { pair.after[order[$0], order[$1]] }
    warnings = []
    title =
      Self.title(
        sampled.metadata.architecture, sampled.metadata.width, sampled.metadata.positions, i, j)
      + ", sampled"
  }

  private static func mostChanged(_ sampled: SimilarityRecord) -> (i: Int, j: Int) {
    let changes = sampled.pairs.map { ($0.after - $0.before).elements.reduce(0) { $0 + $1 * $1 } }
    return changes.indices.max { changes[$0] < changes[$1] }.map { (sampled.pairs[$0].i, sampled.pairs[$0].j) }
      ?? (0, 0)
  }

  /// The first examples ordered by class, or by target; and their labels.
  private static func order(_ targets: Matrix, _ classes: [ClassLabel]?, count: Int) -> (order: [Int], labels: [ClassLabel]?)
  {
    let places = Self.classes(targets, classes)
    let keys = (0..<count).map { places?[$0].0 ?? targets[$0, 0] }
    let order = (0..<count).sorted { (keys[$0], $0) < (keys[$1], $1) }
    return (order, places.map { places in order.map { places[$0].1 } })
  }

  private static func title(
    _ architecture: String, _ width: Int, _ positions: Int, _ i: Int, _ j: Int
  ) -> GnuplotText {
    let place: [GnuplotText] =
      positions == 1 ? [] : [i == j ? .plain("position \(i)") : .plain("positions \(i) and \(j)")]
    return ([architectureName(architecture), .symbol("N") + GnuplotText(markup: " = \(width)")] + place)
      .joined()
  }

  private static func strongest(_ posterior: Posterior) -> Int {
    let diagonal = posterior.orderParameter.diagonal
    guard diagonal.count == posterior.grid.positions else { return 0 }
    return diagonal.indices.max { diagonal[$0] < diagonal[$1] } ?? 0
  }

  /// The place of every example's class in the order of the outputs, and its label; nil for regression.
  private static func classes(_ targets: Matrix, _ classes: [ClassLabel]?) -> [(Double, ClassLabel)]? {
    classes.map { classes in
      (0..<targets.rows).map { row in
        let values = targets.row(row)
        let place =
          values.count == 1 ? (values[0] > 0 ? 1 : 0) : values.indices.max { values[$0] < values[$1] } ?? 0
        return (Double(place), classes[place])
      }
    }
  }

  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: 4.6)
    figure.warnings = warnings
    let change = after - before
    let both = before.elements + after.elements
    let (low, high) = (both.min() ?? 0, both.max() ?? 1)
    let isSigned = low < -0.05 * abs(high)
    let limit = max(abs(low), abs(high))
    let changeLimit = max(change.elements.reduce(0) { max($0, abs($1)) }, 1e-12)
    figure.label("multiplot title", title, "offset 0,0.4")
    figure.add("unset key", "set size ratio -1", "set colorbox horizontal", "set cbtics scale 0.5 offset 0,0.5")
    figure.add(isSigned ? Style.diverging : Style.sequential)
    figure.add(
      "set cbrange [\(isSigned ? -limit : low):\(isSigned ? limit : high)]",
      "set cbtics \(Self.niceStep(isSigned ? limit : (high - low) / 2))")
    frame(&figure, left: 0.09, showsLabels: true)
    figure.add("set colorbox user origin screen 0.14,0.15 size screen 0.44,0.035")
    panel(before, "before", to: &figure)
    frame(&figure, left: 0.37, showsLabels: false)
    figure.add("unset colorbox")
    panel(after, "after", to: &figure)
    frame(&figure, left: 0.7, showsLabels: false)
    figure.add(
      Style.diverging, "set cbrange [\(-changeLimit):\(changeLimit)]",
      "set cbtics \(Self.niceStep(changeLimit))",
      "set colorbox horizontal user origin screen 0.7,0.15 size screen 0.26,0.035")
    panel(change, "difference", to: &figure)
    figure.add("unset multiplot")
    return figure
  }

  /// A round number that puts one label on each side of zero.
  private static func niceStep(_ limit: Double) -> String {
    let power = pow(10, floor(log10(limit * 0.9)))
    return shortest(floor(limit * 0.9 / power) * power)
  }

  /// A number without the digits that rounding adds.
  private static func shortest(_ value: Double) -> String { String(format: "%.3g", value) }

  private func frame(_ figure: inout Figure, left: Double, showsLabels: Bool) {
    figure.add(
      "set lmargin at screen \(left)", "set rmargin at screen \(left + 0.26)", "set tmargin at screen 0.79",
      "set bmargin at screen 0.31")
    let last = Double(before.rows) - 0.5
    figure.add("set xrange [-0.5:\(last)]", "set yrange [\(last):-0.5]")
    guard let labels else {
      figure.add("unset xtics", "unset ytics")
      figure.label("ylabel", showsLabels ? "examples by target" : "")
      return
    }
    let blocks = Self.blocks(labels)
    let tics = blocks.map { block in
      "\(GnuplotText.plain("\(labels[block.lowerBound])").quoted) \(Double(block.lowerBound + block.upperBound - 1) / 2)"
    }.joined(separator: ", ")
    figure.add("set xtics scale 0 offset 0,0.4 (\(tics))")
    figure.add(showsLabels ? "set ytics scale 0 offset 0.4,0 (\(tics))" : "unset ytics")
    figure.label("ylabel", showsLabels ? "class" : "")
    figure.add("unset arrow")
    for block in blocks.dropFirst() {
      let edge = Double(block.lowerBound) - 0.5
      let line = "nohead front linewidth 0.4 linecolor rgb 'black'"
      figure.add(
        "set arrow from first \(edge), graph 0 to first \(edge), graph 1 \(line)",
        "set arrow from graph 0, first \(edge) to graph 1, first \(edge) \(line)")
    }
  }

  /// The ranges of equal labels.
  private static func blocks(_ labels: [ClassLabel]) -> [Range<Int>] {
    var starts = labels.indices.filter { $0 == 0 || labels[$0] != labels[$0 - 1] }
    starts.append(labels.count)
    return zip(starts, starts.dropFirst()).map { $0..<$1 }
  }

  private func panel(_ matrix: Matrix, _ name: GnuplotText, to figure: inout Figure) {
    figure.label("title", name)
    let data = figure.data(matrix)
    figure.plot(["\(data) matrix \(Figure.image("image", cells: matrix.elements.count))"])
  }
}
