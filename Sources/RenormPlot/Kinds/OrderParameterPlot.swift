internal import Foundation
internal import LinearAlgebra

/// The order parameter as a heat map over pairs of positions, and its diagonal where the positions lie on the
/// image, over the mean training image. Shown is the change from infinite width.
public struct OrderParameterPlot: Sendable {
  private let source: OrderParameterSource
  private let scale: SignedScale

  /// - Parameter scale: of the colours; `symlog` shows small elements beside large ones.
  /// - Throws: `PlotError.unsuitable` where the order parameter is one number, or fixed by infinite width.
  public init(_ source: OrderParameterSource, scale: SignedScale.Kind = .linear) throws(PlotError) {
    let hint = "; `renorm plot error` draws results against width"
    if source.width == .infinite {
      throw .unsuitable(
        "at infinite width the order parameter is that of the prior: there is nothing to draw" + hint)
    }
    if source.matrix.rows == 1 {
      throw .unsuitable(
        "the order parameter of this network (\(source.architecture)) is a single number, "
          + "\(shortNumber(source.matrix[0, 0])): there is no matrix to draw" + hint)
    }
    if source.readout == "mean-pool", source.index == .position {
      throw .unsuitable(
        "with mean pooling one number renormalizes the kernel: there is no matrix to draw" + hint)
    }
    self.source = source
    self.scale = SignedScale(scale, of: (source.matrix - source.reference).elements)
  }

  private var change: Matrix { source.matrix - source.reference }

  private var title: GnuplotText {
    let width = source.width.units.map { ", " + .symbol("N") + GnuplotText(markup: " = \($0)") } ?? ""
    return architectureName(source.architecture) + width + ": change of " + .symbol("Q")
      + " from infinite width"
  }

  /// What the colours mean.
  private var colorLabel: GnuplotText {
    .symbol("Q", subscript: "ij") + " − "
      + .symbol(source.readout == "independent" ? "δ" : "S", subscript: "ij")
      + (scale.kind == .linear ? "" : "  (symmetric log)")
  }

  /// The picture.
  public var figure: Figure { source.index == .output ? outputs : positions }

  /// The centimetres of a side of the matrix and of the image.
  private static let side = 3.0

  /// The matrix over positions, its diagonal on the image, and one colour bar for both.
  private var positions: Figure {
    let height = 5.9
    var figure = Figure(height: height)
    let (top, bottom) = (1 - 0.8 / height, 1 - (0.8 + Self.side) / height)
    figure.add(Style.diverging, "unset key", "set size ratio -1")
    figure.add(scale.commands(labelsPerSide: 3))
    figure.add(
      "set colorbox horizontal user origin screen 0.17,\(1.05 / height) size screen 0.66,\(0.17 / height)",
      "set cbtics scale 0.5 offset 0,0.4")
    figure.label("multiplot title", title, "offset 0,0.3")
    figure.label("cblabel", colorLabel, "offset 0,0.6")
    figure.add("set tmargin at screen \(top)", "set bmargin at screen \(bottom)")
    figure.add("set lmargin at screen 0.12", "set rmargin at screen \(0.12 + Self.side / PictureSize.width)")
    let step = tickStep(source.matrix.rows)
    figure.add("set xtics \(step) offset 0,0.3", "set ytics \(step)")
    addMatrix("position", to: &figure)
    figure.add(
      "set lmargin at screen 0.61", "set rmargin at screen \(0.61 + Self.side / PictureSize.width)",
      "unset colorbox")
    addImage(to: &figure)
    figure.add("unset multiplot")
    return figure
  }

  /// The matrix over outputs, with the names of classes.
  private var outputs: Figure {
    let count = source.matrix.rows
    let labels = source.classes ?? (0..<count).map { .integer($0) }
    let names = { ClassNames(labels, at: (0..<count).map(Double.init), unit: $0 / Double(count)) }
    let (left, above) = (max(1.2, 0.75 + names(1).width), 0.8)
    let side = min(5.2, PictureSize.width - left - 1.95)
    let below = names(side).areUpright ? 0.7 + names(side).width : 1
    let height = above + side + below
    let width = PictureSize.width
    var figure = Figure(height: height)
    figure.add(Style.diverging, "unset key", "set size ratio -1")
    figure.add(scale.commands(labelsPerSide: 4))
    figure.add(
      "set lmargin at screen \(left / width)", "set rmargin at screen \((left + side) / width)",
      "set tmargin at screen \(1 - above / height)", "set bmargin at screen \(below / height)")
    figure.add(
      "set colorbox vertical user origin screen \((left + side + 0.15) / width),\(below / height) "
        + "size screen \(0.17 / width),\(side / height)", "set cbtics scale 0.5 offset -0.5,0")
    figure.add("set label \(title.quoted) at screen 0.5,\(1 - 0.35 / height) center")
    figure.label("cblabel", colorLabel, "offset 0,0")
    figure.add(names(side).horizontal(offset: "0,0.4"), names(side).vertical(offset: "0.4,0"))
    addMatrix(source.classes == nil ? "output" : "class", offsets: names(side).labelOffset, to: &figure)
    return figure
  }

  private func addMatrix(
    _ name: String, offsets: (horizontal: String, vertical: String) = ("offset 0,0.7", "offset 0.3"),
    to figure: inout Figure
  ) {
    let matrix = figure.data(change)
    let last = Double(source.matrix.rows) - 0.5
    figure.add("set xrange [-0.5:\(last)]", "set yrange [\(last):-0.5]")
    figure.label("xlabel", .plain(name + " ") + .symbol("j"), offsets.horizontal)
    figure.label("ylabel", .plain(name + " ") + .symbol("i"), offsets.vertical)
    let cells = source.matrix.elements.count
    figure.plot(["\(matrix) matrix using 1:2:(scaled($3)) \(Figure.image("image", cells: cells))"])
  }

  /// The grid of positions over the image, in pixels.
  private func addImage(to figure: inout Figure) {
    let (image, grid, stride) = (source.grid.image, source.grid, source.stride)
    let diagonal = change.diagonal
    let centres = (0..<grid.positions).map { i -> [Double] in
      let top = Double(i / grid.columns * stride.height)
      let left = Double(i % grid.columns * stride.width)
      // Pixels have their centres at whole numbers.
      return [left + Double(grid.mask.width - 1) / 2, top + Double(grid.mask.height - 1) / 2, diagonal[i]]
    }
    let radius = 0.36 * Double(min(stride.height, stride.width))
    let discs = figure.data(centres)
    figure.add(
      "set xrange [-0.5:\(Double(image.width) - 0.5)]", "set yrange [\(Double(image.height) - 0.5):-0.5]",
      "set xtics \(tickStep(image.width))", "set ytics \(tickStep(image.height))",
      "set style fill solid 1 border rgb 'black'")
    figure.label("xlabel", "pixel column", "offset 0,0.7")
    figure.label("ylabel", "pixel row", "offset 0.3")
    var parts: [String] = []
    if let mean = source.meanImage {
      // Light, so that the discs stand out.
      let level = { (channel: Int, pixel: Int) in
        (120 + 135 * mean[(channel < image.channels ? channel : 0) * image.height * image.width + pixel])
          .rounded()
      }
      let channels = image.channels == 3 ? [0, 1, 2] : [0, 0, 0]
      let pixels = figure.data(
        (0..<image.height * image.width).map { pixel in
          [Double(pixel % image.width), Double(pixel / image.width)] + channels.map { level($0, pixel) }
        })
      parts.append("\(pixels) using 1:2:3:4:5 \(Figure.image("rgbimage", cells: image.height * image.width))")
    }
    parts.append(
      "\(discs) using 1:2:(\(radius)):(scaled($3)) with circles fillcolor palette linewidth 0.3")
    figure.plot(parts)
  }
}

/// The distance between labels of `count` things, so that some six are labelled.
func tickStep(_ count: Int) -> Int {
  var step = 1
  for factor in [2, 5, 10, 20, 50, 100, 200, 500, 1000] where count > 6 * step { step = factor }
  return step
}
