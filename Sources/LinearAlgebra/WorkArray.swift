/// Numbers at a fixed place in memory, zero at first, for calculations that are repeated without allocating.
///
/// A class, since views point into it: its owner keeps it while they are used, and gives it to one thread only.
package final class WorkArray {
  /// The first number, aligned to 64 bytes.
  package let pointer: UnsafeMutablePointer<Double>
  /// How many numbers there are.
  package let count: Int

  package init(_ count: Int) {
    precondition(count >= 0, "\(count) numbers")
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(count, 1) * MemoryLayout<Double>.stride, alignment: 64)
    pointer = bytes.initializeMemory(as: Double.self, repeating: 0, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(pointer).deallocate() }

  /// The numbers as a buffer.
  package var buffer: UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(start: pointer, count: count)
  }

  /// Makes all numbers zero.
  package func clear() { pointer.update(repeating: 0, count: max(count, 1)) }

  /// A copy of the numbers.
  package var values: [Double] { withExtendedLifetime(self) { Array(buffer) } }

  /// The leading numbers as a matrix, column by column.
  package func matrix(_ rows: Int, _ columns: Int) -> MatrixView {
    precondition(
      rows >= 0 && columns >= 0 && rows * columns <= count, "\(rows) x \(columns) of \(count) numbers")
    return MatrixView(pointer, rows, columns)
  }
}
