package import GSLNumerics
package import LinearAlgebra

extension SingleKernelDataTerm {
  /// The second derivatives of the data part (docs/theory.md, section 3) in the basis of the channels, where a
  /// change M of W, D x D, changes the blocks of A by c M_de H, c = 1/(lambda1 n):
  ///
  ///     <M, Y M> = (2 c^2/N) sum_cde M_cd M_ce (H u_d)^T F_c^-1 (H u_e)
  ///     <M, E M> = (c^2/N)   sum_cd  M_cd^2 tr(F_c^-1 H F_d^-1 H)
  ///
  /// Exact, no estimate: the trace is the divided difference (tr(F_c^-1 H) - tr(F_d^-1 H))/(s_d - s_c), and Y
  /// needs D^2 solves with tridiagonal matrices. What the means add is left out; it steers the steps only.
  ///
  /// - Parameter frame: L of Q = L L^T, one block of order D.
  /// - Throws: `LinearAlgebraError` where a channel cannot be factored.
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
    let traces = Matrix(rows: outputs, columns: outputs) { c, d in
      channels[c].traceOfProduct(with: channels[d])
    }
    let map = spectrum.vectors.asTranspose * l
    let scale = parameters.kernelScale * parameters.kernelScale / parameters.width
    // From a step X to the change M = V^T L X L^T V of W over channels; what the data make of it; and the
    // adjoint back.
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
  /// tr(F^-1 H G^-1 H) for another channel's G: (tr(F^-1 H) - tr(G^-1 H))/(s_G - s_F).
  fileprivate func traceOfProduct(with other: OutputChannel) -> Double {
    let difference = other.scale - scale
    // Close eigenvalues would cancel in the divided difference; taken as equal they make a relative error of
    // about 1e-4.
    if abs(difference) <= 1e-4 * abs(scale) { return -factor.logDeterminantSecondDerivative }
    return (trace - other.trace) / difference
  }
}
