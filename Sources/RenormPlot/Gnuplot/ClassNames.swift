internal import RenormFiles

/// The names of classes as labels of an axis; where they would overlap, some are left out.
struct ClassNames: Equatable, Sendable {
  /// The most letters of a label; longer names lose their middle, so that the rest of a picture keeps its
  /// place.
  static let longest = 12
  /// The width and height of a letter in centimetres, at the size of the pictures' text.
  static let letter = 0.155
  static let line = 0.21

  let names: [String]
  /// Where they stand on the axis, ascending.
  let places: [Double]
  /// Centimetres of one unit of the axis.
  let unit: Double

  init(_ labels: [ClassLabel], at places: [Double], unit: Double) {
    names = labels.map { Self.cut($0.description) }
    self.places = places
    self.unit = unit
  }

  static func cut(_ text: String) -> String {
    text.count > longest ? "\(text.prefix(longest - 5))…\(text.suffix(4))" : text
  }

  /// The width of the longest name in centimetres.
  var width: Double { Double(names.map(\.count).max() ?? 0) * Self.letter }

  /// Whether names of more than two letters would overlap below an axis; they then stand upright.
  var areUpright: Bool {
    guard let first = places.first, let last = places.last, last > first else { return false }
    let spacing = unit * (last - first) / Double(places.count - 1)
    return width > 2.5 * Self.letter && width + 0.1 > spacing
  }

  /// The command for a horizontal axis.
  func horizontal(offset: String) -> String {
    "set xtics scale 0 \(areUpright ? "rotate by 90 right offset 0,0.3" : "norotate offset \(offset)") "
      + "(\(ticks { areUpright ? Self.line : Double($0.count) * Self.letter + 0.1 }))"
  }

  /// The offsets of the labels of the axes themselves: gnuplot leaves more room for names than they need.
  var labelOffset: (horizontal: String, vertical: String) {
    let letters = width / Self.letter
    return (
      "offset 0,\(shortNumber(0.7 + (areUpright ? 0.12 * letters : 0)))",
      "offset \(shortNumber(0.3 + 0.4 * max(letters - 2, 0))),0"
    )
  }

  /// The command for a vertical axis.
  func vertical(offset: String) -> String { "set ytics scale 0 offset \(offset) (\(ticks { _ in Self.line }))" }

  /// - Parameter size: the centimetres that a name takes along the axis.
  private func ticks(size: (String) -> Double) -> String {
    var end = -Double.infinity
    var shown: [String] = []
    for (name, place) in zip(names, places) where place * unit - size(name) / 2 >= end - 1e-9 {
      shown.append("\(GnuplotText.plain(name).quoted) \(place)")
      end = place * unit + size(name) / 2
    }
    return shown.joined(separator: ", ")
  }
}
