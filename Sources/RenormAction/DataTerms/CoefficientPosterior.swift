package import LinearAlgebra

/// The posterior of coefficients beta ~ N(0, prior) that a regression sees with the precision matrix M and the
/// projected targets t: covariance (prior^-1 + M)^-1, mean covariance * t.
///
/// Written with a root of the prior, so that a singular prior needs no inverse.
package struct CoefficientPosterior: Sendable {
  package let covariance: Matrix
  package let mean: [Double]
  /// log det(I + prior M).
  package let logDeterminant: Double

  package init(prior: Matrix, precision m: Matrix, targets t: [Double]) throws(LinearAlgebraError) {
    let root = try SymmetricEigen(prior).map { max($0, 0).squareRoot() }
    let inner = try Cholesky(.identity(t.count) + (root * (m * root)).symmetricPart)
    covariance = (root * inner.solve(root)).symmetricPart
    mean = covariance * t
    logDeterminant = inner.logDeterminant
  }
}
