public import LinearAlgebra

/// What a theory of some order in 1/N says: what a fit says at leading order.
public struct TheoryResult: Equatable, Sendable {
  /// < (1/N) sum_a v_ai v_aj > lambda1, over positions.
  public let orderParameter: Matrix
  /// Means and variances at the points, points x 1.
  public let prediction: Prediction
  /// log p(y | X).
  public let logEvidence: Double
}
