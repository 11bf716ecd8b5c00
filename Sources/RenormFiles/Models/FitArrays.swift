internal import LinearAlgebra
public import Renorm

/// The matrices behind a fit as an NPZ archive, for work on the theory itself.
///
/// | array | shape | content |
/// |---|---|---|
/// | `kernel` | P x P | K_R on the training set, without T; of several outputs the factor over examples, see
/// below |
/// | `eigenvalues` | P, or P D | eigenvalues of K_R, ascending |
/// | `means`, `mean_covariance` | P, D x D | m and C of the part C (x) m m^T of K_R, for several outputs of one
/// kernel and activations that are not odd |
/// | `order_parameter` | 1 x 1, n x n, D x D, n D x n D, L x L or blocks P_1..P_L | as in the report |
/// | `mean_weights` | as `order_parameter` | R of activations that are not odd, with one hidden layer of finite
/// width: K_R = 1/(lambda1 n) sum_ij [ Q_ij (K_ij - m_i m_j^T) + R_ij m_i m_j^T ] |
/// | `paths` | L | p_1..p_L of a deep network |
/// | `positions` | n x 2 | row and column of the grid for each position of the order parameter; not for outputs
/// alone, or layers |
/// | `targets` | P x D | the targets that the network has learnt |
/// | `mean`, `variance` | p x D | predictions at the p held-out points |
/// | `covariance` | D x p x p | cov(f_c(x), f_c(x')) = K_R(x, x') - k(x)^T A^-1 k(x') of each output c |
///
/// Several outputs of one kernel have K_R = Q (x) `kernel` + `mean_covariance` (x) `means` `means`^T on vec(Y).
/// At many positions it is all of K_R, P D x P D, with example mu of output c at mu D + c.
/// Everything is in the units of the network: with scaled targets, means and covariances are those of
/// (y - shift) / scale.
public struct FitArrays: Sendable {
  private let posterior: Posterior
  private let points: (inputs: Matrix, prediction: Prediction)?

  /// The arrays of a fit and of its predictions at the columns of `inputs`, where there are any.
  public init(_ posterior: Posterior, at inputs: Matrix?, _ prediction: Prediction?) {
    self.posterior = posterior
    points = inputs.flatMap { inputs in prediction.map { (inputs, $0) } }
  }

  /// Refuses sizes that do not fit in memory, for use before the fit: the arrays are held once and written
  /// once.
  ///
  /// - Parameter order: of the kernel, P or P D.
  /// - Throws: `RenormError.outOfMemory`.
  public static func checkMemory(order: Int, points: Int, outputs: Int) throws(RenormError) {
    let elements = 4 * (Double(order) * Double(order) + Double(outputs) * Double(points) * Double(points))
    let bytes = Int(min(8 * elements, 0x1p62))
    guard let available = MemoryBudget.shortage(of: bytes) else { return }
    throw .outOfMemory(
      what: "the kernel and the covariance of \(points) points", bytes: bytes, available: available,
      advice: "take fewer examples or held-out points")
  }

  /// Writes the archive; afterwards the file is complete, or as it was before.
  ///
  /// - Throws: `DataError` where the file cannot be written, `RenormError.numericalFailure` where the
  ///   eigenvalues of the kernel cannot be found.
  public func write(to path: String) throws {
    var archive = NPZWriter()
    archive.add("kernel", posterior.renormalizedKernel)
    let eigenvalues = try posterior.kernelEigenvalues()
    archive.add("eigenvalues", eigenvalues, shape: [eigenvalues.count])
    if let means = posterior.outputMeans {
      archive.add("means", means.values, shape: [means.values.count])
      archive.add("mean_covariance", means.covariance)
    }
    archive.add("order_parameter", posterior.orderParameter)
    if let weights = posterior.solution.meanWeights { archive.add("mean_weights", weights) }
    let index = posterior.solution.space.index
    if index == .position || index == .positionAndOutput {
      let grid = posterior.grid
      archive.add(
        "positions", (0..<grid.positions).flatMap { [$0 / grid.columns, $0 % grid.columns] },
        shape: [grid.positions, 2])
    }
    if let layers = posterior.solution.layers {
      archive.add("paths", layers.paths, shape: [layers.paths.count])
    }
    archive.add("targets", posterior.training.targets)
    if let points {
      archive.add("mean", points.prediction.mean)
      archive.add("variance", points.prediction.variance)
      let outputs = posterior.training.outputs
      // Symmetric, so that the order of rows and columns does not matter.
      let covariances = try (0..<outputs).flatMap { output in
        try posterior.predictiveCovariance(of: points.inputs, output: output).elements
      }
      archive.add("covariance", covariances, shape: [outputs, points.inputs.columns, points.inputs.columns])
    }
    try archive.write(to: path)
  }
}
