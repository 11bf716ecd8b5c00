internal import LinearAlgebra

/// The step that is certain to decrease the action: log det A is below its tangent, and the y-term below a bound
/// of the form tr(M W^-1), so W (L^T L + D) W = W + U minimises a majorant that touches S at W = 1.
enum MajorisedStep {
  /// H = W^(1/2) with L+ = L H.
  static func step(_ point: ActionPoint) throws(LinearAlgebraError) -> BlockDiagonal {
    var roots: [Matrix] = []
    let linear = point.linear + point.inverseGradient
    for (a, u) in zip(linear.blocks, point.targetGradient.blocks) {
      // In coordinates where L^T L + D = C C^T is the identity the equation is scalar in each eigenvalue.
      let factor = try Cholesky(a)
      let c = factor.lowerTriangle
      let spectrum = try SymmetricEigen((c.asTranspose * (u * c)).symmetricPart)
      let solved = spectrum.map { (1 + (1 + 4 * max($0, 0)).squareRoot()) / 2 }
      let left = factor.solveLowerTransposed(solved)
      let w = factor.solveLowerTransposed(left.transposed).symmetricPart
      roots.append(try SymmetricEigen(w).map { max($0, .leastNormalMagnitude).squareRoot() }.symmetricPart)
    }
    return BlockDiagonal(roots)
  }
}
