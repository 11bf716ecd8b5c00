internal import LinearAlgebra
internal import Renorm

/// A hidden layer above the first of a deep network, as a function of its weights: h = scale^(1/2) s(below) Z,
/// s(below) P x N_l the activations of layer l and Z of size N_l x N_(l+1), of unit prior variance, so that
/// scale = 1/(lambda_l N_l) (docs/depth.md). Z stands column by column behind the weights of the layers below.
///
/// A convolutional layer reads the m positions I + d of the layer below at each of its positions I, h_I =
/// scale^(1/2) sum_d s(below)_(I+d) Z_d with scale = 1/(lambda_l N_l m); Z_d are rows d N_l .. of Z, of size m
/// N_l x N_(l+1).
struct UpperLayer: Sendable {
  /// N_l.
  let inputs: Int
  /// N_(l+1).
  let units: Int
  /// (lambda_l N_l m)^(-1/2).
  let scale: Double
  /// Where Z starts among the hidden weights.
  let start: Int
  /// I + d, of each position I; one of one in a fully connected network.
  let patches: [[Int]]
  /// Positions of the layer below.
  let belowPositions: Int

  /// Number of positions.
  var positions: Int { patches.count }
  /// m, the positions that a filter reads.
  var patchSize: Int { patches[0].count }
  /// Number of weights.
  var weights: Int { inputs * patchSize * units }

  /// p_1..p_(L-1) over the last layer's features, given the second moments of the readout zeta, Sigma + sum_d
  /// m_d m_d^T/D: with C_l = Z^l C_(l+1), C_L = 1, and |r_l|^2 = lambda^-1 .. |C_l zeta|^2,
  ///
  ///     p_l = tr(C_l <zeta zeta^T> C_l^T) / (N_l .. N_L).
  ///
  /// Of convolutional layers tr P_1/(n_2 m), the average over positions I and over d.
  ///
  /// - Parameter basis: B, from coordinates of the readout to positions; nil for the identity.
  static func paths(
    _ layers: [UpperLayer], _ weights: UnsafePointer<Double>, moments: Matrix, basis: Matrix?
  ) -> [Double] {
    guard let last = layers.last else { return [] }
    let own = last.positionMoments(moments, basis: basis)
    var (paths, volume) = ([Double](), Double(last.units * last.positions))
    var map = Matrix.identity(last.units)
    for layer in layers.reversed() {
      map = layer.matrix(weights).matrix * map
      volume *= Double(layer.inputs * layer.patchSize)
      paths.append(map.innerProduct(map * own) / volume)
    }
    return paths.reversed()
  }

  /// sum_I <v_aI v_bI>, N x N, from moments with index a + N b of unit a and coordinate b, v_aI = sum_b B_Ib
  /// zeta_ab.
  private func positionMoments(_ moments: Matrix, basis: Matrix?) -> Matrix {
    guard moments.rows > units || basis != nil else { return moments }
    let rank = moments.rows / units
    let weights = basis.map { $0.asTranspose * $0 } ?? .identity(rank)
    return Matrix(rows: units, columns: units) { a, b in
      (0..<rank).reduce(0) { sum, k in
        sum + (0..<rank).reduce(0) { $0 + weights[k, $1] * moments[a + units * k, b + units * $1] }
      }
    }
  }

  /// Z.
  func matrix(_ weights: UnsafePointer<Double>) -> MatrixView {
    MatrixView(weights + start, inputs * patchSize, units)
  }

  /// Z_d.
  func filter(_ d: Int, _ weights: UnsafePointer<Double>) -> MatrixView {
    MatrixView(weights + start + d * inputs, inputs, units, stride: inputs * patchSize)
  }

  /// The layers above the first, whose weights are `first` in number.
  ///
  /// - Parameter grid: the positions of the first layer.
  /// - Throws: `RenormError.unsupported` for layers of infinite width.
  static func all(_ network: Network, first: Int, on grid: PatchGrid) throws(RenormError) -> [UpperLayer] {
    let widths = network.widths.compactMap(\.units)
    guard widths.count == network.depth else {
      throw .unsupported(
        what: "sampling a network with a layer of infinite width", instead: "take finite widths for all layers")
    }
    var layers: [UpperLayer] = []
    var start = first
    let upper = network.architecture.upperWindow == nil ? nil : try network.readoutGrid(grid)
    let patches = upper.map { grid in grid.origins.map { origin in grid.offsets.map { origin + $0 } } } ?? [[0]]
    for l in 1..<max(widths.count, 1) {
      let scale = 1 / (network.lambdas[l - 1] * Double(widths[l - 1] * patches[0].count)).squareRoot()
      let layer = UpperLayer(
        inputs: widths[l - 1], units: widths[l], scale: scale, start: start, patches: patches,
        belowPositions: l == 1 ? grid.positions : 1)
      layers.append(layer)
      start += layer.weights
    }
    return layers
  }
}
