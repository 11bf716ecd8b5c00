package import LinearAlgebra

/// A symmetric positive semidefinite R = F F^T of the order of the kernel: A^-1 of Gaussian noise, and what
/// stands in its place in every derivative for other likelihoods, (K + W^-1)^-1.
package protocol InverseFactor: Sendable {
  /// The order of R.
  var order: Int { get }
  /// F^T B.
  func whiten(_ b: Matrix) -> Matrix
  /// F B.
  func color(_ b: Matrix) -> Matrix
  /// R B.
  func solve(_ b: Matrix) -> Matrix
}

extension Cholesky: InverseFactor {
  package func whiten(_ b: Matrix) -> Matrix { solveLower(b) }
  package func color(_ b: Matrix) -> Matrix { solveLowerTransposed(b) }
}
