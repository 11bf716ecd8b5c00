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
  /// LAPACKE's plain functions report NaN in the data as a wrong argument, so negative codes are data errors
  /// here too. They look for it element by element, which costs a tenth of a reduction and more: where it
  /// matters, the functions that leave this out are called (`_work`), after `requireFiniteLowerTriangle`.
  static func check(_ info: Int32, order: Int, positive: (Int) -> LinearAlgebraError) throws(LinearAlgebraError)
  {
    if info == 0 { return }
    throw info > 0 ? positive(Int(info)) : .notFinite(order: order)
  }
}

/// Calls a LAPACK routine twice: for the size of its work space (count -1), and with that much.
func withLAPACKWork(_ routine: (_ work: UnsafeMutablePointer<Double>, _ count: Int32) -> Int32) -> Int32 {
  var size = 1.0
  let info = routine(&size, -1)
  guard info == 0 else { return info }
  return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(Int(size), 1)) { work in
    guard let pointer = work.baseAddress else { return -1 }
    return routine(pointer, Int32(work.count))
  }
}

extension Matrix {
  /// Throws `LinearAlgebraError.notFinite` where the lower triangle holds NaN or infinity.
  ///
  /// An infinity would pass through a factorisation or become NaN in its result.
  func requireFiniteLowerTriangle() throws(LinearAlgebraError) {
    for j in 0..<columns where !elements[min(j, rows) + j * rows..<(j + 1) * rows].allSatisfy(\.isFinite) {
      throw .notFinite(order: rows)
    }
  }
}
