internal import Renorm

extension SweepKey {
  /// Reads one value of an axis.
  func axisValue(_ text: String, _ place: SpecificationPlace) throws(SpecificationError) -> ParameterValue {
    if let parameter {
      guard let value = parameter.domain.value(text), parameter.domain.contains(value) else {
        throw refused(text, place, parameter.domain.accepted)
      }
      // One layer has 'width' and 'lambda1', and a list of lists of one could not be told from a list.
      if let list = value.list, list.count < 2 {
        throw refused(text, place, "values of at least two hidden layers, such as 100,50")
      }
      return value
    }
    switch self {
    case .trainCount: return .count(try positiveCount(text, place, "a positive number of examples"))
    case .shuffleSeed:
      if let seed = UInt32(text) {
        return .count(Int(seed))
      } else {
        throw refused(text, place, "0 to 4294967295")
      }
    default: return .number(try positive(text, place, "a positive number; infinite-width: true is alpha = 0"))
    }
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
