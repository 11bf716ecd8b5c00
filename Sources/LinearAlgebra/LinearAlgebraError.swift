/// What can go wrong with data that a factorisation is given. Wrong shapes are programming mistakes and trap.
public enum LinearAlgebraError: Error, Equatable, Sendable {
  /// The leading minor of order `pivot` (1-based) of a matrix of the given order is not positive.
  case notPositiveDefinite(pivot: Int, order: Int)
  /// The matrix contains NaN or infinity.
  case notFinite(order: Int)
  /// An eigenvalue iteration failed for `count` off-diagonal elements.
  case eigenvaluesDidNotConverge(count: Int, order: Int)
}

extension LinearAlgebraError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notPositiveDefinite(let pivot, let order):
      "a symmetric matrix of order \(order) is not positive definite (leading minor \(pivot))"
    case .notFinite(let order):
      "a matrix of order \(order) contains NaN or infinity"
    case .eigenvaluesDidNotConverge(let count, let order):
      "\(count) eigenvalues of a matrix of order \(order) did not converge"
    }
  }
}

extension LinearAlgebraError {
  /// Turns LAPACK's status of a routine into an error: 0 passes, `positive` names what a positive status means.
  ///
  /// LAPACKE reports NaN in the data as a wrong argument, so negative codes are data errors here too.
  static func check(_ info: Int32, order: Int, positive: (Int) -> LinearAlgebraError) throws(LinearAlgebraError)
  {
    if info == 0 { return }
    throw info > 0 ? positive(Int(info)) : .notFinite(order: order)
  }
}

extension Matrix {
  /// Throws `LinearAlgebraError.notFinite` where the lower triangle holds NaN or infinity.
  ///
  /// LAPACKE looks for NaN only: an infinity would pass through a factorisation or become NaN in its result.
  func requireFiniteLowerTriangle() throws(LinearAlgebraError) {
    for j in 0..<columns where !elements[min(j, rows) + j * rows..<(j + 1) * rows].allSatisfy(\.isFinite) {
      throw .notFinite(order: rows)
    }
  }
}
