internal import LinearAlgebra
internal import RenormKernels

/// Features phi_b = sum_i s(h_i) L_ib of training examples and points for a few draws of a unit, in storage
/// that one worker reuses. Feature b of draw d is the column d + draws * b.
final class FeatureWorkspace {
  /// P x (draws r) and points x (draws r).
  private(set) var training: MatrixView
  private(set) var points: MatrixView
  private let sources: FeatureSources
  private let raw: WorkArray
  private let slopes: WorkArray
  private let features: WorkArray
  private let pointFeatures: WorkArray

  /// - Parameter draws: the most draws at once.
  init(_ sources: FeatureSources, draws: Int) {
    self.sources = sources
    let rows = max(sources.training.count, sources.points?.count ?? 0)
    raw = WorkArray(rows * draws * sources.largestPositions)
    slopes = WorkArray(sources.activation is any DifferentiableActivation ? raw.count : 0)
    features = WorkArray(sources.training.count * draws * sources.largestColumns)
    pointFeatures = WorkArray((sources.points?.count ?? 0) * draws * sources.largestColumns)
    training = features.matrix(0, 0)
    points = pointFeatures.matrix(0, 0)
  }

  /// - Parameter filters: M x draws.
  func compute(_ unit: FeatureFrame.Unit, _ filters: MatrixView) {
    training = compute(unit, filters, sources.training, into: features)
    points =
      sources.points.map { compute(unit, filters, $0, into: pointFeatures) } ?? pointFeatures.matrix(0, 0)
  }

  /// Training features alone.
  func computeTraining(_ unit: FeatureFrame.Unit, _ filters: MatrixView) {
    training = compute(unit, filters, sources.training, into: features)
  }

  /// Features of the points alone, points x (draws r).
  func computePoints(_ unit: FeatureFrame.Unit, _ filters: MatrixView, into target: WorkArray) -> MatrixView {
    sources.points.map { compute(unit, filters, $0, into: target) } ?? target.matrix(0, 0)
  }

  private func compute(
    _ unit: FeatureFrame.Unit, _ filters: MatrixView, _ patches: Patches, into target: WorkArray
  ) -> MatrixView {
    let (rows, draws) = (patches.count, filters.columns)
    let area = rows * draws
    let product = raw.matrix(area, unit.positions.count)
    patches.elements.withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      for (column, position) in unit.positions.enumerated() {
        product.column(column).reshaped(rows, draws).setProduct(
          MatrixView(base + patches.size * rows * position, patches.size, rows).transposed, filters)
      }
    }
    activate(area * unit.positions.count)
    let result = target.matrix(area, unit.columns.count)
    unit.factor.withUnsafeElements { factor in
      guard let base = factor.baseAddress else { return }
      result.setProduct(product, MatrixView(base, unit.factor.rows, unit.factor.columns))
    }
    return result.reshaped(rows, draws * unit.columns.count)
  }

  private func activate(_ count: Int) {
    let values = UnsafeMutableBufferPointer(start: raw.pointer, count: count)
    sources.activation.replaceByValues(
      values, slopes: UnsafeMutableBufferPointer(start: slopes.pointer, count: count))
  }
}

extension Activation {
  /// Replaces pre-activations by s.
  ///
  /// - Parameter slopes: scratch of the same size, where the activation has derivatives.
  func replaceByValues(
    _ values: UnsafeMutableBufferPointer<Double>, slopes: UnsafeMutableBufferPointer<Double>
  ) {
    if isLinear { return }
    if let activation = self as? any DifferentiableActivation {
      activation.replaceByValues(values, derivatives: slopes)
    } else {
      for index in values.indices { values[index] = self(values[index]) }
    }
  }
}

/// What features are made from.
struct FeatureSources: Sendable {
  let activation: any Activation
  let training: Patches
  /// nil where there are no points.
  let points: Patches?
  let largestPositions: Int
  let largestColumns: Int

  init(_ frame: FeatureFrame, training: Patches, points: Matrix) {
    activation = frame.local.activation
    self.training = training
    self.points = points.columns > 0 ? Patches(points, of: frame.local) : nil
    largestPositions = frame.units.map(\.positions.count).max() ?? 1
    largestColumns = frame.units.map(\.columns.count).max() ?? 1
  }
}
