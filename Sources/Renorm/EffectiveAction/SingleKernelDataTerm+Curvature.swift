internal import GSLNumerics
internal import LinearAlgebra

extension SingleKernelDataTerm {
  /// Exact: between channels c and d, tr(F_c^-1 H F_d^-1 H) is a divided difference of tr(F^-1 H), and the part
  /// of the targets needs D^2 solves with tridiagonal matrices. The part of the means is left out.
  func curvature(
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
    // Elements of symmetric matrices over the channels; off-diagonal ones stand for two.
    let elements = (0..<outputs).flatMap { d in (d..<outputs).map { c in (c, d) } }
    let both = { (element: (Int, Int)) in
      element.0 == element.1 ? [element] : [element, (element.1, element.0)]
    }
    let target = Matrix(rows: elements.count, columns: elements.count) { a, b in
      var sum = 0.0
      for (c, d) in both(elements[a]) {
        for (other, e) in both(elements[b]) where other == c { sum += products[c][d, e] }
      }
      return sum
    }
    let inverse = Matrix.diagonal(
      elements.map { Double(both($0).count) * channels[$0.0].traceOfProduct(with: channels[$0.1]) })
    let map = BlockDiagonal.congruenceMap(
      spectrum.vectors.asTranspose * l, blockSizes: [outputs], elements: elements)
    let scale = parameters.kernelScale * parameters.kernelScale / parameters.width
    return DataTermCurvature(
      target: map.asTranspose * ((2 * scale * target) * map), inverse: map.asTranspose * ((scale * inverse) * map))
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
