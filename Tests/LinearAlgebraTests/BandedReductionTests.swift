import Foundation
import GSLNumerics
@testable import LinearAlgebra
import TestSupport
import Testing

/// Reductions to a tridiagonal by way of a band, at orders far below those that take it.
@Suite struct BandedReductionTests {
  /// A problem of random order, half-width of the band, rank and duplicates.
  private struct Problem {
    let kernel: Matrix
    let bandwidth: Int
    let generator: RandomGenerator

    init(seed: UInt32) {
      generator = RandomGenerator(seed: seed)
      let uniform = generator.uniform
      let order = 4 + Int(60 * uniform())
      bandwidth = 2 + Int(Double(order - 3) * uniform() * uniform())
      // Of full rank, or of less, or with examples that stand twice.
      let rank = seed % 3 == 0 ? 1 + Int(Double(order) * uniform()) : order
      var factor = Matrix.random(order, rank, generator)
      if seed % 3 == 1 {
        let copies = (0..<order).map { $0 < order / 4 ? order - 1 - $0 : $0 }
        factor = factor.selectingRows(copies)
      }
      kernel = (1 / Double(rank)) * Naive.product(factor, factor.transposed)
    }
  }

  @Test(arguments: UInt32(1)...24) func reductionIsASimilarity(seed: UInt32) throws {
    let problem = Problem(seed: seed)
    let (k, order) = (problem.kernel, problem.kernel.rows)
    let reduction = try TridiagonalReduction(k.poisonedAbove, bandwidth: problem.bandwidth)
    let h = Matrix(rows: order, columns: order) { i, j in
      if i == j { return reduction.diagonal[i] }
      return abs(i - j) == 1 ? reduction.subdiagonal[min(i, j)] : 0
    }
    let zt = reduction.rotate(.identity(order))
    // Roundings of about 2^-52 times the order.
    expectClose(Naive.product(zt, zt.transposed), .identity(order), absolute: 1e-12)
    expectClose(Naive.product(Naive.product(zt.transposed, h), zt), k, absolute: 1e-12)
    expectClose(reduction.rotateBack(.identity(order)), zt.transposed, absolute: 1e-13)
  }

  /// Few columns are rotated by single reflections, many by blocks of them.
  @Test(arguments: UInt32(1)...12) func blocksOfReflectionsAgreeWithSingleOnes(seed: UInt32) throws {
    let problem = Problem(seed: 100 + seed)
    let reduction = try TridiagonalReduction(problem.kernel, bandwidth: problem.bandwidth)
    let columns = 2 * ChaseRotation.smallestBlockedCount + Int(seed)
    let b = Matrix.random(reduction.order, columns, problem.generator)
    let rotated = Parallel.withThreads(2) { reduction.rotate(b) }
    let back = Parallel.withThreads(2) { reduction.rotateBack(b) }
    for j in 0..<columns {
      let column = Matrix(columns: [b.column(j)])
      expectClose(rotated.column(j), reduction.rotate(column).elements, absolute: 1e-12)
      expectClose(back.column(j), reduction.rotateBack(column).elements, absolute: 1e-12)
    }
  }

  /// The action's parts against those of a reduction in one step and of a dense factor.
  @Test(arguments: UInt32(1)...24) func factorsAgreeWithOtherForms(seed: UInt32) throws {
    let problem = Problem(seed: 200 + seed)
    let (k, order) = (problem.kernel, problem.kernel.rows)
    let y = Matrix.random(order, 1, problem.generator)
    let banded = try TridiagonalReduction(k, bandwidth: problem.bandwidth)
    let direct = try TridiagonalReduction(k, bandwidth: nil)
    for shift in [1e-6, 1e-3, 1, 30] {
      let scale = exp(problem.generator.gaussian())
      let ours = try banded.shifted(by: shift, scale: scale)
      let theirs = try direct.shifted(by: shift, scale: scale)
      let dense = try Cholesky(shift * .identity(order) + scale * k)
      // Roundings of K, of about 1e-15, over the least eigenvalue of T + s K.
      let tolerance = 1e-12 + 3e-14 * scale / shift
      expectClose(ours.logDeterminant, dense.logDeterminant, absolute: Double(order) * tolerance)
      expectClose(
        ours.logDeterminantDerivative, theirs.logDeterminantDerivative, absolute: Double(order) * tolerance)
      expectClose(
        ours.logDeterminantSecondDerivative, theirs.logDeterminantSecondDerivative,
        absolute: Double(order) * tolerance)
      let rotated = banded.rotate(y)
      let form = dot(rotated.elements, ours.solve(rotated.elements))
      let denseForm = dot(y.elements, dense.solve(y.elements))
      expectClose(form, denseForm, relative: tolerance)
      expectClose(
        banded.rotateBack(Matrix(columns: [ours.solve(rotated.elements)])).elements, dense.solve(y.elements),
        absolute: tolerance * dense.solve(y.elements).reduce(0) { max($0, abs($1)) })
    }
  }

  @Test func valuesThatAreNotFiniteAreRefused() {
    var k = Matrix.identity(6)
    k[4, 1] = .nan
    #expect(throws: LinearAlgebraError.notFinite(order: 6)) { try TridiagonalReduction(k, bandwidth: 2) }
  }
}
