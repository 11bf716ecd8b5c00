internal import LinearAlgebra

/// The step that is certain to decrease the action of docs/theory.md, section 3. With Q+ = L W L^T it minimises
/// the majorant
///
///     tr(W (L^T L + D)) - log det W + tr(U W^-1),
///
/// D and U the parts of L^T Gamma L that come from A^-1 and from u u^T (`ActionPoint`). It touches S at W = 1
/// and lies above it: log det A is concave and so below its tangent, and y^T A^-1 y is the minimum of |r|^2/T +
/// |b|^2 over all ways to write y as noise r plus features times b, of which the best one at W = 1 bounds it
/// elsewhere, by a constant plus N tr(U W^-1). (A majorise-minimise step: D. R. Hunter and K. Lange, Am. Stat.
/// 58 (2004).) Its minimum solves W (L^T L + D) W = W + U: in coordinates where L^T L + D is the identity, w^2
/// = w + u for each eigenvalue.
enum MajorisedStep {
  /// H = W^(1/2), the next frame being L H.
  ///
  /// - Throws: `LinearAlgebraError` where L^T L + D is not positive definite.
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
