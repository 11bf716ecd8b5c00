internal import LinearAlgebra

/// Weights of the two parts of a renormalized kernel,
/// K_R = 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T (THEORY, section 4).
///
/// Odd activations have m = 0 and no R. Over outputs instead of positions for several outputs.
struct KernelWeights: Sendable {
  /// W: Qbar, or Q of section 3.
  var covariance: SymmetricBlocks
  /// R = (I + Q)^-1; nil where the means vanish.
  var mean: SymmetricBlocks?
}

/// The data part of the effective action at one point.
struct DataTermValue: Sendable {
  /// (1/N) [ log det A + y^T A^-1 y ], A = T I + K_R.
  let value: Double
  /// Gamma (section 3) or Gc (section 4): the derivative with respect to W.
  let covarianceGradient: SymmetricBlocks
  /// Gm: the derivative with respect to R.
  let meanGradient: SymmetricBlocks?
  /// log det A.
  let logDeterminant: Double
  /// y^T A^-1 y.
  let quadraticForm: Double
}

/// The data part of the effective action as a function of the weights of the renormalized kernel.
protocol DataTerm {
  /// The sizes of the diagonal blocks of the order parameter.
  var blockSizes: [Int] { get }
  /// Whether the activation has means m, so that weights carry R.
  var hasMeans: Bool { get }

  /// One renormalized kernel, one factorisation, one gradient.
  ///
  /// - Throws: `LinearAlgebraError` where A cannot be factored.
  func evaluate(_ weights: KernelWeights) throws(LinearAlgebraError) -> DataTermValue
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
