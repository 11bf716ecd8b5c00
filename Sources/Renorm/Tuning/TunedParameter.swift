internal import Foundation

/// A parameter that tuning varies, on a logarithmic scale between two bounds.
public struct TunedParameter: Hashable, Sendable {
  /// T, a precision, a length scale or a slope.
  public let parameter: NetworkParameter
  /// The least and the largest value, both included.
  public let bounds: ClosedRange<Double>

  /// - Throws: `RenormError.invalidParameter` for a parameter that is not a positive number, and for bounds
  ///   that are not positive, finite and in order.
  public init(_ parameter: NetworkParameter, from low: Double, to high: Double) throws(RenormError) {
    guard parameter.domain.isContinuous else {
      throw .invalidParameter(
        name: "tuned parameter", value: "'\(parameter.key)'",
        accepted: Network.parameters.filter(\.domain.isContinuous).map(\.key).joined(separator: ", "))
    }
    guard low > 0, high.isFinite, (1 / low).isFinite, low < high else {
      throw .invalidParameter(
        name: "range of \(parameter.key)", value: "\(low) to \(high)",
        accepted: "two positive numbers, the first the smaller one")
    }
    self.parameter = parameter
    bounds = low...high
  }

  /// The logarithms of the bounds.
  var logarithms: ClosedRange<Double> { log(bounds.lowerBound)...log(bounds.upperBound) }

  /// The value of a logarithm, within the bounds whatever the rounding.
  func value(_ logarithm: Double) -> Double {
    let ends = logarithms
    if logarithm <= ends.lowerBound { return bounds.lowerBound }
    if logarithm >= ends.upperBound { return bounds.upperBound }
    // A start of 0.1 comes back as 0.1: exp and log lose the last digit.
    let value = exp(logarithm)
    let rounded = Double(String(format: "%.15g", value)) ?? value
    return min(max(rounded, bounds.lowerBound), bounds.upperBound)
  }
}

/// What tuning goes by.
public enum TuningCriterion: Hashable, Sendable {
  /// The largest log p(y | X) (docs/theory.md, section 7): needs no held-out examples.
  case evidence
  /// The least generalization error, bias + variance, averaged over `folds` parts of the training set of which
  /// each is held out once.
  case folds(Int)
  /// The least generalization error on a part of the training set that is held out, the others training.
  case heldOut(fraction: Double)

  /// The name in files and options.
  public var name: String {
    switch self {
    case .evidence: "evidence"
    case .folds: "k-fold"
    case .heldOut: "validation"
    }
  }

  /// What is compared, in words.
  public var words: String {
    switch self {
    case .evidence: "log evidence"
    case .folds(let count): "generalization error of \(count) folds"
    case .heldOut: "validation generalization error"
    }
  }

  /// Whether a larger value is better.
  public var isMaximised: Bool { self == .evidence }
}

/// How far tuning goes.
public struct TuningOptions: Equatable, Sendable {
  /// The number of starts: the network's own values, then draws from the box of bounds, one in each of equal
  /// layers of every parameter's range (a Latin hypercube).
  public var starts: Int
  /// Of these draws, and of the partition into held-out parts.
  public var seed: UInt32
  /// The most evaluations of the criterion; an evaluation is a fit, or one for each part.
  public var maximumEvaluations: Int
  /// Points of the profile of every parameter: the best value of the criterion where that parameter is held and
  /// the others are tuned again. 0 makes none.
  public var profilePoints: Int
  /// How fits are made.
  public var fit: FitOptions

  /// Options.
  public init(
    starts: Int = 3, seed: UInt32 = 0, maximumEvaluations: Int = 300, profilePoints: Int = 0,
    fit: FitOptions = FitOptions()
  ) {
    (self.starts, self.seed, self.maximumEvaluations) = (starts, seed, maximumEvaluations)
    (self.profilePoints, self.fit) = (profilePoints, fit)
  }

  func validate() throws(RenormError) {
    try fit.validate()
    for (name, value, range) in [
      ("starts", starts, 1...1000), ("max-evaluations", maximumEvaluations, 1...1_000_000),
      ("profile", profilePoints, 0...1000),
    ] where !range.contains(value) {
      throw .invalidParameter(
        name: name, value: "\(value)", accepted: "\(range.lowerBound) to \(range.upperBound)")
    }
    if profilePoints == 1 {
      throw .invalidParameter(name: "profile", value: "1", accepted: "0, or at least 2")
    }
  }
}
