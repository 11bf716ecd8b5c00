internal import Foundation
internal import RenormFiles

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
    case .parameter(let parameter): parameter.column
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
  case generalizationError, bias, variance, accuracy, logEvidence, trainError, trainAccuracy, delta, sigma, nll,
    brier
  case expectedCalibrationError

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
    case .delta: .delta
    case .sigma: .sigma
    case .nll: .nll
    case .brier: .brier
    case .expectedCalibrationError: .expectedCalibrationError
    }
  }

  /// The column of the same past leading order; nil where there is none.
  var correctedColumn: ResultColumn? {
    switch self {
    case .generalizationError: .correctedGeneralizationError
    case .bias: .correctedBias
    case .variance: .correctedVariance
    case .accuracy: .correctedAccuracy
    case .logEvidence: .correctedLogEvidence
    case .trainError, .trainAccuracy, .delta, .sigma, .nll, .brier, .expectedCalibrationError: nil
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
    case .nll: "-log " + .symbol("p") + " of a label"
    case .brier: "Brier score"
    case .delta: "change of the log evidence " + .symbol("δ")
    case .sigma: "change of the means " + .symbol("σ")
    default: .plain(option.replacing("-", with: " "))
    }
  }
}

/// `trainCount` as `train-count`.
private func kebabCase(_ name: String) -> String {
  name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
}
