public import LinearAlgebra

/// The order parameters of a deep network, layer by layer (docs/depth.md).
public struct LayerParameters: Equatable, Sendable {
  /// q_1..q_L; Qbar_1..Qbar_L for activations with means. 1 for layers of infinite width. Where layers have
  /// matrices, tr(P~_(l+1)^-1 P_l)/d_l, the mean of the eigenvalues of what a layer adds to the one above it.
  public let orderParameters: [Double]
  /// p_l = q_l q_(l+1) .. q_L: lambda_l .. lambda_L <|r_l|^2>/N_l in a sampled network, r_l = N_(l+1)^(-1/2)
  /// (W^l)^T r_(l+1) and r_L = v. Where layers have matrices, tr P_l/d_l: the same averaged over outputs or
  /// positions.
  public let paths: [Double]
  /// r_1..r_L, the weights of the means; nil for odd activations, and at infinite width.
  public let meanWeights: [Double]?
  /// P_1..P_L, over outputs or positions; nil where they are numbers.
  public let matrices: [Matrix]?
}

extension Solution {
  /// The order parameters of the layers of a deep network; nil for one hidden layer.
  public var layers: LayerParameters? {
    switch space.index {
    case .layer:
      let q = weights.covariance.blocks.map(\.trace)
      var (paths, product) = ([Double](), 1.0)
      for q in q.reversed() {
        product *= q
        paths.append(product)
      }
      return LayerParameters(
        orderParameters: q, paths: paths.reversed(), meanWeights: weights.mean?.blocks.map(\.trace),
        matrices: nil)
    case .path:
      let blocks = weights.covariance.blocks
      // The mean over outputs keeps its prior, and counts 1.
      let common = space.contrasts == nil ? 0 : 1 / Double(space.outputs)
      let q = blocks.enumerated().map { l, block in
        let sum: Double
        if l + 1 < blocks.count {
          let above = blocks[l + 1].spread(over: block.rows / blocks[l + 1].rows)
          sum = (try? Cholesky(above)).map { $0.solve(block).trace } ?? .nan
        } else {
          sum = block.trace
        }
        return (sum / Double(block.rows) + common) / (1 + common)
      }
      let matrices = space.matrices(coordinates)
      return LayerParameters(
        orderParameters: q, paths: matrices.map { $0.trace / Double($0.rows) }, meanWeights: nil,
        matrices: matrices)
    default: return nil
    }
  }
}
