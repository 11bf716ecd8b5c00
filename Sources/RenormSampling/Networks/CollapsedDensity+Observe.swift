internal import GSLNumerics
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
      layer.scale(observed, by: scales(workspace))
      let part = readout.predict(observed, training: features, network.cross, memory)
      for d in 0..<layout.outputs {
        for p in 0..<points.count { means[start + p, d] = part.mean[p, d] }
      }
      variances += part.variance
    }
    let moments = readout.moments(
      features, units: layer.units, rank: layer.rank,
      scales: layer.scaleLaw == nil ? nil : scales(workspace),
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
    if !layer.upper.isEmpty { appendLayers(to: &record, features, workspace) }
    if !layout.readoutSizes.isEmpty {
      let zeta = readout.draw(features, RandomGenerator(seed: Self.seed(of: position)), memory)
      model.appendReadouts(to: &record, zeta, network.weights.pointer, scales: scales(workspace))
    }
    record += layer.scaleRecord(scales(workspace))
    return record
  }

  /// A number of the position's bits (FNV-1a): draws given w repeat with w, on any number of threads.
  private static func seed(of position: [Double]) -> UInt32 {
    let hash = position.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ $1.bitPattern) &* 0x0000_0100_0000_01b3
    }
    return UInt32(truncatingIfNeeded: hash >> 32)
  }

  /// Appends paths and virials: omega_l = 1 + <Z^l, dlog p(y | F)/dZ^l>/N_l has the mean of 1 + (|Z^l|^2 - N_l
  /// N_(l+1))/N_l, as the gradient of the log density has the mean 0 times position, and far less noise.
  ///
  /// The inverse and the features of the training set are lost.
  private func appendLayers(to record: inout [Double], _ features: MatrixView, _ workspace: Workspace) {
    let (network, layer, memory) = (workspace.network, model.layer, workspace.readout)
    let shape = { (array: WorkArray) in array.matrix(model.training.count, layer.features) }
    let moments = readout.secondMoments(
      features, scratch: (shape(network.derivatives), shape(network.spare)), memory)
    record += UpperLayer.paths(
      layer.upper, network.weights.pointer, moments: moments, basis: layer.basis)
    let derivatives = shape(network.derivatives)
    readout.setDerivatives(derivatives, features, memory)
    var gradient = [Double](repeating: 0, count: dimension)
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let gradient = gradient.baseAddress else { return }
      layer.addGradient(
        features: derivatives, at: network.weights.pointer, model.training, network.training, to: gradient)
      record += layer.upper.map { upper in
        let product = upper.matrix(network.weights.pointer).innerProduct(upper.matrix(gradient))
        return 1 + product / Double(upper.inputs)
      }
    }
  }
}
