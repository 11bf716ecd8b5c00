package import GSLNumerics
package import LinearAlgebra

extension SingleKernelDataTerm {
  /// Exact: between channels c and d, tr(F_c^-1 H F_d^-1 H) is a divided difference of tr(F^-1 H), and the part
  /// of the targets needs D^2 solves with tridiagonal matrices. The part of the means is left out.
  package func curvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) throws(LinearAlgebraError) -> DataTermCurvature? {
    let l = frame.blocks[0]
    let spectrum = try SymmetricEigen((l * l.asTranspose).symmetricPart)
    let channels = try channels(spectrum)
    let outputs = channels.count
    let hu = channels.map { reduction.multiply($0.u) }
    let products = channels.map { channel in
      let solved = hu.map { channel.factor.solve($0) }
      return Matrix(rows: outputs, columns: outputs) { d, e in dot(hu[d], solved[e]) }
    }
    let traces = Matrix(rows: outputs, columns: outputs) { c, d in channels[c].traceOfProduct(with: channels[d]) }
    let map = spectrum.vectors.asTranspose * l
    let scale = parameters.kernelScale * parameters.kernelScale / parameters.width
    // Over X: its image over the channels, what the data make of that, and the adjoint back.
    let inFrame = { (change: @escaping (Matrix) -> Matrix) in
      { (x: [Double]) -> [Double] in
        let image = map * (BlockDiagonal(coordinates: x, sizes: [outputs]).dense * map.asTranspose)
        let gradient = map.asTranspose * (change(image) * map)
        return BlockDiagonal([scale * gradient.symmetricPart]).coordinates
      }
    }
    return DataTermCurvature(
      target: inFrame { image in
        2 * Matrix(columns: (0..<outputs).map { c in products[c] * image.column(c) })
      },
      inverse: inFrame { image in Matrix(rows: outputs, columns: outputs) { traces[$0, $1] * image[$0, $1] } })
  }
}

extension OutputChannel {
  /// tr(F^-1 H G^-1 H) for another channel's G.
  fileprivate func traceOfProduct(with other: OutputChannel) -> Double {
    let difference = other.scale - scale
    // Close eigenvalues would cancel in the divided difference.
    if abs(difference) <= 1e-4 * abs(scale) { return -factor.logDeterminantSecondDerivative }
    return (trace - other.trace) / difference
  }
}
