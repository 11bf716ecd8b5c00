internal import LinearAlgebra
internal import Renorm

extension CollapsedDensity {
  /// The numbers of `DrawLayout`, given w: the log density, |z|^2/dimension = lambda0 |w|^2 per weight, and as
  /// the readout is Gaussian given w, the means over it of the training loss, of lambda1 v v^T/N and of f(x),
  /// and the variance of f(x) (`ReadoutPosterior`); similarities of the hidden layer. NaN where the density
  /// cannot be evaluated.
  public func observe(_ position: [Double], _ workspace: inout Workspace) -> [Double] {
    let (network, layer, memory) = (workspace.network, model.layer, workspace.readout)
    let features = computeFeatures(position, workspace)
    guard let logDensity = logDensity(readout.invert(features, memory), workspace) else {
      return [Double](repeating: .nan, count: layout.count)
    }
    readout.setProjection(features, memory)
    var means = Matrix(rows: layout.testCount, columns: layout.outputs)
    var variances: [Double] = []
    for points in model.tests {
      let start = variances.count
      let observed = layer.computeFeatures(network.weights.pointer, points, network.observed)
      let part = readout.predict(observed, training: features, network.cross, memory)
      for d in 0..<layout.outputs {
        for p in 0..<points.count { means[start + p, d] = part.mean[p, d] }
      }
      variances += part.variance
    }
    let moments = readout.moments(
      features, units: layer.units, rank: layer.rank,
      scratch: (
        network.derivatives.matrix(model.training.count, layer.features),
        network.spare.matrix(model.training.count, layer.features)
      ), memory)
    var record = [
      logDensity, network.weights.matrix(dimension, 1).squaredNorm / Double(dimension), moments.trainingLoss,
    ]
    record.reserveCapacity(layout.count)
    record += model.orderParameter(moments.readout)
    record += means.elements
    record += variances
    model.appendSimilarity(to: &record, network)
    return record
  }
}
