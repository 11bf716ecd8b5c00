public import LinearAlgebra

/// An order parameter in the solver's coordinates, with the record of how it was found.
public struct Solution: Sendable {
  /// Which equations determine it.
  public let formulation: Formulation
  /// What its indices count, and how coordinates become the matrix that is reported.
  public let space: OrderParameterSpace
  /// Q, or the pair (Qbar, R), in coordinates.
  package let weights: KernelWeights
  /// The effective action S at the solution, per N/2 (the posterior weight is exp(-N S/2)); nil at infinite
  /// width.
  public let action: Double?
  /// The prior part of S less its value at infinite width: -N/2 times it is its share of the log evidence.
  package let priorExcess: Double
  /// How well the order parameter is determined.
  public let convergence: Convergence

  package init(
    formulation: Formulation, space: OrderParameterSpace, weights: KernelWeights, action: Double?,
    priorExcess: Double, convergence: Convergence
  ) {
    self.formulation = formulation
    self.space = space
    self.weights = weights
    self.action = action
    self.priorExcess = priorExcess
    self.convergence = convergence
  }

  /// Q' (Qbar' at a saddle) in the solver's coordinates, symmetric positive definite of order `space.order`:
  /// over positions, over the r coordinates of a correlated readout S = B B^T, or over outputs. The fit of a
  /// neighbouring parameter can start from it.
  public var coordinates: Matrix { weights.covariance.dense }

  /// Q = B Q' B^T (Qbar at a saddle) over positions, n x n, or over outputs, D x D
  /// (`OrderParameterSpace.reported`). In a sampled network it is
  /// lambda1 times the average of (1/N) sum_a v_ai v_aj over the posterior.
  public var orderParameter: Matrix { space.reported(coordinates) }

  /// R = B (1 + Q')^-1 B^T at a saddle, the weights of the means in K_R (docs/theory.md, section 4), of the shape
  /// of `orderParameter`; nil for odd activations, at infinite width and for deep networks (`layers`).
  public var meanWeights: Matrix? {
    switch space.index {
    case .layer, .path: nil
    case .position, .output, .positionAndOutput: weights.mean.map { space.reported($0.dense) }
    }
  }

  /// The D x D average of Q over positions (over the coordinates of a correlated readout), for several outputs
  /// at finite width: what a sampled network shows as lambda1 times the average of v_aic v_aid over units and
  /// positions.
  public var outputAverage: Matrix? { space.outputAverage(coordinates) }

  /// log p(y | X) = -(N/2) (prior part) + log Z_lik (docs/theory.md, section 7), at leading order in N, with
  /// the integral Z_lik of the likelihood over the outputs; for Gaussian noise log Z_lik is -1/2 { log det A +
  /// y^T A^-1 y + count log 2 pi }. At infinite width the prior part vanishes, and it is the evidence of a
  /// Gaussian process (Rasmussen and Williams, Gaussian Processes, 2006, equation 2.30).
  ///
  /// - Parameters:
  ///   - width: N; at infinite width any number, as the prior part vanishes.
  ///   - logLikelihood: log Z_lik.
  package func logEvidence(width: Double, logLikelihood: Double) -> Double {
    logLikelihood - 0.5 * width * priorExcess
  }

  /// The solution with constants that its data term left out of the action, per N/2.
  package func adding(toAction constant: Double) -> Solution {
    Solution(
      formulation: formulation, space: space, weights: weights, action: action.map { $0 + constant },
      priorExcess: priorExcess, convergence: convergence)
  }

  /// The solution at infinite width, where nothing is renormalized.
  package static func infiniteWidth(_ space: OrderParameterSpace, tolerance: Double) -> Solution {
    Solution(
      formulation: .infiniteWidth, space: space,
      weights: KernelWeights(covariance: space.identity, mean: nil), action: nil, priorExcess: 0,
      convergence: Convergence(
        gradientNorm: 0, tolerance: tolerance, rounding: 0, orderParameterError: 0, roundingError: 0,
        iterations: 0, evaluations: 0,
        curvatureEvaluations: 0))
  }
}
