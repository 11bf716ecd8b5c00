/// How far patches reach over the edges of an image, where they see zeros.
public enum Padding: Hashable, Sendable {
  /// Not at all.
  case valid
  /// So far that there is a position for every stride: ceil(height/stride) rows, ceil(width/stride) columns;
  /// what is missing is added to both sides, an odd pixel at the bottom and on the right.
  case same
  /// So many pixels at all four sides, fewer than the mask has.
  case pixels(Int)

  /// Rows or columns of zeros before and after an image's side.
  ///
  /// - Throws: `RenormError.invalidParameter` for a number that is negative or not below the mask.
  package func margins(side: Int, mask: Int, stride: Int) throws(RenormError) -> (before: Int, after: Int) {
    switch self {
    case .valid: return (0, 0)
    case .same:
      let positions = (side + max(stride, 1) - 1) / max(stride, 1)
      let missing = max(0, (positions - 1) * stride + mask - side)
      return (missing / 2, missing - missing / 2)
    case .pixels(let count):
      guard count >= 0, count < mask || count == 0 else {
        throw .invalidParameter(
          name: "padding", value: "\(count)",
          accepted: "valid, same, or a number of pixels below the mask's side of \(mask)")
      }
      return (count, count)
    }
  }
}

extension Padding: CustomStringConvertible {
  /// Reads `valid`, `same` or a number, 0 being `valid`; nil for other text.
  public init?(text: String) {
    switch text.lowercased() {
    case "valid": self = .valid
    case "same": self = .same
    default:
      guard let count = Int(text) else { return nil }
      self = count == 0 ? .valid : .pixels(count)
    }
  }

  public var description: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .pixels(let count): "\(count)"
    }
  }
}

/// Written as its text.
extension Padding: Codable {
  /// - Throws: `DecodingError` for other text.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let padding = Padding(text: text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no padding")
    }
    self = padding
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
