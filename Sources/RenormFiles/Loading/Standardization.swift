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
  /// - Throws: `DataError.equalInputs` when all entries are equal, `.malformed` when a deviation is so small
  ///   that it has lost digits.
  init(_ mode: StandardizationMode, of inputs: Matrix, path: String) throws(DataError) {
    switch mode {
    case .none: self = .none
    case .global:
      let moments = Moments(inputs.elements)
      guard !moments.isConstant else { throw .equalInputs(path: path) }
      try Self.check([moments], path)
      self = .global(mean: moments.mean, deviation: moments.deviation)
    case .feature:
      let moments = (0..<inputs.rows).map { Moments(inputs.row($0)) }
      try Self.check(moments, path)
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
        for k in elements.indices { elements[k] = Self.shifted(elements[k], mean, scale) }
      case .feature(let means, let deviations):
        precondition(means.count == rows && deviations.count == rows, "\(means.count) means, \(rows) values")
        let scales = deviations.map(Self.divisor)
        for start in stride(from: 0, to: elements.count, by: max(rows, 1)) {
          for i in 0..<rows { elements[start + i] = Self.shifted(elements[start + i], means[i], scales[i]) }
        }
      }
    }
    return result
  }

  /// Number of input values that were the same in all training examples.
  package var constantCount: Int {
    if case .feature(_, let deviations) = self { return deviations.count { $0 == 0 } }
    return 0
  }

  /// The lengths of the lists of numbers; both are the number of input values.
  var featureCounts: [Int] {
    if case .feature(let means, let deviations) = self { return [means.count, deviations.count] }
    return []
  }

  /// Whether the numbers can be those of a fit.
  var isValid: Bool {
    switch self {
    case .none: true
    case .global(let mean, let deviation): mean.isFinite && deviation > 0 && deviation.isFinite
    case .feature(let means, let deviations):
      means.allSatisfy(\.isFinite) && deviations.allSatisfy { $0 >= 0 && $0.isFinite }
    }
  }

  private static func check(_ moments: [Moments], _ path: String) throws(DataError) {
    guard let few = moments.first(where: { !$0.isConstant && !$0.deviation.isNormal }) else { return }
    throw .malformed(
      path: path, place: nil,
      reason: "the inputs deviate by \(few.deviation), too little to be standardised; rescale the inputs")
  }

  /// (x - mean) / scale, also where the difference of two numbers overflows.
  private static func shifted(_ x: Double, _ mean: Double, _ scale: Double) -> Double {
    let difference = x - mean
    return difference.isFinite ? difference / scale : (x / 2 - mean / 2) / (scale / 2)
  }

  private static func divisor(_ deviation: Double) -> Double { deviation > 0 ? deviation : 1 }
}
