import LinearAlgebra
import Testing

@testable import RenormFiles

@Suite struct TypedArrayTests {
  private func array(
    _ type: ElementType, _ order: ByteOrder, _ content: [UInt8], shape: [Int]? = nil, fortran: Bool = false
  ) -> TypedArray {
    TypedArray(
      elementType: type, byteOrder: order, shape: shape ?? [content.count / type.size],
      fortranOrder: fortran, bytes: content[...])
  }

  @Test(arguments: [ByteOrder.littleEndian, .bigEndian])
  func everyElementType(order: ByteOrder) {
    #expect(array(.bool, order, [0, 1, 2]).values() == [0, 1, 1])
    #expect(array(.uint8, order, [0, 255]).values() == [0, 255])
    #expect(array(.int8, order, [127, 128]).values() == [127, -128])
    #expect(array(.uint16, order, bytes([0, 65535] as [UInt16], order.stored)).values() == [0, 65535])
    #expect(array(.int16, order, bytes([258, -2] as [Int16], order.stored)).values() == [258, -2])
    #expect(array(.uint32, order, bytes([7, .max] as [UInt32], order.stored)).values() == [7, 4_294_967_295])
    #expect(array(.int32, order, bytes([70_000, -3] as [Int32], order.stored)).values() == [70_000, -3])
    #expect(array(.uint64, order, bytes([1, 1 << 63] as [UInt64], order.stored)).values() == [1, 0x1p63])
    #expect(array(.int64, order, bytes([-5, 1 << 40] as [Int64], order.stored)).values() == [-5, 0x1p40])
    #expect(array(.float16, order, bytes([0x3C00, 0xC100] as [UInt16], order.stored)).values() == [1, -2.5])
    #expect(
      array(.float32, order, bytes([0.1, -3] as [Float], order.stored)).values() == [Double(Float(0.1)), -3])
    #expect(array(.float64, order, bytes([0.1, -1e300] as [Double], order.stored)).values() == [0.1, -1e300])
  }

  @Test func integersAreExact() {
    let large = [1 << 60 + 1, -7] as [Int64]
    #expect(array(.int64, .bigEndian, bytes(large, .bigEndian)).integers() == [1 << 60 + 1, -7])
    #expect(array(.bool, .littleEndian, [2, 0]).integers() == [1, 0])
    #expect(array(.uint64, .littleEndian, bytes([3] as [UInt64])).integers() == [3])
    #expect(array(.float64, .littleEndian, bytes([2, -4] as [Double])).integers() == [2, -4])
    #expect(array(.float64, .littleEndian, bytes([2.5])).integers() == nil)
    #expect(array(.float64, .littleEndian, bytes([Double.nan])).integers() == nil)
  }

  @Test func matrices() {
    let content = bytes([1, 2, 3, 4, 5, 6] as [Double])
    let rows = array(.float64, .littleEndian, content, shape: [2, 3])
    #expect(rows.matrix() == Matrix(rows: 2, columns: 3, elements: [1, 4, 2, 5, 3, 6]))
    let columns = array(.float64, .littleEndian, content, shape: [2, 3], fortran: true)
    #expect(columns.matrix() == Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6]))
    #expect(array(.float64, .littleEndian, content).matrix()?.columns == 1)
    #expect(array(.float64, .littleEndian, content, shape: [1, 2, 3]).matrix() == nil)
  }

  @Test func rankZeroAndEmpty() {
    let number = array(.float64, .littleEndian, bytes([2.5]), shape: [])
    #expect(number.values() == [2.5])
    #expect(number.exampleCount == 1 && number.count == 1)
    #expect(array(.float64, .littleEndian, [], shape: [0, 3]).values() == [])
    #expect(array(.float64, .littleEndian, [], shape: [3, 0]).values() == [])
  }

  @Test func sizesThatOverflow() {
    func size(_ shape: [Int]) -> Int? { TypedArray.byteCount(elementType: .float64, shape: shape) }
    #expect(size([2, 3]) == 48)
    #expect(size([]) == 8)
    #expect(size([0, 5]) == 0)
    #expect(size([-1, 5]) == nil)
    #expect(size([1 << 40, 1 << 40]) == nil)
    #expect(size([0, 1 << 40, 1 << 40]) == nil)
  }

  /// Value (i, j, k, l) is its own number in C order; both storage orders must give it back, in any choice
  /// of examples.
  @Test(arguments: 0..<50) func randomShapes(seed: Int) {
    var generator = Seeded(seed)
    let rank = Int.random(in: 1...4, using: &generator)
    let shape = (0..<rank).map { _ in Int.random(in: 1...5, using: &generator) }
    let count = shape.reduce(1, *)
    let order: ByteOrder = Bool.random(using: &generator) ? .bigEndian : .littleEndian
    let cOrder = array(.int32, order, bytes((0..<Int32(count)).map { $0 }, order.stored), shape: shape)

    // In Fortran order the number stored at each position, found by counting with the first axis fastest.
    var index = [Int](repeating: 0, count: rank)
    var stored: [Int32] = []
    for _ in 0..<count {
      stored.append(Int32(zip(shape, index).reduce(0) { $0 * $1.0 + $1.1 }))
      for axis in 0..<rank {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
    let fortran = array(.int32, order, bytes(stored, order.stored), shape: shape, fortran: true)

    let expected = (0..<count).map(Double.init)
    #expect(cOrder.values() == expected)
    #expect(fortran.values() == expected)
    let chosen = (0..<4).map { _ in Int.random(in: 0..<shape[0], using: &generator) }
    let size = count / shape[0]
    #expect(fortran.examples(chosen).elements == chosen.flatMap { expected[$0 * size..<($0 + 1) * size] })
    let offset = Int.random(in: 0..<size, using: &generator)
    let place = cOrder.index(example: chosen[0], offset: offset)
    #expect(zip(shape, place).reduce(0) { $0 * $1.0 + $1.1 } == chosen[0] * size + offset)
  }
}

extension ByteOrder {
  fileprivate var stored: StoredOrder { self == .bigEndian ? .bigEndian : .littleEndian }
}
