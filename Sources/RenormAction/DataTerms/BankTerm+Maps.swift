internal import GSLNumerics
internal import LinearAlgebra

extension BankTerm {
  /// Y and E of `curvature` for banks with `vectorMaps`: along a direction dW of the weights
  ///
  ///     Y dW = (2/N) adjoint( A^-1 (k(dW) u) ),   E dW = (1/N) sum_z adjoint( A^-1 (k(dW) z) ),
  ///
  /// k(dW) = sum_ij dW_ij Kc_ij. No matrix of the order of the number of pairs is made; a direction costs one
  /// solve with the factor of A for u, or for all z.
  func mappedCurvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) -> DataTermCurvature? {
    guard let (factor, u) = value.factorization, let target = bank.vectorMaps(Matrix(columns: [u])) else {
      return nil
    }
    let probes = factor.color(Self.probeVectors(order: factor.order, random))
    guard let inverse = bank.vectorMaps(probes) else { return nil }
    let scale = parameters.kernelScale * parameters.kernelScale / parameters.width
    let (space, means) = (bankSpace, means)
    let adjoint = frame.map { $0.transposed }
    let inFrame = { (maps: VectorMaps, vectors: Matrix, factor: any InverseFactor, scale: Double) in
      let projections = means.map { $0.asTranspose * vectors }
      return { (x: [Double]) -> [Double] in
        let change = BlockDiagonal(coordinates: x, sizes: space.blockSizes).congruence(by: adjoint)
        let weights = space.matrix(change.dense)
        var images = maps.forward(weights)
        // Kc = K - m m^T.
        if let means, let projections { images = images - means * (weights * projections) }
        let solved = factor.solve(images)
        var gradient = maps.adjoint(solved)
        if let means, let projections {
          gradient = gradient - ((means.asTranspose * solved) * projections.asTranspose).symmetricPart
        }
        return (scale * space.coordinates(ofGradient: gradient)).congruence(by: frame).coordinates
      }
    }
    return DataTermCurvature(
      target: inFrame(target, Matrix(columns: [u]), factor, 2 * scale),
      inverse: inFrame(inverse, probes, factor, scale))
  }
}
