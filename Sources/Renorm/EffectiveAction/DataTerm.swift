internal import GSLNumerics
internal import LinearAlgebra

/// Weights of the two parts of a renormalized kernel,
/// K_R = 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T (docs/theory.md, section 4).
///
/// Odd activations have m = 0 and no R. Over outputs instead of positions for several outputs.
struct KernelWeights: Sendable {
  /// W: Qbar, or Q of section 3.
  var covariance: BlockDiagonal
  /// R = (I + Q)^-1; nil where the means vanish.
  var mean: BlockDiagonal?
}

/// The data part of the effective action at one point.
struct DataTermValue: Sendable {
  /// (1/N) [ log det A + y^T A^-1 y ], A = T I + K_R.
  let value: Double
  /// The part of Gamma (section 3) or Gc (section 4), the derivative with respect to W, that comes from A^-1.
  let inverseGradient: BlockDiagonal
  /// The part that comes from u u^T, u = A^-1 y, and enters with a minus sign.
  let targetGradient: BlockDiagonal
  /// Gm: the derivative with respect to R.
  let meanGradient: BlockDiagonal?
  /// log det A.
  let logDeterminant: Double
  /// y^T A^-1 y.
  let quadraticForm: Double
  /// (1/N) max_mu A_(mu mu) (tr A^-1 + |u|^2), the size of the terms that cancel in the gradient.
  let gradientScale: Double
  /// What rounding of the kernel leaves of the gradient's norm.
  let kernelRounding: Double
  /// The factor of A (of Ac where there are means) and u, for the curvature; nil where a data term needs none.
  let factorization: (factor: Cholesky, u: [Double])?

  /// Gamma, or Gc.
  var covarianceGradient: BlockDiagonal { inverseGradient - targetGradient }
}

/// The second derivatives of the data part with respect to W in the direction Q = L (1 + X) L^T, as symmetric
/// operators on the coordinates of X; their difference target - inverse is the Hessian.
struct DataTermCurvature {
  /// (2/N) u^T K_a A^-1 K_b u, positive semidefinite.
  let target: ([Double]) -> [Double]
  /// (1/N) tr(A^-1 K_a A^-1 K_b), positive semidefinite, or an unbiased estimate of it.
  let inverse: ([Double]) -> [Double]
}

/// The data part of the effective action as a function of the weights of the renormalized kernel.
protocol DataTerm {
  /// The sizes of the diagonal blocks of the order parameter.
  var blockSizes: [Int] { get }
  /// Temperature, width and scale of the kernel.
  var parameters: ActionParameters { get }
  /// Whether the activation has means m, so that weights carry R.
  var hasMeans: Bool { get }

  /// One renormalized kernel, one factorisation, one gradient.
  ///
  /// - Parameters:
  ///   - covariance: W: Qbar, or Q of section 3.
  ///   - mean: R as a function of the means' projections at this W; not called where `hasMeans` is false.
  /// - Throws: `LinearAlgebraError` where A cannot be factored, and what `mean` throws.
  func evaluate(
    _ covariance: BlockDiagonal, mean: (MeanProjections) throws(LinearAlgebraError) -> BlockDiagonal
  ) throws(LinearAlgebraError) -> DataTermValue

  /// The curvature at a point that was evaluated, in the frame L; nil where it would cost too much.
  func curvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) throws(LinearAlgebraError) -> DataTermCurvature?
}

/// Temperature, width and prior precision of the readout, as they enter the effective action.
struct ActionParameters: Sendable {
  /// T.
  let temperature: Double
  /// N.
  let width: Double
  /// 1/(lambda1 n), the scale of K_R.
  let kernelScale: Double
}
