internal import Foundation
internal import LinearAlgebra
public import Renorm
public import RenormFiles
internal import RenormNextOrder

/// The similarity of hidden representations of training examples at a pair of positions, before and after
/// training, and what training changes. Examples are ordered by class, or by target.
public struct SimilarityPlot: Sendable {
  private let before: Matrix
  private let after: Matrix
  private let warnings: [String]
  /// Whether `after` is that of Gaussian features, which is not all of it.
  private let isGaussianPart: Bool
  private let scale: SignedScale.Kind
  /// The class of every example in the order of the picture; nil for regression.
  private let labels: [ClassLabel]?
  private let title: GnuplotText

  /// - Parameters:
  ///   - positions: the pair (i, j); nil takes twice the position with the largest order parameter with itself.
  ///   - count: the number of examples, the first of the training set.
  ///   - scale: of the colours of the difference.
  /// - Throws: `RenormError` as `Posterior.similarity`, `PlotError.unsuitable` at infinite width and for fewer
  ///   than two examples.
  public init(
    _ posterior: Posterior, positions: (i: Int, j: Int)? = nil, count: Int = 60,
    scale: SignedScale.Kind = .linear
  ) throws {
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
    let inputs = training.inputs.selectingColumns(order)
    let isLinear = posterior.network.activation.isLinear
    if !isLinear, (try? posterior.network.checkHiddenUnit(outputs: training.outputs)) != nil {
      let similarity = try posterior.nextOrderSimilarity(of: inputs, positions: i, j)
      (before, after) = (similarity.before, similarity.after)
      warnings = Self.noiseWarning(similarity)
      isGaussianPart = false
    } else {
      let similarity = try posterior.similarity(of: inputs, positions: i, j)
      (before, after) = (similarity.before, similarity.after)
      warnings = similarity.warnings
      isGaussianPart = !isLinear
    }
    self.scale = scale
    title = Self.title(posterior.network.architecture.name, width, posterior.grid.positions, i, j)
  }

  /// Sampled similarities: exact for any activation and width, up to Monte Carlo noise.
  ///
  /// - Parameters:
  ///   - positions: the pair (i, j); nil takes the pair that changes most.
  ///   - count: the largest number of examples.
  ///   - scale: of the colours of the difference.
  /// - Throws: `PlotError.unsuitable` for a pair that was not sampled and for fewer than two examples.
  public init(
    _ sampled: SimilarityRecord, positions: (i: Int, j: Int)? = nil, count: Int = 60,
    scale: SignedScale.Kind = .linear
  ) throws {
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
    isGaussianPart = false
    self.scale = scale
    title =
      Self.title(
        sampled.metadata.architecture, sampled.metadata.width, sampled.metadata.positions, i, j)
      + ", sampled"
  }

  /// Where draws leave more than a tenth of the change uncertain.
  private static func noiseWarning(_ similarity: NextOrderSimilarity) -> [String] {
    let change = similarity.change
    let size = (change.innerProduct(change) / Double(max(change.rows * change.columns, 1))).squareRoot()
    guard similarity.standardError > 0.1 * size else { return [] }
    return [
      "the change of the similarity has a standard error of \(similarity.standardError) from "
        + "\(similarity.draws) draws of a hidden unit; its size is \(size)"
    ]
  }

  private static func mostChanged(_ sampled: SimilarityRecord) -> (i: Int, j: Int) {
    let changes = sampled.pairs.map { ($0.after - $0.before).elements.reduce(0) { $0 + $1 * $1 } }
    return changes.indices.max { changes[$0] < changes[$1] }.map { (sampled.pairs[$0].i, sampled.pairs[$0].j) }
      ?? (0, 0)
  }

  /// The first examples ordered by class, or by target; and their labels.
  private static func order(_ targets: Matrix, _ classes: [ClassLabel]?, count: Int) -> (
    order: [Int], labels: [ClassLabel]?
  ) {
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
    var figure = Figure(height: height)
    figure.warnings = warnings
    let change = after - before
    let both = before.elements + after.elements
    let (low, high) = (both.min() ?? 0, both.max() ?? 1)
    let isSigned = low < -0.05 * abs(high)
    let limit = max(abs(low), abs(high))
    figure.label("multiplot title", title, "offset 0,0.3")
    figure.add("unset key", "set size ratio -1")
    figure.add(isSigned ? Style.diverging : Style.sequential)
    figure.add(
      "set cbrange [\(isSigned ? -limit : low):\(isSigned ? limit : high)]",
      "set cbtics \(Self.niceStep(isSigned ? limit : (high - low) / 2)) scale 0.5 offset 0,0.5")
    let (first, second, third) = (left, left + side + 0.2, PictureSize.width - side - 0.35)
    frame(&figure, left: first, showsLabels: true)
    let bar = colorBar(from: first + 0.4, width: second - first + side - 0.8)
    figure.add(bar)
    panel(before, "before", to: &figure)
    frame(&figure, left: second, showsLabels: false)
    figure.add("unset colorbox")
    if isGaussianPart { figure.add("set label 1 'Gaussian part' at graph 0.5,1 center offset 0,0.7") }
    panel(after, "after", to: &figure)
    frame(&figure, left: third, showsLabels: false)
    figure.add(Style.diverging)
    figure.add(SignedScale(scale, of: change.elements).commands(labelsPerSide: 1))
    figure.add("set cbtics scale 0.5 offset 0,0.5", colorBar(from: third, width: side))
    if scale == .symlog { figure.label("cblabel", "symmetric log", "offset 0,0.9") }
    panel(change, "difference", isScaled: true, to: &figure)
    figure.add("unset multiplot")
    return figure
  }

  /// The centimetres of a side of a panel, with names of classes to the left of the first.
  private var side: Double { min(2.15, (PictureSize.width - left - 0.9) / 3) }

  /// The classes at the middle of their blocks.
  private var names: ClassNames? {
    labels.map { labels in
      let blocks = Self.blocks(labels)
      return ClassNames(
        blocks.map { labels[$0.lowerBound] }, at: blocks.map { Double($0.lowerBound + $0.upperBound - 1) / 2 },
        unit: side / Double(before.rows))
    }
  }
  private var left: Double { labels.map { 0.4 + ClassNames($0, at: [], unit: 1).width } ?? 0.75 }
  /// The place of the colour bars above the lower end, with room for a remark on the scale.
  private var barHeight: Double { scale == .linear ? 0.65 : 0.9 }
  private var below: Double { barHeight + 0.6 + (names.map { $0.areUpright ? $0.width + 0.1 : 0.3 } ?? 0) }
  private var above: Double { isGaussianPart ? 1.35 : 1.05 }
  private var height: Double { above + side + below }

  private func colorBar(from left: Double, width: Double) -> String {
    let whole = PictureSize.width
    return "set colorbox horizontal user origin screen \(left / whole),\(barHeight / height) "
      + "size screen \(width / whole),\(0.17 / height)"
  }

  /// A round number that puts one label on each side of zero.
  private static func niceStep(_ limit: Double) -> String {
    let power = pow(10, floor(log10(limit * 0.9)))
    return shortest(floor(limit * 0.9 / power) * power)
  }

  /// A number without the digits that rounding adds.
  private static func shortest(_ value: Double) -> String { String(format: "%.3g", value) }

  private func frame(_ figure: inout Figure, left: Double, showsLabels: Bool) {
    let width = PictureSize.width
    figure.add(
      "set lmargin at screen \(left / width)", "set rmargin at screen \((left + side) / width)",
      "set tmargin at screen \(1 - above / height)", "set bmargin at screen \(below / height)")
    let last = Double(before.rows) - 0.5
    figure.add("set xrange [-0.5:\(last)]", "set yrange [\(last):-0.5]")
    guard let labels, let names else {
      figure.add("unset xtics", "unset ytics")
      figure.label("ylabel", showsLabels ? "examples by target" : "")
      return
    }
    let blocks = Self.blocks(labels)
    figure.add(names.horizontal(offset: "0,0.4"), showsLabels ? names.vertical(offset: "0.4,0") : "unset ytics")
    figure.label("ylabel", "")
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

  private func panel(_ matrix: Matrix, _ name: GnuplotText, isScaled: Bool = false, to figure: inout Figure) {
    figure.label("title", name, isGaussianPart ? "offset 0,0.5" : "")
    let data = figure.data(matrix)
    let colors = isScaled ? " using 1:2:(scaled($3))" : ""
    figure.plot(["\(data) matrix\(colors) \(Figure.image("image", cells: matrix.elements.count))"])
  }
}
