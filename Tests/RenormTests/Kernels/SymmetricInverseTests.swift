import CVectorKernels
import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct SymmetricInverseTests {
  static let levels = (0..<3).filter { renorm_vector_level_available(.init(UInt32($0))) }

  /// A^-1 A = 1 and log det A, to the rounding of matrices of condition about 10.
  @Test(arguments: levels, [1, 3, 4, 7, 8, 9, 31, 64]) func inverse(level: Int, order: Int) throws {
    let generator = RandomGenerator(seed: UInt32(order))
    let root = Matrix(rows: order, columns: order) { _, _ in generator.gaussian() }
    let a = root * root.asTranspose + Double(order) * .identity(order)
    var (elements, scratch) = (a.elements, [Double](repeating: .nan, count: renorm_inverse_scratch(order)))
    let logDeterminant = renorm_inverse_at(.init(UInt32(level)), &elements, order, order, &scratch)
    let product = Matrix(rows: order, columns: order, elements: elements) * a - .identity(order)
    #expect(product.elements.allSatisfy { abs($0) < 1e-13 })
    #expect(abs(logDeterminant - (try Cholesky(a).logDeterminant)) < 1e-12 * Double(order))
  }

  @Test(arguments: levels) func notPositiveDefinite(level: Int) {
    for bad in [-1.0, 0, .nan, .infinity] {
      var (elements, scratch) = ([1, 0, 0, bad], [Double](repeating: 0, count: renorm_inverse_scratch(2)))
      #expect(renorm_inverse_at(.init(UInt32(level)), &elements, 2, 2, &scratch).isNaN)
      #expect(elements[0] == 1 && elements[1] == 0)
    }
  }
}
