internal import Foundation
public import LinearAlgebra

/// The shift and scale of real-valued targets that training targets fixed: a network learns
/// (y - shift) / scale.
///
/// Shifts are means of the outputs. The scale is one number, the root mean square of y - shift over all
/// outputs, so that an error in the units of the targets is `scale`^2 times that of the network, whatever the
/// number of outputs. The temperature is that of the network: in the units of the targets the noise has the
/// variance `scale`^2 T.
public struct TargetScaling: Equatable, Sendable, Codable {
  /// What is subtracted, one number for each output.
  public let shifts: [Double]
  /// What is divided by; 1 where targets are only centred.
  public let scale: Double

  /// A shift and scale; the scale is positive.
  public init(shifts: [Double], scale: Double = 1) {
    precondition(scale > 0 && scale.isFinite, "scale \(scale)")
    self.shifts = shifts
    self.scale = scale
  }

  /// Decodes a shift and scale.
  ///
  /// - Throws: `DecodingError`, also for a scale that is not positive.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let scale = try container.decode(Double.self, forKey: .scale)
    guard scale > 0, scale.isFinite else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "scale \(scale)"))
    }
    self.init(shifts: try container.decode([Double].self, forKey: .shifts), scale: scale)
  }

  /// The numbers for targets P x D; targets that are all equal are only centred.
  package init(_ mode: TargetMode, of targets: Matrix) {
    let shifts = (0..<targets.columns).map { output in
      (0..<targets.rows).reduce(0.0) { $0 + targets[$1, output] } / Double(max(targets.rows, 1))
    }
    self.init(shifts: shifts)
    guard mode == .standardize, !targets.elements.isEmpty else { return }
    let residual = apply(to: targets)
    let deviation = (residual.innerProduct(residual) / Double(residual.elements.count)).squareRoot()
    // What rounding leaves of equal targets is no scale.
    let size = targets.elements.reduce(0) { max($0, abs($1)) }
    if deviation > 1e-14 * size, deviation.isFinite { self = TargetScaling(shifts: shifts, scale: deviation) }
  }

  /// The targets as a network learns them.
  package func apply(to targets: Matrix) -> Matrix {
    Matrix(rows: targets.rows, columns: targets.columns) { (targets[$0, $1] - shifts[$1]) / scale }
  }

  /// Targets or means of a network in the units of the targets.
  public func restore(_ means: Matrix) -> Matrix {
    Matrix(rows: means.rows, columns: means.columns) { means[$0, $1] * scale + shifts[$1] }
  }

  /// What a variance or an error of the network is multiplied by.
  package var squaredScale: Double { scale * scale }

  /// log p(y) less that of the network's targets, for `count` examples: -count D log(scale).
  package func logJacobian(count: Int) -> Double { -Double(count * shifts.count) * log(scale) }
}

extension TargetScaling {
  /// The numbers for the training examples of a file; nil without a mode.
  init?(_ mode: TargetMode?, _ training: TrainingExamples, _ file: ExampleFile) throws(DataError) {
    guard let mode, let targets = file.targets else { return nil }
    let values = targets.values.selectingRows(training.indices)
    try NumberRange.checkSmallest(values, what: "target", path: targets.path)
    self.init(mode, of: values)
    guard shifts.allSatisfy(\.isFinite) else {
      throw .malformed(path: targets.path, place: nil, reason: "the targets are too large to be centred")
    }
  }
}
