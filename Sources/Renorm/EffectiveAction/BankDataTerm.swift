internal import LinearAlgebra

/// The data term of a network with many local kernels and one output (LCN and CNN).
struct BankDataTerm: DataTerm {
  let bank: KernelBank
  /// m_i(x), P x n; nil for odd activations.
  let means: Matrix?
  let targets: [Double]
  let readout: ReadoutFactor
  /// Group sizes of the positions; with a correlated readout there is one group and one r x r block.
  let groupSizes: [Int]
  let parameters: ActionParameters

  var blockSizes: [Int] { readout.basis == nil ? groupSizes : [readout.rank] }
  var hasMeans: Bool { means != nil }

  func evaluate(_ weights: KernelWeights) throws(LinearAlgebraError) -> DataTermValue {
    let a = covariance(weights)
    let largest = a.diagonal.max() ?? 0
    let factor = try Cholesky(a)
    let logDeterminant = factor.logDeterminant
    let u = factor.solve(targets)
    let quadraticForm = dot(targets, u)
    let meanPart = means.map { means in
      // m^T G m with G = A^-1 - u u^T.
      let projection = Matrix(rows: means.columns, columns: 1, elements: means.asTranspose * u)
      return (means.asTranspose * factor.solve(means)).symmetricPart - projection * projection.asTranspose
    }
    let inverse = factor.inverseLowerTriangle()
    let gradientScale = largest * (inverse.trace + dot(u, u)) / parameters.width
    var (inversePart, targetPart) = bank.contract(lower: inverse, outer: u)
    // Kc . G = K . G - m^T G m
    if let meanPart { inversePart = inversePart - meanPart }
    let scale = parameters.kernelScale / parameters.width
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width, inverseGradient: blocks(scale * inversePart),
      targetGradient: blocks(scale * targetPart), meanGradient: meanPart.map { blocks(scale * $0) },
      logDeterminant: logDeterminant, quadraticForm: quadraticForm, gradientScale: gradientScale,
      factorization: (factor, u))
  }

  /// The lower triangle of A = T I + K_R.
  private func covariance(_ weights: KernelWeights) -> Matrix {
    var a = renormalizedKernel(weights)
    for i in 0..<a.rows { a[i, i] += parameters.temperature }
    return a
  }

  /// The lower triangle of K_R.
  func renormalizedKernel(_ weights: KernelWeights) -> Matrix {
    let w = readout.toPositions(weights.covariance.dense)
    var kernel = bank.weightedSum(parameters.kernelScale * w)
    if let means, let mean = weights.mean {
      // sum_ij W_ij Kc_ij + R_ij m_i m_j^T = sum_ij W_ij K_ij + (R - W)_ij m_i m_j^T
      kernel.add(parameters.kernelScale, congruence: means, readout.toPositions(mean.dense) - w, means)
    }
    return kernel
  }

  private func blocks(_ gradient: Matrix) -> BlockDiagonal {
    BlockDiagonal(of: readout.toCoordinates(gradient), sizes: blockSizes)
  }
}
