public import Renorm

/// One value of an axis.
public enum AxisValue: Hashable, Sendable {
  case name(String)
  case extent(Extent)
  case number(Double)
  case count(Int)
  case infiniteWidth

  /// The value as a specification writes it.
  public var text: String {
    switch self {
    case .name(let name): name
    case .extent(let extent): extent.height == extent.width ? "\(extent.height)" : "\(extent)"
    case .number(let number): "\(number)"
    case .count(let count): "\(count)"
    case .infiniteWidth: "infinite"
    }
  }

  var name: String? { if case .name(let name) = self { name } else { nil } }
  var extent: Extent? { if case .extent(let extent) = self { extent } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var count: Int? { if case .count(let count) = self { count } else { nil } }
}

extension SweepKey {
  /// Reads one value of an axis.
  func axisValue(_ text: String, _ place: SpecificationPlace) throws(SpecificationError) -> AxisValue {
    switch self {
    case .architecture: try name(text, place, Architectures.all.map(\.name))
    case .activation: try name(text, place, Activations.all.map(\.name))
    case .readout: try name(text, place, Readouts.all.map(\.name))
    case .mask, .stride: .extent(try extent(text, place))
    case .width where text == "infinite": .infiniteWidth
    case .width: .count(try positiveCount(text, place, "a positive number of hidden units, or 'infinite'"))
    case .trainCount: .count(try positiveCount(text, place, "a positive number of examples"))
    case .shuffleSeed:
      if let seed = UInt32(text) { .count(Int(seed)) } else { throw refused(text, place, "0 to 4294967295") }
    case .alpha: .number(try positive(text, place, "a positive number; infinite-width: true is alpha = 0"))
    case .lengthScale: .number(try positive(text, place, "a positive number of grid units"))
    default: .number(try positive(text, place))
    }
  }

  private func name(
    _ text: String, _ place: SpecificationPlace, _ all: [String]
  ) throws(SpecificationError) -> AxisValue {
    guard all.contains(text) else { throw refused(text, place, all.joined(separator: ", ")) }
    return .name(text)
  }

  private func extent(_ text: String, _ place: SpecificationPlace) throws(SpecificationError) -> Extent {
    guard let extent = Extent(text: text), extent.height > 0, extent.width > 0 else {
      throw refused(text, place, "a positive number of pixels, or HxW")
    }
    return extent
  }

  func positiveCount(
    _ text: String, _ place: SpecificationPlace, _ accepted: String
  ) throws(SpecificationError) -> Int {
    guard let count = Int(text), count > 0 else { throw refused(text, place, accepted) }
    return count
  }

  func positive(
    _ text: String, _ place: SpecificationPlace, _ accepted: String = "a positive number"
  ) throws(SpecificationError) -> Double {
    guard let number = Double(text), number > 0, number.isFinite else { throw refused(text, place, accepted) }
    return number
  }

  /// The error for a value; text that is not a number stands in quotation marks.
  func refused(_ text: String, _ place: SpecificationPlace, _ accepted: String) -> SpecificationError {
    if text.isEmpty { return SpecificationError(place, "\(rawValue) has no value; accepted: \(accepted)") }
    return SpecificationError(place, self, is: Double(text) == nil ? "'\(text)'" : text, accepted: accepted)
  }
}

extension Extent {
  /// `7` or `7x5` (height x width); nil for other text.
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
}
