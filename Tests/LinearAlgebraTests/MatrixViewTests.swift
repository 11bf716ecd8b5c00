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
      Matrix(rows: a.rows, columns: b.columns) { i, j in (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] } }
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

  @Test(arguments: [1, 4], [0, 2]) func choleskyAndSymmetricProducts(columns: Int, gap: Int) throws {
    let generator = RandomGenerator(seed: UInt32(50 + 10 * columns + gap))
    let root = Strided(5, 7, gap: gap, generator)
    let s = Strided(5, 5, gap: gap, generator)
    s.view.setLowerGram(root.view, scale: 0.5)
    for k in 0..<5 { s.view[k, k] += 1 }
    let lower = s.view.matrix
    let dense = Matrix(rows: 5, columns: 5) { lower[max($0, $1), min($0, $1)] }
    expectClose(dense, 0.5 * (root.view.matrix * root.view.matrix.asTranspose) + .identity(5))
    let (b, x) = (Strided(5, columns, gap: gap, generator), Strided(5, columns, gap: gap, generator))
    x.view.setSymmetricProduct(lower: s.view, b.view)
    expectClose(x.view.matrix, dense * b.view.matrix)
    let logDeterminant = s.view.factorCholesky()
    let factor = s.view.matrix
    let l = Matrix(rows: 5, columns: 5) { $0 >= $1 ? factor[$0, $1] : 0 }
    expectClose(l * l.asTranspose, dense)
    #expect(try abs((logDeterminant ?? .nan) - Cholesky(dense).logDeterminant) < 1e-12)
    x.view.solveCholesky(s.view)
    expectClose(x.view.matrix, b.view.matrix)
    let right = Strided(columns, 5, gap: gap, generator)
    let before = right.view.matrix
    right.view.solveLowerTransposedFromRight(s.view)
    expectClose(right.view.matrix * l.transposed, before)
    s.view.invertFromCholesky()
    let inverse = s.view.matrix
    expectClose(Matrix(rows: 5, columns: 5) { inverse[max($0, $1), min($0, $1)] } * dense, .identity(5))
  }

  @Test func whatCannotBeFactored() {
    for bad in [-1.0, 0, .nan, .infinity] {
      let array = WorkArray(9)
      for k in 0..<3 { array.pointer[4 * k] = 1 }
      array.pointer[4] = bad
      #expect(array.matrix(3, 3).factorCholesky() == nil)
    }
    #expect(WorkArray(0).matrix(0, 0).factorCholesky() == 0)
  }
}
