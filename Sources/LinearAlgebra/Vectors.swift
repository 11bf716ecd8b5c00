extension [Double] {
  /// Adds scale * other.
  package mutating func add(_ scale: Double, _ other: [Double]) {
    for i in indices { self[i] += scale * other[i] }
  }

  /// The vector scaled by a number.
  package func scaled(by scale: Double) -> [Double] { map { scale * $0 } }
}
