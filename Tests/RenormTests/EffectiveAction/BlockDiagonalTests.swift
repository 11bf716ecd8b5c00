import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct BlockDiagonalTests {
  private func random(_ seed: UInt32) -> BlockDiagonal {
    let generator = RandomGenerator(seed: seed)
    return BlockDiagonal([1, 3, 2].map { Matrix.randomPositiveDefinite($0, generator) })
  }

  @Test(arguments: UInt32(1)...5) func denseFormAndItsBlocks(seed: UInt32) {
    let a = random(seed)
    #expect(a.sizes == [1, 3, 2] && a.order == 6)
    #expect(BlockDiagonal(of: a.dense, sizes: a.sizes) == a)
    #expect(a.dense[0, 1] == 0 && a.dense[1, 2] == a.blocks[1][0, 1] && a.dense[4, 5] == a.blocks[2][0, 1])
    expectClose(a.trace, a.dense.trace)
    expectClose(a.norm, a.dense.frobenius)
    let b = random(seed + 100)
    expectClose(a.innerProduct(b), a.dense.innerProduct(b.dense))
    expectClose((a + b).dense - (a - b).dense, 2 * b.dense)
    expectClose(
      a.congruence(by: b).dense, Naive.product(Naive.product(b.dense.transposed, a.dense), b.dense))
  }

  @Test(arguments: UInt32(1)...5) func spectralFunctions(seed: UInt32) throws {
    let a = random(seed)
    expectClose(try a.logarithm().exponential().dense, a.dense, relative: 1e-13)
    let root = try a.squareRoot().dense
    expectClose(Naive.product(root, root), a.dense, relative: 1e-13)
    expectClose(try a.mapEigenvalues { 1 / $0 }.dense, Naive.inverse(a.dense), relative: 1e-11)
    expectClose(try a.logDeterminant(), Naive.logDeterminant(a.dense), absolute: 1e-12)
    expectClose(try a.logarithm().trace, try a.logDeterminant(), absolute: 1e-12)
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1, order: 1)) {
      try (-1 * a).logDeterminant()
    }
  }

  @Test(arguments: UInt32(1)...5) func coordinatesAreAnIsometry(seed: UInt32) {
    let (a, b) = (random(seed), random(seed + 50))
    #expect(a.coordinates.count == 1 + 6 + 3)
    expectClose(BlockDiagonal(coordinates: a.coordinates, sizes: a.sizes).dense, a.dense, relative: 1e-15)
    expectClose(dot(a.coordinates, b.coordinates), a.innerProduct(b))
  }
}
