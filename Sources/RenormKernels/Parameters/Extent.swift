/// A rectangle of pixels: the size of a patch, or the distance between patches.
public struct Extent: Hashable, Sendable, Codable {
  /// Rows of pixels.
  public let height: Int
  /// Columns of pixels.
  public let width: Int

  /// A rectangle of `height` x `width` pixels.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// A square of `side` x `side` pixels.
  public init(_ side: Int) { self.init(height: side, width: side) }
}

extension Extent: CustomStringConvertible {
  /// Reads `7` or `7x5` (height x width); nil for other text. Whether the sides are positive is not checked.
  public init?(text: String) {
    let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    switch sides.count {
    case 1: guard let side = sides[0] else { return nil }; self.init(side)
    case 2:
      guard let height = sides[0], let width = sides[1] else { return nil }
      self.init(height: height, width: width)
    default: return nil
    }
  }

  public var description: String { "\(height)x\(width)" }
}
