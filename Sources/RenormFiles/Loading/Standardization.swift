public import LinearAlgebra

/// The shift and scale that training inputs fixed: x -> (x - mean) / deviation.
///
/// A deviation of 0 stands for inputs that are all equal; they are only centred.
public enum Standardization: Equatable, Sendable, Codable {
  case none
  /// One mean and deviation for all entries.
  case global(mean: Double, deviation: Double)
  /// A mean and deviation for each input value.
  case feature(means: [Double], deviations: [Double])

  /// The numbers for training inputs, one column an example; the deviation divides by the count.
  ///
  /// - Throws: `DataError.equalInputs` when the deviation over all entries is 0, `.malformed` when squares
  ///   of the inputs overflow.
  init(_ mode: StandardizationMode, of inputs: Matrix, path: String) throws(DataError) {
    switch mode {
    case .none: self = .none
    case .global:
      let (mean, deviation) = Self.moments(inputs.elements)
      guard deviation.isFinite else { throw Self.overflow(path) }
      guard deviation > 0 else { throw .equalInputs(path: path) }
      self = .global(mean: mean, deviation: deviation)
    case .feature:
      let moments = (0..<inputs.rows).map { Self.moments(inputs.row($0)) }
      guard moments.allSatisfy({ $0.deviation.isFinite }) else { throw Self.overflow(path) }
      self = .feature(means: moments.map(\.mean), deviations: moments.map(\.deviation))
    }
  }

  /// The inputs shifted and scaled.
  public func apply(to inputs: Matrix) -> Matrix {
    var result = inputs
    let rows = inputs.rows
    result.withUnsafeMutableElements { elements in
      switch self {
      case .none: return
      case .global(let mean, let deviation):
        let scale = Self.divisor(deviation)
        for k in elements.indices { elements[k] = (elements[k] - mean) / scale }
      case .feature(let means, let deviations):
        precondition(means.count == rows && deviations.count == rows, "\(means.count) means, \(rows) values")
        let scales = deviations.map(Self.divisor)
        for start in stride(from: 0, to: elements.count, by: max(rows, 1)) {
          for i in 0..<rows { elements[start + i] = (elements[start + i] - means[i]) / scales[i] }
        }
      }
    }
    return result
  }

  /// Number of input values that were the same in all training examples.
  public var constantCount: Int {
    if case .feature(_, let deviations) = self { return deviations.count { $0 == 0 } }
    return 0
  }

  /// The lengths of the lists of numbers; both are the number of input values.
  var featureCounts: [Int] {
    if case .feature(let means, let deviations) = self { return [means.count, deviations.count] }
    return []
  }

  private static func overflow(_ path: String) -> DataError {
    .malformed(path: path, place: nil, reason: "the inputs are too large to be standardised")
  }

  private static func divisor(_ deviation: Double) -> Double { deviation > 0 ? deviation : 1 }

  /// Mean and standard deviation; exactly the value and 0 where all are equal, which rounding would hide.
  private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
    guard let first = values.first, values.contains(where: { $0 != first }) else {
      return (values.first ?? 0, 0)
    }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / count).squareRoot())
  }
}
