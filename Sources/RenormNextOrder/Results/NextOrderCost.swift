internal import RenormAction

/// Multiply-adds that class and shifts of `NextOrderOptions.trust` take, and those of the fit, from sizes alone
/// (docs/next-order.md and docs/costs.md): decisions by them do not depend on the machine or its load.
package struct NextOrderCost: Equatable, Sendable {
  /// Draws and closed forms.
  package let correction: Double
  /// Kernels, the search for the order parameter, and predictions.
  package let fit: Double

  /// Below this, about a tenth of a second, nobody waits.
  private static let negligible = 2e9
  /// Multiply-adds in the time of one value of an activation or of its average over a Gaussian.
  private static let activation = 10.0
  /// Steps of a usual fit.
  private static let evaluations = 10.0
  private static let curvatures = 3.0

  /// - Parameter points: inputs at which means are corrected.
  package init(_ posterior: Posterior, points: Int, draws: Int) {
    let sizes = posterior.solution.space.blockSizes
    let examples = Double(posterior.training.count)
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
    let draw = features + training + held
    let once =
      1.5 * dimension * cube + units * cube + 2 * dimension * dimension * square + dimension * square * points
    correction = Double(draws) * units * draw + once

    // Different positions of an LCN share no filters.
    let pairs = units > 1 ? positions : positions * positions
    let kernels = pairs * square / 2 * (inputs + Self.activation)
    let steps =
      sizes == [1]
      ? 4 * cube / 3
      : Self.evaluations * (2 * dimension * square + cube)
        + Self.curvatures * (24 * dimension * square + 8 * dimension * dimension * examples)
    let predictions = pairs * examples * points * (inputs + Self.activation) + square * points
    fit = kernels + steps + cube / 3 + predictions
  }

  /// Whether the correction may be computed unasked.
  package var isSmall: Bool { correction <= max(fit, Self.negligible) }
}
