package import LinearAlgebra

/// The posterior of the coefficients beta ~ N(0, C) of a few features m in a Gaussian regression whose other
/// part has the covariance Ac (Rasmussen and Williams, Gaussian Processes, 2006, section 2.7),
///
///     covariance = (C^-1 + M)^-1,   mean = covariance t,   M = m^T Ac^-1 m,   t = m^T Ac^-1 y,
///
/// all of the order r of the coefficients. With a root C = H H it is H (1 + H M H)^-1 H, so that a singular C
/// needs no inverse and the matrix that is factored has no eigenvalue below 1.
package struct CoefficientPosterior: Sendable {
  /// (C^-1 + M)^-1, r x r.
  package let covariance: Matrix
  /// The posterior means of the coefficients, r numbers.
  package let mean: [Double]
  /// log det(1 + C M): what the features add to log det Ac.
  package let logDeterminant: Double

  /// - Parameters:
  ///   - prior: C, symmetric positive semidefinite; eigenvalues that rounding made negative count as 0.
  ///   - m: M, symmetric positive semidefinite.
  ///   - t: t.
  /// - Throws: `LinearAlgebraError` where a matrix is not finite.
  package init(prior: Matrix, precision m: Matrix, targets t: [Double]) throws(LinearAlgebraError) {
    let root = try SymmetricEigen(prior).map { max($0, 0).squareRoot() }
    let inner = try Cholesky(.identity(t.count) + (root * (m * root)).symmetricPart)
    covariance = (root * inner.solve(root)).symmetricPart
    mean = covariance * t
    logDeterminant = inner.logDeterminant
  }
}
