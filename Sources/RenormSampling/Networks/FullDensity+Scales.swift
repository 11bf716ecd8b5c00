public import GSLNumerics
internal import LinearAlgebra

extension FullDensity {
  /// A scale for each hidden unit of a network with a node prior.
  public var stateCount: Int { model.layer.scaleCount }

  /// Short where one unit has a large scale.
  public func stepFactor(_ position: [Double]) -> Double {
    model.layer.stepFactor(position[dimension...])
  }

  /// Draws scale and readout of all units one after the other given all else: tau_a with zeta_a integrated out,
  /// so that closed units open as easily as the data let them, then zeta_a given tau_a. With e the residual
  /// without the unit and G = gamma F_a^T F_a, the S and b of `ScaleLikelihood` are G/T and gamma^(1/2) F_a^T
  /// e/T, and
  ///
  ///     zeta_a ~ N( tau_a^(1/2) (1 + tau_a S)^-1 b, (1 + tau_a S)^-1 ).
  ///
  /// Costs about as much as two gradients' readout, N r P.
  public func move(
    _ position: inout [Double], _ workspace: inout Workspace, _ random: RandomGenerator
  ) -> Bool {
    guard let step = scaleStep else { return false }
    let (network, layer) = (workspace.network, model.layer)
    setWeights(position, network)
    let features = layer.computeFeatures(network.weights.pointer, model.training, network.training).matrix
    let scales = network.weights.pointer + dimension
    let (root, outputs, hidden) = (layer.featureScale.squareRoot(), layout.outputs, hiddenWeights)
    let readout = readout(network)
    var residual = targets.view.matrix
    for a in 0..<layer.units {
      for b in 0..<layer.rank {
        let column = a + layer.units * b
        residual.subtract(features, column, root * scales[a].squareRoot(), readout, column)
      }
    }
    for a in 0..<layer.units {
      let columns = (0..<layer.rank).map { a + layer.units * $0 }
      for column in columns {
        residual.subtract(features, column, -root * scales[a].squareRoot(), readout, column)
      }
      let own = features.selectingColumns(columns)
      let factor = layer.featureScale / model.temperature
      guard let spectrum = try? SymmetricEigen((factor * (own.asTranspose * own)).symmetricPart) else {
        return true
      }
      let eigenvalues = spectrum.values.map { max($0, 0) }
      let beta = (root / model.temperature) * (spectrum.vectors.asTranspose * (own.asTranspose * residual))
      let likelihood = ScaleLikelihood(
        eigenvalues: eigenvalues,
        squares: (0..<layer.rank).map { k in (0..<outputs).reduce(0) { $0 + beta[k, $1] * beta[k, $1] } },
        outputs: Double(outputs))
      scales[a] = step(scales[a], likelihood, random)
      position[dimension + a] = scales[a]
      let turned = Matrix(rows: layer.rank, columns: outputs) { k, d in
        let gain = 1 + scales[a] * eigenvalues[k]
        return scales[a].squareRoot() * beta[k, d] / gain + random.gaussian() / gain.squareRoot()
      }
      let zeta = spectrum.vectors * turned
      for (b, column) in columns.enumerated() {
        for d in 0..<outputs {
          readout[column, d] = zeta[b, d]
          position[hidden + column + layer.features * d] = zeta[b, d]
        }
        residual.subtract(features, column, root * scales[a].squareRoot(), readout, column)
      }
    }
    return true
  }
}

extension Matrix {
  /// Subtracts factor times the outer product of a column of F and a row of zeta.
  fileprivate mutating func subtract(
    _ f: Matrix, _ column: Int, _ factor: Double, _ zeta: MatrixView, _ row: Int
  ) {
    for d in 0..<columns {
      let weight = factor * zeta[row, d]
      for mu in 0..<rows { self[mu, d] -= weight * f[mu, column] }
    }
  }
}
