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

  /// The same with other means; without a change where there is none.
  func adding(_ change: [Double]) -> TheoryResult {
    guard !change.isEmpty else { return self }
    var mean = prediction.mean.elements
    mean.add(1, change)
    return TheoryResult(
      orderParameter: orderParameter,
      prediction: Prediction(mean: Matrix(columns: [mean]), variance: prediction.variance),
      logEvidence: logEvidence, paths: paths)
  }

  /// The mean of (y - corrected mean)^2 - (y - mean)^2 over the points.
  func biasShift(to corrected: TheoryResult, targets: [Double]) -> Double {
    let y = Matrix(columns: [targets])
    return meanSquare(y - corrected.prediction.mean) - meanSquare(y - prediction.mean)
  }
}

extension Prediction {
  /// The root mean square of a change of the means over v^(1/2), less the part of its noise. A point where f is
  /// known, such as f(0) = 0 of an odd network, has neither change nor variance and adds nothing.
  ///
  /// - Parameter noise: variances of the change; nil for none.
  func sigma(of change: [Double], noise: [Double]? = nil) -> Double {
    var sum = 0.0
    for p in change.indices {
      let square = change[p] * change[p] - (noise?[p] ?? 0)
      if square != 0 { sum += square / variance[p, 0] }
    }
    return max(sum / Double(change.count), 0).squareRoot()
  }
}
