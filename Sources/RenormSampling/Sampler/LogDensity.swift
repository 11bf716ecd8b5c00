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

  /// Where a chain may begin: a draw from the prior, made of `dimension` independent standard normal numbers.
  /// By default these numbers themselves.
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
  public func initialPosition(_ normal: [Double]) -> [Double] { normal }
}
