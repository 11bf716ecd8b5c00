import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct TriangularViewTests {
  @Test func whitening() throws {
    let generator = RandomGenerator(seed: 3)
    let a = Matrix.randomPositiveDefinite(7, generator)
    let factor = try Cholesky(a)
    let l = factor.lowerTriangle
    let original = Matrix.randomSymmetric(7, generator)
    var s = original.poisonedAbove
    s.withUnsafeMutableElements { elements in
      if let base = elements.baseAddress { factor.whiten(inPlace: MatrixView(base, 7, 7)) }
    }
    expectClose(Naive.product(Naive.product(l, s), l.transposed), original, relative: 1e-12)
    expectClose(s, s.transposed, relative: 1e-15)
    let right = Matrix.random(7, 3, generator)
    var b = right
    b.withUnsafeMutableElements { elements in
      if let base = elements.baseAddress { factor.solveLower(inPlace: MatrixView(base, 7, 3)) }
    }
    expectClose(Naive.product(l, b), right, relative: 1e-12)
  }

  /// Q^T Q = 1 and Q^T A upper triangular with a positive diagonal, for square and tall matrices.
  @Test(arguments: [(6, 6), (9, 4), (1, 1)]) func orthonormalColumns(rows: Int, columns: Int) throws {
    let a = Matrix.random(rows, columns, RandomGenerator(seed: 4))
    var q = a
    try q.withUnsafeMutableElements { (elements) throws(LinearAlgebraError) in
      if let base = elements.baseAddress { try MatrixView(base, rows, columns).orthonormalizeColumns() }
    }
    expectClose(Naive.product(q.transposed, q), .identity(columns), relative: 1e-13)
    let r = Naive.product(q.transposed, a)
    for j in 0..<columns {
      #expect(r[j, j] > 0)
      for i in j + 1..<max(columns, j + 1) { expectClose(r[i, j], 0, 1e-13) }
    }
    expectClose(Naive.product(q, r), a, relative: 1e-13)
  }
}
