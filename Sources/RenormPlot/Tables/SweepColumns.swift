internal import Foundation
internal import RenormFiles

/// A parameter of a network or of its training set: a column of a sweep's table.
public enum SweepParameter: String, CaseIterable, Sendable {
  case architecture, activation, width, temperature, lambda0, lambda1, mask, stride, readout, lengthScale,
    trainCount,
    shuffleSeed

  /// The parameter that an option names: `train-count`, or as in the table `trainCount`.
  public init?(option: String) {
    guard let found = Self.allCases.first(where: { $0.option == option || $0.rawValue == option }) else {
      return nil
    }
    self = found
  }

  /// The name on the command line.
  public var option: String { kebabCase(rawValue) }

  /// Whether the values are numbers.
  public var isNumber: Bool {
    switch self {
    case .architecture, .activation, .mask, .stride, .readout: false
    default: true
    }
  }

  var symbol: GnuplotText? {
    switch self {
    case .width: .symbol("N")
    case .temperature: .symbol("T")
    case .lambda0: .symbol("λ", subscript: "0")
    case .lambda1: .symbol("λ", subscript: "1")
    case .lengthScale: .symbol("ℓ")
    case .trainCount: .symbol("P")
    default: nil
    }
  }

  /// The parameter in words, for an axis.
  var label: GnuplotText {
    let name: String =
      switch self {
      case .lambda0: "hidden precision"
      case .lambda1: "readout precision"
      case .lengthScale: "length scale"
      case .trainCount: "training examples"
      case .shuffleSeed: "shuffle seed"
      default: rawValue
      }
    return .plain(name) + (symbol.map { " " + $0 } ?? "")
  }
}

/// What error curves are drawn against.
public enum SweepAxis: Equatable, Sendable {
  /// The load P/N.
  case alpha
  /// A parameter whose values are numbers.
  case parameter(SweepParameter)

  /// The axis that an option names.
  public init?(option: String) {
    if option == "alpha" {
      self = .alpha
    } else if let parameter = SweepParameter(option: option), parameter.isNumber, parameter != .shuffleSeed {
      self = .parameter(parameter)
    } else {
      return nil
    }
  }

  /// The names of all axes on the command line.
  public static var options: [String] {
    ["width", "alpha"]
      + SweepParameter.allCases.map(\.option).filter { $0 != "width" && Self(option: $0) != nil }
  }

  /// The name of the axis on the command line.
  public var option: String {
    switch self {
    case .alpha: "alpha"
    case .parameter(let parameter): parameter.option
    }
  }

  var column: String {
    switch self {
    case .alpha: "alpha"
    case .parameter(let parameter): parameter.rawValue
    }
  }

  var label: GnuplotText {
    switch self {
    case .alpha: "load " + .symbol("α") + " = " + .symbol("P") + "/" + .symbol("N")
    case .parameter(let parameter): parameter.label
    }
  }
}

/// A result of a fit: a column of a sweep's table that can be drawn.
public enum SweepResult: String, CaseIterable, Sendable {
  case generalizationError, bias, variance, accuracy, logEvidence, trainError, trainAccuracy

  /// The result that an option names: `generalization-error`, or as in the table `generalizationError`.
  public init?(option: String) {
    guard let found = Self.allCases.first(where: { $0.option == option || $0.rawValue == option }) else {
      return nil
    }
    self = found
  }

  /// The name on the command line.
  public var option: String { kebabCase(rawValue) }

  /// Its column in the table.
  var column: ResultColumn {
    switch self {
    case .generalizationError: .generalizationError
    case .bias: .bias
    case .variance: .variance
    case .accuracy: .accuracy
    case .logEvidence: .logEvidence
    case .trainError: .trainError
    case .trainAccuracy: .trainAccuracy
    }
  }

  /// Whether more of it is better.
  var isBetterWhenLarger: Bool {
    switch self {
    case .accuracy, .logEvidence, .trainAccuracy: true
    default: false
    }
  }

  var label: GnuplotText {
    switch self {
    case .logEvidence: "log evidence log " + .symbol("p") + "(" + .symbol("y") + "|" + .symbol("X") + ")"
    case .trainError: "training error"
    case .trainAccuracy: "training accuracy"
    default: .plain(option.replacing("-", with: " "))
    }
  }
}

/// `trainCount` as `train-count`.
private func kebabCase(_ name: String) -> String {
  name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
}
