internal import LinearAlgebra

extension GaussianChannels {
  /// Points that are predicted together.
  private static var blockSize: Int { 512 }

  /// Means and variances of f at the columns of `inputs`, whose kernels are computed block by block.
  func predict(
    _ inputs: Matrix, _ kernel: RenormalizedKernel, training: Matrix, _ readout: ReadoutFactor
  ) -> Prediction {
    var mean = Matrix(rows: inputs.columns, columns: basis.rows)
    var variance = mean
    for block in inputs.columns.blocks(of: Self.blockSize) {
      let points = inputs.selectingColumns(block)
      let part = predict(
        cross: kernel.cross(training, points), variances: kernel.diagonal(points),
        feature: hasFeature ? readout.pooledMeans(kernel.local.means(points)) : [])
      for (row, point) in block.enumerated() {
        for d in 0..<basis.rows {
          mean[point, d] = part.mean[row, d]
          variance[point, d] = part.variance[row, d]
        }
      }
    }
    return Prediction(mean: mean, variance: variance)
  }

  /// Means and variances of f at points with the given k(X, x), k(x, x) and pooled means.
  func prediction(cross: Matrix, variances: [Double], feature: [Double] = []) -> Prediction {
    let (mean, variance) = predict(cross: cross, variances: variances, feature: feature)
    return Prediction(mean: mean, variance: variance)
  }
}
