import GSLNumerics
import LinearAlgebra
import Testing

/// Every product against its definition, on random shapes.
@Suite struct MatrixProductsTests {
  @Test(arguments: UInt32(1)...20) func productsAgreeWithLoops(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let size = { generator.integer(below: 12) + 1 }
    let (m, k, n) = (size(), size(), size())
    let a = Matrix.random(m, k, generator)
    let b = Matrix.random(k, n, generator)
    let expected = Naive.product(a, b)
    let tolerance = 1e-13
    expectClose(a * b, expected, absolute: tolerance)
    expectClose(a.transposed.asTranspose * b, expected, absolute: tolerance)
    expectClose(a * b.transposed.asTranspose, expected, absolute: tolerance)
    let x = b.column(0)
    expectClose(a * x, expected.column(0), absolute: tolerance)
    expectClose(a.transposed.asTranspose * x, expected.column(0), absolute: tolerance)
    expectClose(dot(x, x), x.reduce(0) { $0 + $1 * $1 }, absolute: tolerance)
  }

  @Test(arguments: UInt32(1)...10) func elementwiseOperations(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let (m, n) = (generator.integer(below: 6) + 1, generator.integer(below: 6) + 1)
    let a = Matrix.random(m, n, generator)
    let b = Matrix.random(m, n, generator)
    #expect(a + b == Matrix(rows: m, columns: n) { a[$0, $1] + b[$0, $1] })
    #expect(a - b == Matrix(rows: m, columns: n) { a[$0, $1] - b[$0, $1] })
    #expect(2.5 * a == Matrix(rows: m, columns: n) { 2.5 * a[$0, $1] })
    var sum = 0.0
    for i in 0..<m { for j in 0..<n { sum += a[i, j] * b[i, j] } }
    expectClose(a.innerProduct(b), sum, absolute: 1e-13)
    let square = Matrix.random(m, m, generator)
    expectClose(square.trace, (0..<m).reduce(0) { $0 + square[$1, $1] }, absolute: 1e-14)
    #expect(square.symmetricPart == Matrix(rows: m, columns: m) { (square[$0, $1] + square[$1, $0]) / 2 })
  }

  @Test(arguments: UInt32(1)...10) func symmetricProductReadsTheLowerTriangle(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let (m, n) = (generator.integer(below: 9) + 1, generator.integer(below: 9) + 1)
    let s = Matrix.randomSymmetric(m, generator)
    let b = Matrix.random(m, n, generator)
    expectClose(Matrix.symmetricProduct(lower: s.poisonedAbove, b), Naive.product(s, b), absolute: 1e-13)
  }

  @Test(arguments: UInt32(1)...10) func congruence(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let size = { generator.integer(below: 7) + 1 }
    let (m, n, k, l) = (size(), size(), size(), size())
    let left = Matrix.random(m, k, generator)
    let middle = Matrix.random(k, l, generator)
    let right = Matrix.random(n, l, generator)
    let start = Matrix.random(m, n, generator)
    var result = start
    result.add(-1.5, congruence: left, middle, right)
    let expected = start - 1.5 * Naive.product(Naive.product(left, middle), right.transposed)
    expectClose(result, expected, absolute: 1e-13)
  }

  @Test(arguments: UInt32(1)...10) func leadingPartsOfArrays(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let size = { generator.integer(below: 7) + 1 }
    let (inner, m, n) = (size(), size(), size())
    let a = Matrix.random(inner, m, generator)
    let b = Matrix.random(inner, n, generator)
    let spare = [Double](repeating: .nan, count: 3)
    var result = [Double](repeating: -7, count: m * n + 3)
    multiplyTransposed(
      a.elements + spare, b.elements + spare, inner: inner, rows: m, columns: n, into: &result)
    expectClose(Array(result.prefix(m * n)), Naive.product(a.transposed, b).elements, absolute: 1e-13)
    #expect(result.suffix(3) == [-7, -7, -7])
  }

  @Test func emptyProductsAreZero() {
    let tall = Matrix(rows: 2, columns: 0)
    let flat = Matrix(rows: 0, columns: 3)
    #expect(tall * flat == Matrix(rows: 2, columns: 3))
    #expect(tall * [] == [0, 0])
    #expect(flat * [1, 2, 3] == [])
    #expect(dot([], []) == 0)
    #expect((flat * Matrix(rows: 3, columns: 1)).rows == 0)
  }

  /// multiplyTransposed promises A^T B also where the inner dimension is 0.
  @Test func productOverAnEmptyInnerDimensionOverwrites() {
    var result = [5.0]
    multiplyTransposed([], [], inner: 0, rows: 1, columns: 1, into: &result)
    #expect(result == [0])
  }
}
