public import LinearAlgebra

/// What a theory of some order in 1/N says: what a fit says at leading order.
public struct TheoryResult: Equatable, Sendable {
  /// < (1/N) sum_a v_ai v_aj > lambda1, over positions; of a deep network q_1..q_L on the diagonal.
  public let orderParameter: Matrix
  /// Means and variances at the points, points x 1.
  public let prediction: Prediction
  /// log p(y | X).
  public let logEvidence: Double
  /// p_1..p_L of a deep network; nil for one hidden layer.
  public let paths: [Double]?

  package init(orderParameter: Matrix, prediction: Prediction, logEvidence: Double, paths: [Double]? = nil) {
    self.orderParameter = orderParameter
    self.prediction = prediction
    self.logEvidence = logEvidence
    self.paths = paths
  }
}
