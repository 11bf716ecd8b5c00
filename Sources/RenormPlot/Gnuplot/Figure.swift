internal import Foundation
internal import LinearAlgebra
internal import RenormFiles

/// A picture as gnuplot draws it: data in the script itself, and commands.
public struct Figure: Equatable, Sendable {
  /// What a user should know about the picture; each is one line.
  public internal(set) var warnings: [String] = []
  /// Centimetres.
  private let height: Double
  private var blocks: [String] = []
  private var commands: [String] = []

  init(height: Double) { self.height = height }

  /// Adds rows of numbers, and returns the name under which commands find them. Numbers that are not finite are
  /// missing values.
  mutating func data(_ rows: some Sequence<[Double]>) -> String {
    let name = "$data\(blocks.count + 1)"
    let lines = rows.map { row in row.map { $0.isFinite ? "\($0)" : "NaN" }.joined(separator: " ") }
    blocks.append((["\(name) << EOD"] + lines + ["EOD"]).joined(separator: "\n"))
    return name
  }

  /// Adds the elements of a matrix, row by row.
  mutating func data(_ matrix: Matrix) -> String { data((0..<matrix.rows).map { matrix.row($0) }) }

  mutating func add(_ lines: String...) { commands += lines }

  mutating func add(_ lines: [String]) { commands += lines }

  /// How a matrix or an image of so many cells is drawn: sharply, unless that would make an SVG of a megabyte.
  static func image(_ style: String, cells: Int) -> String {
    "with \(style)" + (cells <= 1600 ? " @pixels" : "")
  }

  /// Sets a title, or the label of an axis: `title`, `xlabel`, `ylabel`, `cblabel`.
  mutating func label(_ place: String, _ text: GnuplotText, _ options: String = "") {
    commands.append("set \(place) \(text.quoted)" + (options.isEmpty ? "" : " " + options))
  }

  /// Puts the legend above the plot, since curves may run anywhere inside, and the title above both.
  mutating func titleAboveKey(_ title: GnuplotText, entries: [GnuplotText]) {
    // The sample line of an entry takes the place of some five letters, and 44 letters fit on a line.
    let longest = entries.map(\.visibleCount).max() ?? 0
    let columns = max(1, min(3, 44 / (longest + 5), entries.count))
    let rows = Double((entries.count + columns - 1) / columns)
    label("title", title, "offset 0,\(rows - 0.4)")
    add("set key at graph 0.5,1.02 bottom center horizontal maxcols \(columns)", "set tmargin \(rows + 1.8)")
  }

  /// Adds one plot of several parts.
  mutating func plot(_ parts: [String]) {
    commands.append("plot " + parts.joined(separator: ", \\\n  "))
  }

  /// The script, complete with its data: `gnuplot -d script.gp > picture`.
  public func script(_ format: PictureFormat) -> String {
    let head = [
      "# Draw with: gnuplot -d THIS-FILE > picture.\(format.rawValue)",
      format.terminal(height: height),
      "pixels = '\(format.pixels)'",
    ]
    return (head + Style.common + blocks + commands).joined(separator: "\n") + "\n"
  }

  /// Draws the picture. Afterwards the file is complete, or as it was.
  ///
  /// - Parameter format: nil takes the one that the extension of `path` names.
  /// - Returns: what gnuplot warned about.
  /// - Throws: `PlotError.unknownFormat`, `.gnuplotMissing` or `.drawingFailed`; `DataError` where the file
  ///   cannot be written.
  @discardableResult public func write(to path: String, format: PictureFormat? = nil) throws -> [String] {
    let format = try format ?? PictureFormat(path: path)
    let drawing = try Gnuplot.draw(script(format))
    try AtomicFile.write(format.finished(drawing.picture), to: path)
    return drawing.warnings
  }
}
