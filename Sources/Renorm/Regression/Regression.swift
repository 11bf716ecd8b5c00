internal import LinearAlgebra

/// Gaussian-process regression on a training set (docs/theory.md, section 7; Rasmussen and Williams, Gaussian
/// Processes, 2006, section 2.2), with the renormalized kernel as its prior covariance.
protocol Regression: Sendable {
  /// log det A over all outputs.
  var logDeterminant: Double { get }
  /// y^T A^-1 y over all outputs.
  var quadraticForm: Double { get }
  /// Whether predictions need m(x).
  var hasFeature: Bool { get }
  /// Number of outputs D.
  var outputs: Int { get }

  /// Means and variances of f at the points of a block, and what rounding leaves of the variances.
  func predict(_ block: HeldOutBlock) -> BlockPrediction

  /// (y - f)/T at the examples that the kernels are over, in their order: A^-1 Y where the noise of all is T, r
  /// x D. As f = K_R A^-1 y = y - T A^-1 y, training errors need no kernel.
  func solvedTargets() -> Matrix

  /// The mean over examples and outputs of (A^-1 y)^2; the same in any orthonormal basis.
  var meanSquareOfSolvedTargets: Double { get }

  /// What rounding of the kernel makes of a mean at a point like those of the training set.
  var roundingOfMeans: Double { get }
}

extension Regression {
  /// Means and variances of f at held-out points.
  func prediction(
    at points: any PointKernels, _ kernel: RenormalizedKernel, scale: Double
  ) -> Prediction {
    var mean = Matrix(rows: points.count, columns: outputs)
    var (meanError, variance, error) = (mean, mean, mean)
    var start = 0
    points.forEachBlock(kernel, scale: scale) { block in
      let part = predict(block)
      for row in 0..<part.mean.rows {
        for d in 0..<outputs {
          mean[start + row, d] = part.mean[row, d]
          meanError[start + row, d] = part.meanError[row, d]
          variance[start + row, d] = part.variance[row, d]
          error[start + row, d] = part.error[row, d]
        }
      }
      start += part.mean.rows
    }
    return Prediction(mean: mean, variance: variance, meanError: meanError, varianceError: error)
  }
}
