/// The sizes of all pictures, for one column of a journal.
enum PictureSize {
  /// Centimetres.
  static let width = 8.6
  /// Points.
  static let font = 7.5
  static let fontName = "sans-serif"
  /// Dots per inch of a PNG.
  static let resolution = 300.0
  /// Dots per inch of the pixels in which an SVG counts, and in which cairo counts the sizes of fonts.
  static let screenResolution = 96.0
  static let pointsPerInch = 72.0
  static let centimetresPerInch = 2.54
}

/// A file format of pictures.
public enum PictureFormat: String, CaseIterable, Sendable {
  case svg, png, pdf

  /// The format that the extension of a file names.
  ///
  /// - Throws: `PlotError.unknownFormat`.
  public init(path: String) throws(PlotError) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex,
      let format = Self(rawValue: name[name.index(after: dot)...].lowercased())
    else { throw .unknownFormat(path: path) }
    self = format
  }

  /// The line that chooses gnuplot's terminal for a picture of the given height in centimetres.
  func terminal(height: Double) -> String {
    let font = { (size: Double) in "font '\(PictureSize.fontName),\(Self.rounded(size))'" }
    let pixels = { (length: Double, resolution: Double) in
      Int((length / PictureSize.centimetresPerInch * resolution).rounded())
    }
    let size = { (resolution: Double) in
      "size \(pixels(PictureSize.width, resolution)),\(pixels(height, resolution))"
    }
    let screen = PictureSize.screenResolution / PictureSize.pointsPerInch
    let print = PictureSize.resolution / PictureSize.pointsPerInch
    switch self {
    case .svg:
      return
        "set terminal svg enhanced \(size(PictureSize.screenResolution)) \(font(PictureSize.font * screen)) "
        + "background rgb 'white'"
    case .png:
      return "set terminal pngcairo enhanced \(size(PictureSize.resolution)) \(font(PictureSize.font)) "
        + "fontscale \(Self.rounded(print / screen)) linewidth \(Self.rounded(print)) "
        + "pointscale \(Self.rounded(print))"
    case .pdf:
      return "set terminal pdfcairo enhanced size \(PictureSize.width)cm,\(Self.rounded(height))cm "
        + "\(font(PictureSize.font)) fontscale \(Self.rounded(1 / screen)) pointscale 0.9"
    }
  }

  /// What follows `with image`: viewers of SVG would blur the few pixels of an image, so each is a rectangle
  /// there.
  var pixels: String { self == .svg ? "pixels" : "" }

  /// What is put right in a picture that gnuplot has drawn.
  func finished(_ picture: [UInt8]) -> [UInt8] {
    switch self {
    case .png: picture
    case .svg: Self.preservingSpaces(picture)
    case .pdf: Self.withoutDate(picture)
    }
  }

  /// A change of font is an element of its own in SVG, at whose ends some viewers drop spaces unless told not
  /// to.
  private static func preservingSpaces(_ picture: [UInt8]) -> [UInt8] {
    let text = String(decoding: picture, as: UTF8.self)
    return Array(text.replacing("<svg ", with: "<svg xml:space=\"preserve\" ", maxReplacements: 1).utf8)
  }

  /// A fixed date in the place of the present one, so that a picture depends on its content only.
  private static func withoutDate(_ picture: [UInt8]) -> [UInt8] {
    let key = Array("/CreationDate (D:".utf8)
    let date = Array("20000101000000".utf8)
    var result = picture
    var start = 0
    while let slash = result[start...].firstIndex(of: key[0]) {
      let digits = slash + key.count..<slash + key.count + date.count
      if digits.upperBound <= result.count, result[slash..<digits.lowerBound].elementsEqual(key),
        result[digits].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
      {
        result.replaceSubrange(digits, with: date)
      }
      start = slash + 1
    }
    return result
  }

  private static func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
