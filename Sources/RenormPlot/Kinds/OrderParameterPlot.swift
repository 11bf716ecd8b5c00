internal import Foundation
internal import LinearAlgebra

/// The order parameter as a heat map over pairs of positions, and its diagonal where the positions lie on the
/// image, over the mean training image. Shown is the change from infinite width.
public struct OrderParameterPlot: Sendable {
  private let source: OrderParameterSource

  /// - Throws: `PlotError.unsuitable` where the order parameter is one number, or fixed by infinite width.
  public init(_ source: OrderParameterSource) throws(PlotError) {
    let hint = "; `renorm plot error` draws results against width"
    if source.width == nil {
      throw .unsuitable(
        "at infinite width the order parameter is that of the prior: there is nothing to draw" + hint)
    }
    if source.matrix.rows == 1 {
      throw .unsuitable(
        "the order parameter of this network (\(source.architecture)) is a single number, "
          + "\(shortNumber(source.matrix[0, 0])): there is no matrix to draw" + hint)
    }
    if source.readout == "mean-pool", !source.isOverOutputs {
      throw .unsuitable(
        "with mean pooling one number renormalizes the kernel: there is no matrix to draw" + hint)
    }
    self.source = source
  }

  private var change: Matrix { source.matrix - source.reference }

  /// The largest size of a change, for a scale with zero in its middle.
  private var limit: Double { max(change.elements.reduce(0) { max($0, abs($1)) }, 1e-12) }

  private var title: GnuplotText {
    let width = source.width.map { ", " + .symbol("N") + GnuplotText(markup: " = \($0)") } ?? ""
    return architectureName(source.architecture) + width + ": change of " + .symbol("Q")
      + " from infinite width"
  }

  /// The picture.
  public var figure: Figure {
    let hasGrid = !source.isOverOutputs
    var figure = Figure(height: hasGrid ? 5.4 : 7.6)
    figure.add(
      Style.diverging, "set cbrange [\(-limit):\(limit)]", "unset key", "set size ratio -1",
      "set colorbox horizontal user origin screen \(hasGrid ? 0.3 : 0.25),0.11 size screen 0.5,0.03",
      "set cbtics scale 0.5 offset 0,0.4")
    figure.label(hasGrid ? "multiplot title" : "title", title, hasGrid ? "offset 0,0.4" : "")
    addMatrix(to: &figure, right: hasGrid ? 0.48 : 0.95)
    if hasGrid {
      addImage(to: &figure)
      figure.add("unset multiplot")
    }
    return figure
  }

  private func addMatrix(to figure: inout Figure, right: Double) {
    let matrix = figure.data(change)
    let name = source.isOverOutputs ? "output" : "position"
    let reference = source.readout == "independent" ? "δ" : "S"
    let last = Double(source.matrix.rows) - 0.5
    let step = tickStep(source.matrix.rows)
    figure.add(
      "set lmargin at screen 0.11", "set rmargin at screen \(right)", "set tmargin at screen 0.86",
      "set bmargin at screen 0.34",
      "set xrange [-0.5:\(last)]", "set yrange [\(last):-0.5]", "set xtics \(step)", "set ytics \(step)")
    figure.label("xlabel", .plain(name + " ") + .symbol("j"), "offset 0,0.5")
    figure.label("ylabel", .plain(name + " ") + .symbol("i"), "offset 0.3")
    figure.label(
      "cblabel", .symbol("Q", subscript: "ij") + " − " + .symbol(reference, subscript: "ij"), "offset 0,0.5")
    figure.plot(["\(matrix) matrix \(Figure.image("image", cells: source.matrix.elements.count))"])
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
      "set lmargin at screen 0.6", "set rmargin at screen 0.97",
      "unset colorbox", "set xtics autofreq", "set ytics autofreq",
      "set xrange [-0.5:\(Double(image.width) - 0.5)]", "set yrange [\(Double(image.height) - 0.5):-0.5]",
      "set style fill solid 1 border rgb 'black'")
    figure.label("xlabel", "pixel column", "offset 0,0.5")
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
      "\(discs) using 1:2:(\(radius)):3 with circles fillcolor palette linewidth 0.3")
    figure.plot(parts)
  }
}

/// The distance between labels of `count` things, so that some six are labelled.
func tickStep(_ count: Int) -> Int {
  var step = 1
  for factor in [2, 5, 10, 20, 50, 100, 200, 500, 1000] where count > 6 * step { step = factor }
  return step
}
