internal import LinearAlgebra

extension FullDensity {
  /// The errors of one draw when only some of its units are kept.
  struct Pruning {
    /// For each part that is kept, zeta without the other units.
    private let readouts: [Matrix]
    private let targets: Matrix
    private var sums: [Double]

    /// - Returns: nil where nothing of this is asked for.
    init?(_ density: FullDensity, _ network: NetworkModel.Memory) {
      let (layout, layer) = (density.layout, density.model.layer)
      guard let targets = density.model.prunedTargets, !layout.kept.isEmpty else { return nil }
      let (zeta, scales) = (density.readout(network), density.unitScales(network))
      let sizes = (0..<layer.units).map { a in
        let own = (0..<layer.rank).reduce(0.0) { sum, b in
          (0..<layout.outputs).reduce(sum) {
            $0 + zeta[a + layer.units * b, $1] * zeta[a + layer.units * b, $1]
          }
        }
        return layer.scaleLaw == nil ? own : scales[a] * own
      }
      let order = sizes.indices.sorted { sizes[$0] > sizes[$1] }
      self.targets = targets
      readouts = layout.kept.map { part in
        var isKept = [Bool](repeating: false, count: layer.units)
        for a in order.prefix(Int((part * Double(layer.units)).rounded())) { isKept[a] = true }
        return Matrix(rows: zeta.rows, columns: zeta.columns) { isKept[$0 % layer.units] ? zeta[$0, $1] : 0 }
      }
      sums = [Double](repeating: 0, count: readouts.count)
    }

    /// Takes the test points from `start` on.
    ///
    /// - Parameter observed: their features.
    mutating func add(_ observed: MatrixView, scale: Double, start: Int) {
      let features = observed.matrix
      for (k, readout) in readouts.enumerated() {
        let f = scale * (features * readout)
        for d in 0..<f.columns {
          for p in 0..<f.rows {
            let residual = targets[start + p, d] - f[p, d]
            sums[k] += residual * residual
          }
        }
      }
    }

    /// Means over test points and outputs.
    var errors: [Double] { sums.map { $0 / Double(max(targets.elements.count, 1)) } }
  }
}
