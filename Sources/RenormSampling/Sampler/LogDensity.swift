public import GSLNumerics

/// An unnormalised log density over R^d with its gradient, and what is recorded of every draw from it.
///
/// Laws, checked for every conformance: the gradient agrees with central differences of the value, and equal
/// positions give equal values to the last bit.
public protocol LogDensity: Sendable {
  /// Memory that evaluations reuse; one for every chain, never shared.
  associatedtype Workspace

  /// d.
  var dimension: Int { get }

  /// Names of the numbers that `observe` returns, in its order.
  var quantities: [String] { get }

  /// The places of the quantities by which warmup judges how far trajectories go; all by default.
  var judgedQuantities: [Int] { get }

  /// How many numbers stand behind the d coordinates of a position: a state that trajectories leave alone and
  /// `move` draws anew, such as scales of hidden units. 0 by default.
  var stateCount: Int { get }

  /// Draws the state anew given the coordinates, or both, in a way that leaves their joint law as it is. Called
  /// before every transition where there is a state. Nothing by default.
  ///
  /// - Returns: whether anything has changed.
  func move(_ position: inout [Double], _ workspace: inout Workspace, _ random: RandomGenerator) -> Bool

  /// What the step size of Hamiltonian Monte Carlo is multiplied by at a position. A function of its state
  /// alone, which stays along a trajectory, so that trajectories can still be run backwards: where a state
  /// makes the density narrow, steps are short. 1 by default.
  func stepFactor(_ position: [Double]) -> Double

  /// Where a chain may begin: a draw from the prior, made of `dimension + stateCount` independent standard
  /// normal numbers. By default these numbers themselves.
  func initialPosition(_ normal: [Double]) -> [Double]

  /// New memory for one chain.
  func makeWorkspace() -> Workspace

  /// log p(position) up to a constant; its gradient is written to `gradient`, which has `dimension` elements.
  /// Minus infinity where the density vanishes or cannot be evaluated; the gradient is then without meaning.
  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Workspace) -> Double

  /// What is recorded of a draw. Called once for every kept draw, after an evaluation at the same position.
  func observe(_ position: [Double], _ workspace: inout Workspace) -> [Double]
}

extension LogDensity {
  public var stateCount: Int { 0 }
  public var judgedQuantities: [Int] { Array(quantities.indices) }

  public func stepFactor(_ position: [Double]) -> Double { 1 }

  public func move(
    _ position: inout [Double], _ workspace: inout Workspace, _ random: RandomGenerator
  ) -> Bool { false }

  public func initialPosition(_ normal: [Double]) -> [Double] { normal }
}
