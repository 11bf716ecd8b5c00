/// The order parameters of a deep network, layer by layer (docs/depth.md).
public struct LayerParameters: Equatable, Sendable {
  /// q_1..q_L; Qbar_1..Qbar_L for activations with means. 1 for layers of infinite width.
  public let orderParameters: [Double]
  /// p_l = q_l q_(l+1) .. q_L: lambda_l .. lambda_L <|r_l|^2>/N_l in a sampled network, r_l = N_(l+1)^(-1/2)
  /// (W^l)^T r_(l+1) and r_L = v.
  public let paths: [Double]
  /// r_1..r_L, the weights of the means; nil for odd activations, and at infinite width.
  public let meanWeights: [Double]?
}

extension Solution {
  /// The order parameters of the layers of a deep network; nil for one hidden layer.
  public var layers: LayerParameters? {
    guard space.index == .layer else { return nil }
    let q = weights.covariance.blocks.map(\.trace)
    var (paths, product) = ([Double](), 1.0)
    for q in q.reversed() {
      product *= q
      paths.append(product)
    }
    return LayerParameters(
      orderParameters: q, paths: paths.reversed(), meanWeights: weights.mean?.blocks.map(\.trace))
  }
}
