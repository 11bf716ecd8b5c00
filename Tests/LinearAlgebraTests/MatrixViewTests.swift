import GSLNumerics
import Testing

@testable import LinearAlgebra

@Suite struct MatrixViewTests {
  /// A view with gaps between columns, over numbers from a seed.
  private struct Strided {
    let array: WorkArray
    let view: MatrixView

    init(_ rows: Int, _ columns: Int, gap: Int, _ generator: RandomGenerator) {
      array = WorkArray((rows + gap) * columns)
      for k in 0..<array.count { array.pointer[k] = generator.gaussian() }
      view = MatrixView(array.pointer, rows, columns, stride: rows + gap)
    }
  }

  private func expectClose(_ a: Matrix, _ b: Matrix, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.rows == b.rows && a.columns == b.columns, sourceLocation: sourceLocation)
    let worst = zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < 1e-12, sourceLocation: sourceLocation)
  }

  /// Every operation against loops, for one column (matrix times vector) and several.
  @Test(arguments: [1, 2, 5], [0, 3]) func products(columns: Int, gap: Int) {
    let generator = RandomGenerator(seed: UInt32(10 * columns + gap))
    let (a, b) = (Strided(4, 3, gap: gap, generator), Strided(3, columns, gap: gap, generator))
    let c = Strided(4, columns, gap: gap, generator)
    let loops = { (a: Matrix, b: Matrix) in
      Matrix(rows: a.rows, columns: b.columns) { i, j in
        (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
      }
    }
    let before = c.view.matrix
    c.view.setProduct(a.view, b.view, scale: 2, adding: -1)
    expectClose(c.view.matrix, 2 * loops(a.view.matrix, b.view.matrix) - before)
    let after = c.view.matrix
    b.view.setProduct(a.view.transposed, c.view)
    expectClose(b.view.matrix, loops(a.view.matrix.transposed, after))
    a.view.setProduct(c.view, b.view.transposed)
    expectClose(a.view.matrix, loops(after, b.view.matrix.transposed))
    expectClose(
      Matrix(rows: 1, columns: 1, elements: [c.view.innerProduct(c.view)]),
      Matrix(rows: 1, columns: 1, elements: [c.view.squaredNorm]))
  }

  @Test(arguments: [1, 4], [0, 2]) func symmetricProducts(columns: Int, gap: Int) {
    let generator = RandomGenerator(seed: UInt32(50 + 10 * columns + gap))
    let (root, s) = (Strided(5, 7, gap: gap, generator), Strided(5, 5, gap: gap, generator))
    s.view.setLowerGram(root.view, scale: 0.5)
    s.view.copyLowerTriangleToUpper()
    let dense = s.view.matrix
    expectClose(dense, 0.5 * (root.view.matrix * root.view.matrix.asTranspose))
    let (x, y) = (Strided(5, columns, gap: gap, generator), Strided(columns, 5, gap: gap, generator))
    y.view.copy(x.view.transposed)
    #expect(y.view.matrix == x.view.matrix.transposed)
    #expect(x.view.column(columns - 1).matrix.elements == x.view.matrix.column(columns - 1))
  }

  /// Orders that are swept and one that is not, with determinants that overflow a product of pivots; the
  /// residual of an inverse is a few units times the order and the condition (about 100).
  @Test(arguments: [1, 2, 3, 4, 5, 8, 17, 60, 64, 65, 130, 400], [0, 3])
  func inverse(order: Int, gap: Int) throws {
    let generator = RandomGenerator(seed: UInt32(order))
    let root = Matrix(rows: order, columns: order + 2) { _, _ in generator.gaussian() }
    let scale = [1e-4, 1, 1e6][order % 3]
    let a = scale * (root * root.asTranspose + Double(order) * .identity(order))
    let inverse = Strided(order, order, gap: gap, generator)
    for j in 0..<order {
      // What stands above the diagonal must not matter.
      for i in 0..<order { inverse.view[i, j] = i >= j ? a[i, j] : 77 }
    }
    let scratch = WorkArray(MatrixView.inverseScratch(order: order))
    let logDeterminant = try #require(inverse.view.invertPositiveDefinite(scratch))
    let expected = try Cholesky(a).logDeterminant
    #expect(abs(logDeterminant - expected) <= 1e-12 * max(1, abs(expected)))
    let result = inverse.view.matrix
    expectClose(result * a, .identity(order))
    #expect(result == result.transposed)
  }

  @Test(arguments: [3, 70, 390]) func whatCannotBeInverted(order: Int) {
    for bad in [-1.0, 0, .nan, .infinity] {
      for place in [0, 1, order - 1] {
        let array = WorkArray(order * order)
        for k in 0..<order { array.pointer[(order + 1) * k] = k == place ? bad : 1 }
        let scratch = WorkArray(MatrixView.inverseScratch(order: order))
        #expect(array.matrix(order, order).invertPositiveDefinite(scratch) == nil, "\(bad) at \(place)")
      }
    }
    #expect(WorkArray(0).matrix(0, 0).invertPositiveDefinite(WorkArray(1000)) == 0)
  }

  @Test(arguments: [2, 5, 40]) func gramMatrices(inner: Int) {
    let generator = RandomGenerator(seed: 90)
    let (a, c) = (Strided(5, inner, gap: 1, generator), Strided(5, 5, gap: 2, generator))
    c.view.setGram(a.view, scale: 2)
    expectClose(c.view.matrix, 2 * (a.view.matrix * a.view.matrix.asTranspose))
    let b = Strided(inner, 5, gap: 1, generator)
    c.view.setGram(b.view.transposed, scale: 2)
    expectClose(c.view.matrix, 2 * (b.view.matrix.asTranspose * b.view.matrix))
  }
}
