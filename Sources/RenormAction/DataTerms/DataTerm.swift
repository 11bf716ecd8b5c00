package import GSLNumerics
package import LinearAlgebra

/// The data part of the effective action at one point, with its first derivatives.
///
/// Derivatives are with respect to the coordinates Q' of the order parameter (`OrderParameterSpace`): with
/// respect to Q_ij they are the two parts of Gamma_ij = 1/(N lambda1 n) tr(K_ij (A^-1 - u u^T)), u = A^-1 y,
/// and B^T Gamma B in coordinates (docs/theory.md, sections 3 and 6). They are kept apart because the solver
/// treats them differently: log det A is concave in Q, y^T A^-1 y convex.
package struct DataTermValue: Sendable {
  /// (1/N) [ log det A + y^T A^-1 y ], A = T I + K_R.
  package let value: Double
  /// (1/N) y^T A^-1 y for Gaussian noise, what of the value a larger Q can take away; nil for other likelihoods.
  package let misfit: Double?
  /// The part of Gamma (docs/theory.md, section 3) or Gc (section 4), the derivative with respect to W, that
  /// comes from A^-1: that of (1/N) log det A. Positive semidefinite.
  package let inverseGradient: BlockDiagonal
  /// The part that comes from u u^T, u = A^-1 y, and enters with a minus sign: that of -(1/N) y^T A^-1 y.
  /// Positive semidefinite.
  package let targetGradient: BlockDiagonal
  /// Gm_ij = 1/(N lambda1 n) m_i^T (A^-1 - u u^T) m_j, the derivative with respect to R; nil without means.
  package let meanGradient: BlockDiagonal?
  /// (1/N) max_mu A_(mu mu) (tr A^-1 + |u|^2), the size of the terms that cancel in the gradient: times 2^-52
  /// it bounds what rounding leaves of it.
  package let gradientScale: Double
  /// What rounding of the kernel leaves of the gradient's norm, estimated (`KernelRounding`).
  package let kernelRounding: Double
  /// The factor of A (of Ac where there are means) and u, for the curvature; nil where a data term needs none.
  package let factorization: (factor: any InverseFactor, u: [Double])?

  /// Gamma, or Gc.
  package var covarianceGradient: BlockDiagonal { inverseGradient - targetGradient }
}

/// The second derivatives of the data part in the direction Q = L (1 + X) L^T, as symmetric operators on the
/// coordinates of X (docs/theory.md, section 3); target - inverse is the Hessian, Y - E there. k_a is the
/// derivative of K_R along coordinate a.
package struct DataTermCurvature {
  /// Y_ab = (2/N) u^T k_a A^-1 k_b u, positive semidefinite.
  package let target: ([Double]) -> [Double]
  /// E_ab = (1/N) tr(A^-1 k_a A^-1 k_b), positive semidefinite, or an unbiased estimate of it.
  package let inverse: ([Double]) -> [Double]
}

/// The data part of the effective action: -2/N times the log of the likelihood of the targets under a Gaussian
/// process whose kernel K_R is linear in the order parameter, up to constants. For Gaussian noise of variance T
/// it is (1/N) [ log det A + y^T A^-1 y ], A = T + K_R (docs/theory.md, section 3). A likelihood is one
/// conforming type.
///
/// A point is made in two steps, as the weight R of the means is the prior term's to determine: `point` factors
/// what depends on Q alone and tells of the means, `DataPoint.value` takes R.
package protocol DataTerm: Sendable {
  associatedtype Point: DataPoint

  /// The space of the order parameter.
  var space: OrderParameterSpace { get }
  /// Temperature, width and scale of the kernel.
  var parameters: ActionParameters { get }
  /// Whether the activation has means m, so that weights carry R.
  var hasMeans: Bool { get }

  /// Factors the covariance at Q (Qbar in section 4): one renormalized kernel, one factorisation.
  ///
  /// - Throws: `LinearAlgebraError` where it cannot be factored.
  func point(at covariance: BlockDiagonal) throws(LinearAlgebraError) -> Point

  /// The curvature at a point that was evaluated, in the frame L; nil where it would cost too much.
  func curvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) throws(LinearAlgebraError) -> DataTermCurvature?

  /// Draws of what rounding of the kernels, taken as independent errors of their elements, makes of the
  /// gradient with respect to W; nil where that is not known but for its norm (`DataTermValue.kernelRounding`).
  ///
  /// - Parameter mean: R; nil for odd activations.
  func gradientNoise(
    at value: DataTermValue, covariance: BlockDiagonal, mean: BlockDiagonal?, draws: Int,
    random: RandomGenerator
  ) throws(LinearAlgebraError) -> [BlockDiagonal]?
}

extension DataTerm {
  package func gradientNoise(
    at value: DataTermValue, covariance: BlockDiagonal, mean: BlockDiagonal?, draws: Int,
    random: RandomGenerator
  ) throws(LinearAlgebraError) -> [BlockDiagonal]? { nil }
}

/// A data term at one Q, before the weight of the means is known.
package protocol DataPoint {
  /// What the prior term needs to determine R; nil for odd activations.
  var projections: MeanProjections? { get }

  /// Value and gradient with the weight R of the means; nil for odd activations.
  ///
  /// - Throws: `LinearAlgebraError` where a factorisation fails.
  func value(mean: BlockDiagonal?) throws(LinearAlgebraError) -> DataTermValue
}

/// Temperature, width and prior precision of the readout, as they enter the effective action. The precision
/// lambda0 of the hidden weights is inside the kernels.
package struct ActionParameters: Sendable {
  /// T, the variance of the noise, in squared units of the targets.
  package let temperature: Double
  /// N, hidden units or channels.
  package let width: Double
  /// 1/(lambda1 n), the scale of K_R.
  package let kernelScale: Double

  package init(temperature: Double, width: Double, kernelScale: Double) {
    self.temperature = temperature
    self.width = width
    self.kernelScale = kernelScale
  }
}
