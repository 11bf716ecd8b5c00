internal import RenormAction

/// Multiply-adds that the class of trust takes, and those of the fit, from sizes alone (docs/next-order.md and
/// docs/costs.md): decisions by them do not depend on the machine or its load.
package struct NextOrderCost: Equatable, Sendable {
  /// Draws and closed forms of `NextOrder` with a number of draws.
  package let correction: Double
  /// Kernels, the search for the order parameter, and predictions.
  package let fit: Double
  private let sizes: Sizes
  /// Whether delta and dm come from derivatives.
  private let hasCovariances: Bool

  private struct Sizes: Equatable, Sendable {
    let examples, points, inputs, units, local, columns, dimension, pairs: Double
    /// Multiply-adds of A's factor and of kernels that a sketch needs and the fit has not left, and of the
    /// products of these with one vector.
    let factor, kernels, product: Double
  }

  /// Below this, about a tenth of a second, nobody waits.
  private static let negligible = 2e9
  /// Multiply-adds in the time of one value of an activation or of its average over a Gaussian.
  private static let activation = 10.0
  /// Steps of a usual fit.
  private static let evaluations = 10.0
  private static let curvatures = 3.0

  /// - Parameter points: inputs at which means are corrected.
  package init(_ posterior: Posterior, points: Int, draws: Int) {
    // Features of linear units have no cumulants.
    let draws = posterior.network.activation.isLinear ? 0 : draws
    let sizes = posterior.solution.space.blockSizes
    let examples = Double(posterior.rangeSize)
    let points = Double(points)
    let all = examples + points
    let inputs = Double(posterior.grid.patchSize)
    let positions = Double(posterior.grid.positions)
    let units = Double(sizes.count)
    let local = positions / units
    let columns = Double(sizes.max() ?? 1)
    let dimension = Double(sizes.reduce(0) { $0 + $1 * ($1 + 1) / 2 })
    let square = examples * examples
    let cube = square * examples

    let features = (inputs * local + local * columns + Self.activation * local) * all
    let training = 1.5 * square * columns + 2 * examples * columns * columns
    let held = examples * points * columns + points * columns * (1 + columns)
    let probes = Double(CovarianceWorker.probesOfValues)
    let slopes = Self.slopes(
      all: all, examples: examples, inputs: inputs, local: local, columns: columns, probes: probes)
    hasCovariances = CovarianceWorker.covers(posterior.network.activation)
    let draw = features + training + held + (hasCovariances ? slopes : 0)
    let once =
      1.5 * dimension * cube + units * cube + 2 * dimension * dimension * square + dimension * square * points
    correction = Double(draws) * units * draw + once

    // Different positions of an LCN share no filters.
    let pairs = units > 1 ? positions : positions * positions
    let kernels = pairs * square / 2 * (inputs + Self.activation)
    // As `SketchKernels` has them.
    let (isKnown, isOne) = (posterior.network.activation.isOdd, positions == 1)
    self.sizes = Sizes(
      examples: examples, points: points, inputs: inputs, units: units, local: local, columns: columns,
      dimension: dimension, pairs: pairs, factor: isKnown ? 0 : cube / 3,
      kernels: isOne && isKnown ? 0 : kernels, product: isOne ? square : pairs * square)
    let steps =
      sizes == [1]
      ? 4 * cube / 3
      : Self.evaluations * (2 * dimension * square + cube)
        + Self.curvatures * (24 * dimension * square + 8 * dimension * dimension * examples)
    let predictions = pairs * examples * points * (inputs + Self.activation) + square * points
    fit = kernels + steps + cube / 3 + predictions
  }

  /// Whether the correction may be computed unasked.
  package var isSmall: Bool { correction <= budget }

  private var budget: Double { max(fit, Self.negligible) }
  /// Two tenths of a second, as a class is worth more than a correction.
  private var sketchBudget: Double { max(fit, 2 * Self.negligible) }

  /// The most precise sketch that may be computed unasked; nil where all take more than the fit.
  package var sketch: SketchPlan? { sketches.first { cost($0) <= sketchBudget } }

  /// How many times the fit the smallest sketch takes.
  package var excess: Double { sketches.last.map { cost($0) / sketchBudget } ?? .infinity }

  private var sketches: [SketchPlan] { hasCovariances ? Self.sketchesByCovariances : Self.sketchesByMoments }

  /// Measured time over that of as many multiply-adds of a fit: products are small, and memory is touched anew.
  private static let overhead = 2.5

  private static let sketchesByCovariances = [256, 192, 128, 96, 64, 48, 32].map {
    SketchPlan(blocks: 8, probes: CovarianceWorker.probesOfValues, drawsOfBlock: $0)
  }
  private static let sketchesByMoments = [
    SketchPlan(blocks: 16, probes: 16), SketchPlan(blocks: 8, probes: 16),
    SketchPlan(blocks: 8, probes: 16, drawsOfBlock: 256), SketchPlan(blocks: 8, probes: 8, drawsOfBlock: 256),
    SketchPlan(blocks: 8, probes: 8, drawsOfBlock: 128), SketchPlan(blocks: 8, probes: 4, drawsOfBlock: 128),
  ]

  /// Multiply-adds of a `TrustSketch`.
  func cost(_ plan: SketchPlan) -> Double {
    let s = sizes
    let (blocks, probes) = (Double(plan.blocks), Double(plan.probes))
    let vectors = blocks * probes + 1
    let square = s.examples * s.examples
    let all = s.examples + s.points
    let value = s.inputs + Self.activation
    // Products of kernels in memory run at half of the speed of a product of matrices, and use both triangles.
    let once = s.kernels + s.factor + s.product * vectors + square * vectors / 2
    let held =
      s.pairs * s.points * s.examples * value
      + s.dimension * s.points * s.examples * (s.pairs / 2 + blocks + 1)
    let draw =
      hasCovariances
      ? Self.slopes(
        all: all, examples: s.examples, inputs: s.inputs, local: s.local, columns: s.columns, probes: probes)
      : (value * s.local + s.local * s.columns) * all + s.examples * s.columns * (probes + 2)
        + s.points * s.columns + probes * s.columns * s.columns
    return Self.overhead * (once + held + blocks * Double(plan.drawsOfBlock) * s.units * draw)
  }

  /// Multiply-adds of a draw by `CovarianceWorker`, with delta.
  private static func slopes(
    all: Double, examples: Double, inputs: Double, local: Double, columns: Double, probes: Double
  ) -> Double {
    let vectors = probes + 1
    return (2 * inputs + 3 * activation) * local * all + vectors * local * examples * (1 + 2 * inputs)
      + vectors * inputs * (2 * local * columns + vectors * columns * columns)
  }
}
