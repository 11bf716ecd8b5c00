/// Names of arrays in NPZ files that a user gives; nil for those that are found by themselves.
public struct ArrayNames: Equatable, Sendable, Codable {
  /// Training inputs, or the only ones.
  public var train: String?
  /// Their targets or labels.
  public var targets: String?
  /// Held-out inputs.
  public var test: String?
  /// Their targets or labels.
  public var testTargets: String?

  /// Names; without arguments all are found by themselves.
  public init(
    train: String? = nil, targets: String? = nil, test: String? = nil, testTargets: String? = nil
  ) {
    self.train = train
    self.targets = targets
    self.test = test
    self.testTargets = testTargets
  }

  /// Whether no name is given.
  var isEmpty: Bool { self == ArrayNames() }
}
