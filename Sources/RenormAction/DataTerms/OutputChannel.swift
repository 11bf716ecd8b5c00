internal import LinearAlgebra

/// One direction of the output space in which W is diagonal: F = T I + s H with s = scale * eigenvalue.
struct OutputChannel {
  let factor: ShiftedTridiagonal
  /// scale * eigenvalue.
  let scale: Double
  /// tr F^-1.
  let inverseTrace: Double
  /// The largest element of the diagonal of F.
  let largest: Double
  /// The block A^-1 y; before the mean is subtracted, F^-1 y.
  private(set) var u: [Double]
  /// F^-1 m.
  let b: [Double]?
  /// m^T F^-1 m.
  let h: Double
  /// m^T F^-1 y.
  let meanTarget: Double
  private let means: [Double]?

  init(
    _ reduction: TridiagonalReduction, _ parameters: ActionParameters, weight: Double, targets: [Double],
    means: [Double]?
  ) throws(LinearAlgebraError) {
    scale = parameters.kernelScale * weight
    factor = try reduction.shifted(by: parameters.temperature, scale: scale)
    let trace = factor.logDeterminantDerivative
    inverseTrace = max(0, (Double(reduction.order) - scale * trace) / parameters.temperature)
    largest = parameters.temperature + scale * (reduction.diagonal.max() ?? 0)
    u = factor.solve(targets)
    b = means.map(factor.solve)
    self.means = means
    if let means, let b {
      h = dot(means, b)
      meanTarget = dot(b, targets)
    } else {
      h = 0
      meanTarget = 0
    }
  }

  /// log det F.
  var logDeterminant: Double { factor.logDeterminant }
  /// tr(F^-1 H).
  var trace: Double { factor.logDeterminantDerivative }

  /// Replaces F^-1 y by F^-1 (y - m beta).
  mutating func subtractMean(_ beta: Double) {
    guard let b else { return }
    u = zip(u, b).map { $0 - beta * $1 }
  }

  /// m^T A^-1 y.
  var meanResidual: Double { means.map { dot($0, u) } ?? 0 }
}
