public import LinearAlgebra

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

  /// Q (Qbar at a saddle) in the solver's coordinates: over positions, over the coordinates B of a correlated
  /// readout S = B B^T, or over outputs. A neighbour can start from it
  /// (`KernelFamily.member(_:at:startingAt:)`).
  public var coordinates: Matrix { weights.covariance.dense }

  /// Q (Qbar at a saddle) over positions, or over outputs.
  func orderParameter(_ readout: ReadoutFactor, outputs: Int) -> Matrix {
    let matrix = weights.covariance.dense
    return isOverOutputs(outputs) ? matrix : readout.toPositions(matrix)
  }

  /// log p(y | X) for `count` targets; nil in the formulation `saddle` (docs/theory.md, section 7).
  func logEvidence(width: Width, logDeterminant: Double, quadraticForm: Double, count: Int) -> Double? {
    let prior: Double
    switch formulation {
    case .saddle: return nil
    case .infiniteWidth: prior = 0
    case .minimum:
      let q = weights.covariance
      guard let logDeterminant = try? q.logDeterminant() else { return nil }
      prior = Double(width.units ?? 0) * (q.trace - logDeterminant - Double(q.order))
    }
    return -0.5 * (prior + logDeterminant + quadraticForm + Double(count) * logTwoPi)
  }

  /// The solution with an action that counts the training set outside the range of its kernels too.
  func adding(_ outside: OutsideRange, width: Double) -> Solution {
    Solution(
      formulation: formulation, weights: weights,
      action: action.map { $0 + (outside.logDeterminant + outside.quadraticForm) / width }, convergence: convergence)
  }

  /// Whether the order parameter couples several outputs instead of positions.
  func isOverOutputs(_ outputs: Int) -> Bool { formulation.isOverOutputs(outputs) }

  /// The solution at infinite width, where nothing is renormalized.
  static func infiniteWidth(blockSizes: [Int], tolerance: Double) -> Solution {
    Solution(
      formulation: .infiniteWidth,
      weights: KernelWeights(covariance: .identity(sizes: blockSizes), mean: nil), action: nil,
      convergence: Convergence(
        gradientNorm: 0, tolerance: tolerance, rounding: 0, orderParameterError: 0, iterations: 0, evaluations: 0,
        curvatureEvaluations: 0))
  }
}

private let logTwoPi = 1.8378770664093454835606594728112
