/// A value of a specification before its key gives it a meaning.
indirect enum UntypedValue: Equatable {
  case scalar(String, SpecificationPlace)
  case list([UntypedValue], SpecificationPlace)
  case mapping([RawEntry], SpecificationPlace)

  var place: SpecificationPlace {
    switch self {
    case .scalar(_, let place), .list(_, let place), .mapping(_, let place): place
    }
  }
}

/// A key with its value.
struct RawEntry: Equatable {
  let key: String
  let place: SpecificationPlace
  let value: UntypedValue
}

extension UntypedValue {
  /// A value of the command line: `0.1`, `0.1,1,10`, `linspace(1,5,9)` or `logspace(1e-3,1,4)`.
  init(argument text: String, _ place: SpecificationPlace) {
    let trimmed = text.trimmed
    for name in AxisRange.allCases.map(\.rawValue) where trimmed.hasPrefix("\(name)(") && trimmed.hasSuffix(")")
    {
      let inner = String(trimmed.dropFirst(name.count + 1).dropLast())
      let entry = RawEntry(key: name, place: place, value: .list(Self.parts(inner, place), place))
      self = .mapping([entry], place)
      return
    }
    self = trimmed.contains(",") ? .list(Self.parts(trimmed, place), place) : .scalar(trimmed, place)
  }

  private static func parts(_ text: String, _ place: SpecificationPlace) -> [UntypedValue] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { .scalar(String($0).trimmed, place) }
  }
}

extension String {
  /// The text without white space at its ends.
  var trimmed: String {
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
