internal import LinearAlgebra

/// A factorisation of a covariance A = T I + k(X, X) of order P: all that a regression does with A. A Cholesky
/// factor (P^3/3 once, P^2 for a vector), or the shifted tridiagonal form of a reduced kernel (O(P) each).
protocol CovarianceFactor: Sendable {
  /// log det A.
  var logDeterminant: Double { get }
  /// A^-1 b.
  func solve(_ b: [Double]) -> [Double]
  /// A^-1 B for B of size P x k.
  func solve(_ b: Matrix) -> Matrix
  /// The diagonal of K^T A^-1 K for K of size P x b: the variance that the training set explains at b points.
  func explained(_ cross: Matrix) -> [Double]
  /// K^T A^-1 K, b x b.
  func explainedCovariance(_ cross: Matrix) -> Matrix
}

extension CovarianceFactor {
  func explainedCovariance(_ cross: Matrix) -> Matrix { cross.asTranspose * solve(cross) }
}

extension Cholesky: CovarianceFactor {
  func explained(_ cross: Matrix) -> [Double] { solveLower(cross).columnNormsSquared }
  func explainedCovariance(_ cross: Matrix) -> Matrix {
    let whitened = solveLower(cross)
    return whitened.asTranspose * whitened
  }
}

extension ShiftedTridiagonal: CovarianceFactor {
  func solve(_ b: Matrix) -> Matrix {
    b.columns == 0 ? b : Matrix(columns: (0..<b.columns).map { solve(b.column($0)) })
  }
  func explained(_ cross: Matrix) -> [Double] { inverseQuadraticForms(cross) }
}
