import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct LeastSquaresTests {
  @Test(arguments: UInt32(1)...10) func residualIsOrthogonalToTheColumns(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let columns = generator.integer(below: 4) + 1
    let a = Matrix.random(columns + generator.integer(below: 5), columns, generator)
    let b = (0..<a.rows).map { _ in generator.gaussian() }
    let x = try a.leastSquares(b, rcond: 1e-12)
    #expect(x.count == columns)
    let residual = zip(a * x, b).map { $0 - $1 }
    expectClose(a.asTranspose * residual, [Double](repeating: 0, count: columns), absolute: 1e-12)
  }

  @Test func underdeterminedSystemsGetTheShortestSolution() throws {
    let a = Matrix(rows: 1, columns: 2, elements: [3, 4])
    expectClose(try a.leastSquares([25], rcond: 1e-12), [3, 4], absolute: 1e-13)
  }

  @Test func dependentColumnsShareTheWeight() throws {
    let a = Matrix(columns: [[1, 2, 3], [1, 2, 3]])
    expectClose(try a.leastSquares([2, 4, 6], rcond: 1e-12), [1, 1], absolute: 1e-13)
    // A column that is the same to less than rcond counts as the same.
    let nearly = Matrix(columns: [[1, 2, 3], [1, 2, 3 + 1e-13]])
    expectClose(try nearly.leastSquares([2, 4, 6], rcond: 1e-10), [1, 1], absolute: 1e-9)
  }

  @Test func emptyShapes() throws {
    #expect(try Matrix(rows: 0, columns: 2).leastSquares([], rcond: 0) == [0, 0])
    #expect(try Matrix(rows: 2, columns: 0).leastSquares([1, 2], rcond: 0) == [])
  }

  @Test func nanIsRefused() {
    #expect(throws: LinearAlgebraError.notFinite(order: 2)) {
      try Matrix(rows: 2, columns: 1, elements: [1, .nan]).leastSquares([1, 1], rcond: 1e-12)
    }
    #expect(throws: LinearAlgebraError.notFinite(order: 2)) {
      try Matrix(rows: 2, columns: 1, elements: [1, 2]).leastSquares([1, .nan], rcond: 1e-12)
    }
  }
}
