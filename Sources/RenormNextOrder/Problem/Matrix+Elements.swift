internal import LinearAlgebra

extension Matrix {
  /// Adds scale * elements, column by column.
  mutating func add(_ scale: Double, elements other: [Double]) {
    withUnsafeMutableElements { own in for i in own.indices { own[i] += scale * other[i] } }
  }
}
