import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct TridiagonalReductionTests {
  /// H as a full matrix.
  private func tridiagonal(_ reduction: TridiagonalReduction) -> Matrix {
    Matrix(rows: reduction.order, columns: reduction.order) { i, j in
      if i == j { return reduction.diagonal[i] }
      return abs(i - j) == 1 ? reduction.subdiagonal[min(i, j)] : 0
    }
  }

  @Test(arguments: [1, 2, 3, 4, 7, 12], UInt32(1)...3) func reductionIsASimilarity(order: Int, seed: UInt32)
    throws
  {
    let generator = RandomGenerator(seed: seed)
    let k = Matrix.randomSymmetric(order, generator)
    let reduction = try TridiagonalReduction(k.poisonedAbove)
    #expect(reduction.order == order && reduction.subdiagonal.count == order - 1)
    // Z^T itself, column by column, and K = Z H Z^T.
    let zt = reduction.rotate(.identity(order))
    let h = tridiagonal(reduction)
    expectClose(Naive.product(zt, zt.transposed), .identity(order), absolute: 1e-13)
    expectClose(Naive.product(Naive.product(zt.transposed, h), zt), k, absolute: 1e-12)
    expectClose(reduction.rotateBack(.identity(order)), zt.transposed, absolute: 1e-13)
    let x = (0..<order).map { _ in generator.gaussian() }
    expectClose(reduction.multiply(x), Naive.product(h, Matrix(columns: [x])).elements, absolute: 1e-13)
    #expect(reduction.rotate(Matrix(rows: order, columns: 0)).columns == 0)
  }

  @Test(arguments: [1, 2, 3, 5, 11], UInt32(1)...4) func shiftedFactorAgreesWithADenseOne(
    order: Int, seed: UInt32
  ) throws {
    let generator = RandomGenerator(seed: 100 + seed)
    let k = Matrix.randomPositiveDefinite(order, generator)
    let reduction = try TridiagonalReduction(k)
    let shift = exp(3 * generator.gaussian())
    let scale = exp(generator.gaussian())
    let dense = { (s: Double) in try Cholesky(shift * .identity(order) + s * k) }
    let factor = try reduction.shifted(by: shift, scale: scale)
    expectClose(factor.logDeterminant, try dense(scale).logDeterminant, absolute: 1e-12)

    let step = 1e-5 * scale
    let slope = (try dense(scale + step).logDeterminant - dense(scale - step).logDeterminant) / (2 * step)
    // Relative error of the difference quotient: step^2 plus rounding over step.
    expectClose(factor.logDeterminantDerivative, slope, relative: 1e-8)
    let trace = Naive.product(try dense(scale).solve(.identity(order)), k).trace
    expectClose(factor.logDeterminantDerivative, trace, relative: 1e-11)

    let b = Matrix.random(order, 1, generator)
    let solved = factor.solve(reduction.rotate(b).elements)
    expectClose(
      Matrix(columns: [solved]), reduction.rotate(try dense(scale).solve(b)), relative: 1e-11)
  }

  @Test func derivativeAtSmallShiftCountsTheRank() throws {
    // K of rank 2: s tr((T + s K)^-1 K) -> 2 as T -> 0.
    let generator = RandomGenerator(seed: 5)
    let b = Matrix.random(6, 2, generator)
    let factor = try TridiagonalReduction(Naive.product(b, b.transposed)).shifted(by: 1e-9, scale: 3)
    expectClose(3 * factor.logDeterminantDerivative, 2, relative: 1e-5)
  }

  @Test func indefiniteShiftIsRefused() throws {
    let reduction = try TridiagonalReduction(Matrix.diagonal([1, -2]))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 2, order: 2)) {
      try reduction.shifted(by: 1, scale: 1)
    }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1, order: 2)) {
      try reduction.shifted(by: -5, scale: 1)
    }
  }

  @Test(arguments: [Double.nan, .infinity]) func nonFiniteElementsAreRefused(value: Double) {
    for (i, j) in [(0, 0), (1, 0), (2, 1), (2, 2)] {
      var k = Matrix.identity(3)
      k[i, j] = value
      #expect(throws: LinearAlgebraError.notFinite(order: 3), "element \(i), \(j)") {
        try TridiagonalReduction(k)
      }
    }
  }
}
