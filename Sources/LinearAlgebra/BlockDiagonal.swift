/// A block-diagonal matrix: the form of an order parameter, of its factors and of gradients.
///
/// One 1 x 1 block for an FC network, n of them for an LCN, one n x n block for a CNN, one D x D block for
/// several outputs.
package struct BlockDiagonal: Sendable, Equatable {
  package var blocks: [Matrix]

  package init(_ blocks: [Matrix]) { self.blocks = blocks }

  /// The identity with blocks of the given sizes.
  package static func identity(sizes: [Int]) -> BlockDiagonal { BlockDiagonal(sizes.map { .identity($0) }) }

  /// The diagonal blocks of the given sizes of a symmetric matrix.
  package init(of matrix: Matrix, sizes: [Int]) {
    var start = 0
    blocks = sizes.map { size in
      defer { start += size }
      return Matrix(rows: size, columns: size) { i, j in matrix[start + i, start + j] }
    }
  }

  package var sizes: [Int] { blocks.map(\.rows) }
  package var order: Int { blocks.reduce(0) { $0 + $1.rows } }

  /// The whole matrix, zeros between blocks included.
  package var dense: Matrix {
    .blockDiagonal(blocks)
  }

  package var trace: Double { blocks.reduce(0) { $0 + $1.trace } }
  /// The Frobenius norm.
  package var norm: Double { innerProduct(self).squareRoot() }

  package func innerProduct(_ other: BlockDiagonal) -> Double {
    zip(blocks, other.blocks).reduce(0) { $0 + $1.0.innerProduct($1.1) }
  }

  package func map<Failure: Error>(_ transform: (Matrix) throws(Failure) -> Matrix) throws(Failure)
    -> BlockDiagonal
  {
    var result: [Matrix] = []
    for block in blocks { result.append(try transform(block)) }
    return BlockDiagonal(result)
  }

  package func combined(with other: BlockDiagonal, _ transform: (Matrix, Matrix) -> Matrix) -> BlockDiagonal {
    BlockDiagonal(zip(blocks, other.blocks).map(transform))
  }

  package static func + (a: BlockDiagonal, b: BlockDiagonal) -> BlockDiagonal { a.combined(with: b, +) }
  package static func - (a: BlockDiagonal, b: BlockDiagonal) -> BlockDiagonal { a.combined(with: b, -) }
  package static func * (scale: Double, a: BlockDiagonal) -> BlockDiagonal { a.map { scale * $0 } }

  /// A^T X A blockwise.
  package func congruence(by a: BlockDiagonal) -> BlockDiagonal {
    combined(with: a) { x, a in (a.asTranspose * (x * a)).symmetricPart }
  }
}

extension Matrix {
  /// The matrix with the given blocks, which need not be square, along its diagonal.
  package static func blockDiagonal(_ blocks: [Matrix]) -> Matrix {
    var result = Matrix(
      rows: blocks.reduce(0) { $0 + $1.rows }, columns: blocks.reduce(0) { $0 + $1.columns })
    var (row, column) = (0, 0)
    for block in blocks {
      for j in 0..<block.columns { for i in 0..<block.rows { result[row + i, column + j] = block[i, j] } }
      row += block.rows
      column += block.columns
    }
    return result
  }
}
