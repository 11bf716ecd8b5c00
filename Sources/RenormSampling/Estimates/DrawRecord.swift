/// The recorded numbers of one draw. Those of a chain share its array.
struct DrawRecord: Sendable {
  private let values: [Double]
  private let start: Int
  let count: Int

  init(_ values: [Double]) { self.init(values, start: 0, count: values.count) }

  private init(_ values: [Double], start: Int, count: Int) {
    self.values = values
    self.start = start
    self.count = count
  }

  /// All draws of a chain, recorded one after the other.
  static func all(_ values: [Double], count: Int) -> [DrawRecord] {
    stride(from: 0, through: values.count - count, by: count).map {
      DrawRecord(values, start: $0, count: count)
    }
  }

  subscript(place: Int) -> Double { values[start + place] }

  subscript(places: Range<Int>) -> ArraySlice<Double> {
    values[start + places.lowerBound..<start + places.upperBound]
  }

  var isFinite: Bool { self[0..<count].allSatisfy(\.isFinite) }
}
