internal import LinearAlgebra

/// An order parameter in the solver's coordinates, with the record of how it was found.
public struct Solution: Sendable {
  /// Which equations determine it.
  public let formulation: Formulation
  /// Q, or the pair (Qbar, R): one block per group of positions, or a single block over the outputs.
  let weights: KernelWeights
  /// The effective action S at the solution, per N/2; nil at infinite width.
  public let action: Double?
  /// How well the order parameter is determined.
  public let convergence: Convergence

  /// tr Q' - log det Q' - r, the prior part of the action less its value at infinite width.
  var priorAction: Double {
    let q = weights.covariance
    return q.trace - ((try? q.logDeterminant()) ?? .nan) - Double(q.order)
  }

  /// Whether the order parameter couples several outputs instead of positions.
  func isOverOutputs(_ outputs: Int) -> Bool { outputs > 1 && formulation != .infiniteWidth }

  /// The solution at infinite width, where nothing is renormalized.
  static func infiniteWidth(blockSizes: [Int], tolerance: Double) -> Solution {
    Solution(
      formulation: .infiniteWidth,
      weights: KernelWeights(covariance: .identity(sizes: blockSizes), mean: nil), action: nil,
      convergence: Convergence(
        gradientNorm: 0, tolerance: tolerance, rounding: 0, iterations: 0, evaluations: 0, curvatureEvaluations: 0))
  }
}
