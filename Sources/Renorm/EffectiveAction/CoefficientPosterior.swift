internal import LinearAlgebra

/// The posterior of D coefficients beta ~ N(0, prior) of one feature that are seen through D independent
/// regressions with precisions h_c and projected targets t_c:
/// covariance (prior^-1 + diag(h))^-1, mean covariance * t.
///
/// Written with a root of the prior, so that a singular prior needs no inverse.
struct CoefficientPosterior: Sendable {
  let covariance: Matrix
  let mean: [Double]
  /// log det(I + prior diag(h)).
  let logDeterminant: Double

  init(prior: Matrix, precisions h: [Double], targets t: [Double]) throws(LinearAlgebraError) {
    let root = try SymmetricEigen(prior).map { max($0, 0).squareRoot() }
    let inner = try Cholesky(.identity(h.count) + root * (.diagonal(h) * root))
    covariance = (root * inner.solve(root)).symmetricPart
    mean = covariance * t
    logDeterminant = inner.logDeterminant
  }
}
