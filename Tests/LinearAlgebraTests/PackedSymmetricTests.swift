import GSLNumerics
import LinearAlgebra
import Testing

@Suite struct PackedSymmetricTests {
  @Test func lowerTriangleByColumns() {
    let packed = PackedSymmetric(
      lowerTriangleOf: Matrix(rows: 3, columns: 3, elements: [1, 2, 3, .nan, 4, 5, .nan, .nan, 6]))
    #expect(packed.elements == [1, 2, 3, 4, 5, 6])
    #expect(packed.lowerTriangle.elements == [1, 2, 3, 0, 4, 5, 0, 0, 6])
    #expect((2 * packed).elements == [2, 4, 6, 8, 10, 12])
    #expect(packed.lowerTriangle(scaledBy: 2).elements == [2, 4, 6, 0, 8, 10, 0, 0, 12])
  }

  @Test func squareOfAVectorIsAdded() {
    var packed = PackedSymmetric(order: 3, elements: [1, 2, 3, 4, 5, 6])
    packed.add(2, square: [1, -1, 3])
    #expect(packed.elements == [3, 0, 9, 6, -1, 24])
  }

  @Test(arguments: 0...12) func indicesEnumerateTheTriangle(order: Int) {
    var expected = 0
    for j in 0..<order {
      for i in j..<order {
        #expect(PackedSymmetric.index(i, j, order: order) == expected)
        expected += 1
      }
    }
    #expect(PackedSymmetric.count(order: order) == expected)
  }

  @Test(arguments: UInt32(1)...10) func subscriptReadsEitherTriangle(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    let order = generator.integer(below: 8) + 1
    let a = Matrix.randomSymmetric(order, generator)
    let packed = PackedSymmetric(lowerTriangleOf: a.poisonedAbove)
    for i in 0..<order { for j in 0..<order { #expect(packed[i, j] == a[i, j]) } }
  }
}
