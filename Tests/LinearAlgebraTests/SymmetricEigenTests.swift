import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct SymmetricEigenTests {
  @Test(arguments: UInt32(1)...20) func decomposition(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let order = generator.integer(below: 9) + 1
    let a = Matrix.randomSymmetric(order, generator)
    let eigen = try SymmetricEigen(a.poisonedAbove)
    #expect(eigen.values == eigen.values.sorted())
    let v = eigen.vectors
    expectClose(Naive.product(v.transposed, v), .identity(order), absolute: 1e-13)
    expectClose(Naive.product(Naive.product(v, .diagonal(eigen.values)), v.transposed), a, absolute: 1e-13)
    expectClose(eigen.map { $0 * $0 }, Naive.product(a, a), absolute: 1e-12)
  }

  @Test func exponentialOfARotationFreeCase() throws {
    // exp of [[0, 1], [1, 0]] is [[cosh 1, sinh 1], [sinh 1, cosh 1]].
    let result = try SymmetricEigen(Matrix(rows: 2, columns: 2, elements: [0, 1, 1, 0])).map { exp($0) }
    expectClose(result.elements, [cosh(1), sinh(1), sinh(1), cosh(1)], relative: 1e-14)
  }

  @Test(arguments: [Double.nan, .infinity]) func nonFiniteElementsAreRefused(value: Double) {
    for (i, j) in [(0, 0), (1, 0), (1, 1)] {
      var a = Matrix.identity(2)
      a[i, j] = value
      #expect(throws: LinearAlgebraError.notFinite(order: 2), "element \(i), \(j)") { try SymmetricEigen(a) }
    }
  }
}
