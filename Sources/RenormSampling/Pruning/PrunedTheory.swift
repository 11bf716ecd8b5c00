internal import Foundation
internal import LinearAlgebra
public import Renorm

/// The theory of a fully connected network of one output of which the units with the largest outgoing weights
/// alone are kept.
///
/// At leading order units are independent given the order parameter (docs/theory.md, section 9), and each adds
/// v^2 to the weight of the kernel, so that the units with v^2 > t, a part c of all, have the share s(c) of it
/// (`NodeWeights`). f is the sum of what they compute, f*, and the rest, two independent Gaussian processes of
/// kernels s K_R and (1 - s) K_R before the data, which see their sum only:
///
///     mean f* = s mean f,   var f* = s K_R(x, x) - s^2 (K_R(x, x) - var f).
public struct PrunedTheory: Equatable, Sendable {
  /// One part of the units.
  public struct Row: Equatable, Sendable {
    /// c.
    public let kept: Double
    /// s(c).
    public let share: Double
    /// The mean over test points of (y - mean f*)^2 + var f*.
    public let error: Double
  }

  /// In the order of the parts asked for.
  public let rows: [Row]

  /// - Parameters:
  ///   - prediction: that of the fit at the test points, in the network's own units.
  ///   - kept: parts c of the units, from 0 to 1.
  /// - Returns: nil for other networks than fully connected ones of one hidden layer, an odd activation and one
  ///   output, and at infinite width.
  /// - Throws: `RenormError` as `Network.priorSimilarity`.
  public init?(
    _ posterior: Posterior, _ prediction: Prediction, test: Dataset, kept: [Double]
  ) throws(RenormError) {
    let network = posterior.network
    guard network.depth == 1, network.width != .infinite, network.activation.isOdd, network.isGaussian,
      test.outputs == 1, posterior.orderParameter.rows == 1,
      try network.architecture.grid(on: test.shape).positions == 1
    else { return nil }
    let qbar = posterior.orderParameter[0, 0]
    let kernel = try network.priorSimilarity(of: test.inputs, on: test.shape, positions: 0, 0)
    guard let weights = NodeWeights(network.nodePrior.law, orderParameter: qbar) else { return nil }
    rows = kept.map { part in
      let share = weights.share(kept: part)
      let error = (0..<test.count).reduce(0.0) { sum, p in
        let prior = qbar / network.lambda1 * kernel[p, p]
        let residual = test.targets[p, 0] - share * prediction.mean[p, 0]
        return sum + residual * residual + share * prior
          - share * share * (prior - prediction.variance[p, 0])
      }
      return Row(kept: part, share: share, error: error / Double(max(test.count, 1)))
    }
  }

  private init(rows: [Row]) { self.rows = rows }

  /// The same with errors in other units.
  package func scaled(by factor: Double) -> PrunedTheory {
    PrunedTheory(rows: rows.map { Row(kept: $0.kept, share: $0.share, error: factor * $0.error) })
  }
}
