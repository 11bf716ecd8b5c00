import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct CholeskyTests {
  @Test(arguments: UInt32(1)...20) func factorSolveAndInverse(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let order = generator.integer(below: 9) + 1
    let a = Matrix.randomPositiveDefinite(order, generator)
    let factor = try Cholesky(a.poisonedAbove)
    #expect(factor.order == order)
    expectClose(factor.logDeterminant, log(Naive.determinant(a)), absolute: 1e-12)

    let l = Matrix(rows: order, columns: order) { i, j in i >= j ? factor.lower[i, j] : 0 }
    expectClose(Naive.product(l, l.transposed), a)
    let b = Matrix.random(order, 3, generator)
    expectClose(Naive.product(a, factor.solve(b)), b)
    expectClose(factor.solve(b.column(1)), factor.solve(b).column(1))
    expectClose(Naive.product(l, factor.solveLower(b)), b)
    expectClose(factor.multiply(b), Naive.product(a, b))

    expectClose(Naive.product(l.transposed, factor.solveLowerTransposed(b)), b)
    #expect(factor.lowerTriangle == l)

    let lowerInverse = factor.inverseLowerTriangle()
    let inverse = Matrix(rows: order, columns: order) { i, j in lowerInverse[max(i, j), min(i, j)] }
    expectClose(Naive.product(a, inverse), .identity(order))
  }

  @Test func orderOne() throws {
    let factor = try Cholesky(Matrix(rows: 1, columns: 1, repeating: 4))
    #expect(factor.lower.elements == [2])
    expectClose(factor.logDeterminant, 1.3862943611198906)
    #expect(factor.solve([2]) == [0.5])
    #expect(factor.inverseLowerTriangle().elements == [0.25])
  }

  @Test func emptyRightHandSide() throws {
    let factor = try Cholesky(.identity(2))
    #expect(factor.solve(Matrix(rows: 2, columns: 0)).columns == 0)
    #expect(factor.solveLower(Matrix(rows: 2, columns: 0)).columns == 0)
  }

  @Test func indefiniteMatrixNamesTheFailingMinor() {
    // Leading minors 1, 0, ...: the second pivot fails.
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 2, order: 3)) {
      try Cholesky(Matrix(rows: 3, columns: 3, elements: [1, 1, 0, 1, 1, 0, 0, 0, 1]))
    }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1, order: 1)) {
      try Cholesky(Matrix(rows: 1, columns: 1, repeating: -1))
    }
  }

  @Test(arguments: [Double.nan, .infinity]) func nonFiniteElementsAreRefused(value: Double) {
    for (i, j) in [(0, 0), (1, 0), (2, 1), (2, 2)] {
      var a = Matrix.identity(3)
      a[i, j] = value
      #expect(throws: LinearAlgebraError.notFinite(order: 3), "element \(i), \(j)") { try Cholesky(a) }
    }
  }

  @Test func nanInTheRightHandSideStaysVisible() throws {
    let factor = try Cholesky(.identity(2))
    #expect(factor.solve([.nan, 1])[0].isNaN)
    #expect(factor.solveLower(Matrix(columns: [[.nan, 1]]))[0, 0].isNaN)
  }
}
