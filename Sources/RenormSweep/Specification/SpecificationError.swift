/// Where something stands in a specification.
public enum SpecificationPlace: Equatable, Sendable {
  /// A line of a file, from 1.
  case line(path: String, Int)
  /// A file as a whole.
  case file(path: String)
  /// An option of the command line, without its dashes.
  case option(String)
}

extension SpecificationPlace: CustomStringConvertible {
  public var description: String {
    switch self {
    case .line(let path, let line): "\(path):\(line)"
    case .file(let path): path
    case .option(let name): "--\(name)"
    }
  }
}

/// What is wrong with a specification: the place, the value, and what would be accepted.
public struct SpecificationError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The line or option at fault.
  public let place: SpecificationPlace
  /// What is wrong, in one line.
  public let reason: String

  public var description: String { "\(place): \(reason)" }

  /// Whether the command line is at fault, not a file.
  package var isUsage: Bool { if case .option = place { true } else { false } }

  init(_ place: SpecificationPlace, _ reason: String) {
    self.place = place
    self.reason = reason
  }

  /// A value that a key does not take.
  init(_ place: SpecificationPlace, _ key: SweepKey, is value: String, accepted: String) {
    self.init(place, "\(key.rawValue) is \(value); accepted: \(accepted)")
  }
}
