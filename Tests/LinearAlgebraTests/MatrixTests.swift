import LinearAlgebra
import Testing

@Suite struct MatrixTests {
  // 1 3 5
  // 2 4 6
  let matrix = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])

  @Test func elementsStandColumnByColumn() {
    #expect(matrix[0, 0] == 1 && matrix[1, 0] == 2 && matrix[0, 1] == 3 && matrix[1, 2] == 6)
    #expect(matrix.column(1) == [3, 4])
    #expect(matrix.row(1) == [2, 4, 6])
    #expect(matrix.diagonal == [1, 4])
    #expect(Matrix(rows: 2, columns: 3) { i, j in Double(1 + i + 2 * j) } == matrix)
    #expect(Matrix(columns: [[1, 2], [3, 4], [5, 6]]) == matrix)
  }

  @Test func transposeSwapsIndices() {
    #expect(matrix.transposed == Matrix(rows: 3, columns: 2, elements: [1, 3, 5, 2, 4, 6]))
    #expect(matrix.transposed.transposed == matrix)
  }

  @Test func selectionKeepsTheGivenOrder() {
    #expect(matrix.selectingColumns([2, 0]) == Matrix(rows: 2, columns: 2, elements: [5, 6, 1, 2]))
    #expect(matrix.selectingColumns(1..<3) == Matrix(rows: 2, columns: 2, elements: [3, 4, 5, 6]))
    #expect(matrix.selectingColumns([1, 1]).elements == [3, 4, 3, 4])
    #expect(matrix.selectingRows([1, 0, 1]).elements == [2, 1, 2, 4, 3, 4, 6, 5, 6])
    #expect(matrix.selectingRows([]).columns == 3)
    #expect(matrix.selectingColumns(0..<0).rows == 2)
  }

  @Test func specialMatrices() {
    #expect(Matrix.identity(2).elements == [1, 0, 0, 1])
    #expect(Matrix.diagonal([2, 3]).elements == [2, 0, 0, 3])
    #expect(Matrix(rows: 1, columns: 2, repeating: 7).elements == [7, 7])
    #expect(Matrix.identity(0).elements.isEmpty)
  }

  @Test func assignmentCopies() {
    var copy = matrix
    copy[0, 0] = 9
    #expect(matrix[0, 0] == 1 && copy[0, 0] == 9)
    copy.withUnsafeMutableElements { $0[5] = -1 }
    #expect(copy[1, 2] == -1 && matrix[1, 2] == 6)
  }

  @Test func columnNorms() { #expect(matrix.columnNormsSquared == [5, 25, 61]) }
}
