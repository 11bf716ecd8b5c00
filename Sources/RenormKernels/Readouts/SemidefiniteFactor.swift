package import LinearAlgebra

/// A covariance S = B B^T of the prior of some weights, factored by its spectrum S = V diag(s) V^T, B = V
/// diag(s)^(1/2) with the columns of positive eigenvalues: n x r, r the rank of S.
package struct SemidefiniteFactor: Equatable, Sendable {
  /// B.
  package let basis: Matrix
  /// s, ascending.
  package let eigenvalues: [Double]

  /// Eigenvalues below 1e-14 n of the largest (45 n units of 2^-52, above the rounding of a spectrum) count as
  /// zero.
  ///
  /// - Parameters:
  ///   - order: n.
  ///   - name: what the matrix is, in words.
  ///   - prior: what it was made by.
  ///   - file: where it was read from; nil for one that was computed.
  /// - Throws: `RenormError.unusableData` for a file, else `.invalidParameter`, unless S is n x n, symmetric,
  ///   positive semidefinite and not zero.
  package init(
    of covariance: Matrix, order n: Int, _ name: String, prior: String, file: String?
  ) throws(RenormError) {
    func failure(_ found: String, _ accepted: String) -> RenormError {
      if let file { return .unusableData("\(file): the \(name) \(found); accepted: \(accepted)") }
      return .invalidParameter(name: name, value: "of \(prior)", accepted: accepted)
    }
    guard covariance.rows == n, covariance.columns == n else {
      throw failure("is \(covariance.rows) x \(covariance.columns)", "a symmetric matrix, \(n) x \(n)")
    }
    guard covariance.elements.allSatisfy(\.isFinite) else {
      throw failure("has numbers that are not finite", "a symmetric matrix of finite numbers, \(n) x \(n)")
    }
    guard covariance == covariance.transposed else {
      throw failure("is not symmetric", "a symmetric matrix of finite numbers, \(n) x \(n)")
    }
    let eigen = try factoring("the \(name)") { () throws(LinearAlgebraError) in
      try SymmetricEigen(covariance)
    }
    let rounding = 1e-14 * Double(n) * (eigen.values.last ?? 0)
    guard rounding > 0, (eigen.values.first ?? 0) >= -rounding else {
      throw failure(
        eigen.values.last == 0 ? "is 0" : "has the eigenvalue \(eigen.values.first ?? 0)",
        "a positive semidefinite matrix, not 0")
    }
    let kept = eigen.values.indices.filter { eigen.values[$0] > rounding }
    basis = Matrix(rows: n, columns: kept.count) { i, k in
      eigen.vectors[i, kept[k]] * eigen.values[kept[k]].squareRoot()
    }
    eigenvalues = eigen.values
  }
}
