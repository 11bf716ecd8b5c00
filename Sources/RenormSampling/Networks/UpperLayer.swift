internal import LinearAlgebra
internal import Renorm

/// A hidden layer above the first of a deep network, as a function of its weights: h = scale^(1/2) s(below) Z,
/// s(below) P x N_l the activations of layer l and Z of size N_l x N_(l+1), of unit prior variance, so that
/// scale = 1/(lambda_l N_l) (docs/depth.md). Z stands column by column behind the weights of the layers below.
struct UpperLayer: Sendable {
  /// N_l.
  let inputs: Int
  /// N_(l+1).
  let units: Int
  /// (lambda_l N_l)^(-1/2).
  let scale: Double
  /// Where Z starts among the hidden weights.
  let start: Int

  /// Number of weights.
  var weights: Int { inputs * units }

  /// p_1..p_(L-1) over the last layer's features, given the second moments of the readout zeta, Sigma + sum_d
  /// m_d m_d^T/D: with C_l = Z^l C_(l+1), C_L = 1, and |r_l|^2 = lambda^-1 .. |C_l zeta|^2,
  ///
  ///     p_l = tr(C_l <zeta zeta^T> C_l^T) / (N_l .. N_L).
  static func paths(_ layers: [UpperLayer], _ weights: UnsafePointer<Double>, moments: Matrix) -> [Double] {
    var (paths, volume) = ([Double](), Double(moments.rows))
    var map = Matrix.identity(moments.rows)
    for layer in layers.reversed() {
      map = layer.matrix(weights).matrix * map
      volume *= Double(layer.inputs)
      paths.append(map.innerProduct(map * moments) / volume)
    }
    return paths.reversed()
  }

  /// Z.
  func matrix(_ weights: UnsafePointer<Double>) -> MatrixView { MatrixView(weights + start, inputs, units) }

  /// The layers above the first, whose weights are `first` in number.
  ///
  /// - Throws: `RenormError.unsupported` for layers of infinite width.
  static func all(_ network: Network, first: Int) throws(RenormError) -> [UpperLayer] {
    let widths = network.widths.compactMap(\.units)
    guard widths.count == network.depth else {
      throw .unsupported(
        what: "sampling a network with a layer of infinite width", instead: "take finite widths for all layers")
    }
    var layers: [UpperLayer] = []
    var start = first
    for l in 1..<max(widths.count, 1) {
      let scale = 1 / (network.lambdas[l - 1] * Double(widths[l - 1])).squareRoot()
      let layer = UpperLayer(inputs: widths[l - 1], units: widths[l], scale: scale, start: start)
      layers.append(layer)
      start += layer.weights
    }
    return layers
  }
}
