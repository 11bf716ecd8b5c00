import Renorm
import RenormFiles
import RenormNextOrder

/// Predictions of a fit at the order in 1/N that was asked for, and what is known past leading order.
struct OrderedPrediction {
  /// At leading order; nil without points.
  let leading: Prediction?
  /// nil where it was not asked for and costs more than the fit, or is not defined.
  let next: NextOrder?
  /// Whether results are corrected, or only said to be off by so much.
  let isCorrected: Bool

  /// Points at which the class is found unasked.
  private static let trustPoints = 200

  /// - Parameters:
  ///   - leading: predictions at `inputs`; nil without held-out examples, where training inputs stand for them.
  ///   - options: of a correction; nil takes the class where that is cheap.
  ///   - maximumIterations: the limit of the fit's search, for messages; nil where it is not known.
  /// - Throws: `NotConverged` where a fit that has not converged is to be corrected.
  init(
    _ posterior: Posterior, _ leading: Prediction?, at inputs: Matrix?, targets: Matrix?,
    _ options: NextOrderOptions?, _ compute: ComputeOptions, _ progress: inout Progress,
    maximumIterations: Int? = nil
  ) throws {
    self.leading = leading
    isCorrected = options != nil
    guard let options else {
      next = Self.trust(posterior, inputs, targets, compute, &progress)
      return
    }
    try posterior.checkConverged(maximumIterations: maximumIterations)
    progress.begin(.correct)
    next = try NextOrder(
      posterior, points: inputs ?? Self.part(posterior.training.inputs), targets: inputs.flatMap { _ in
        targets?.column(0)
      }, options: options)
  }

  /// The class of a fit, where it costs less than the fit and there is one.
  private static func trust(
    _ posterior: Posterior, _ inputs: Matrix?, _ targets: Matrix?, _ compute: ComputeOptions,
    _ progress: inout Progress
  ) -> NextOrder? {
    var options = NextOrderOptions.trust
    options.threads = compute.threads
    options.memoryLimit = compute.memoryLimit?.bytes
    let points = part(inputs ?? posterior.training.inputs)
    guard posterior.solution.convergence.converged,
      (try? posterior.network.checkNextOrder(outputs: posterior.training.outputs)) != nil, points.columns > 0,
      NextOrderCost(posterior, points: points.columns, draws: options.draws ?? 0).isSmall
    else { return nil }
    progress.begin(.correct)
    let known = inputs.flatMap { _ in targets.map { part($0.transposed).transposed.column(0) } }
    // What was not asked for fails silently: the report says null.
    return try? NextOrder(posterior, points: points, targets: known, options: options)
  }

  /// Columns at equal distances, at most `trustPoints`.
  private static func part(_ all: Matrix) -> Matrix {
    guard all.columns > trustPoints else { return all }
    return Matrix(rows: all.rows, columns: trustPoints) { all[$0, $1 * all.columns / trustPoints] }
  }

  /// Predictions of the order that was asked for.
  var shown: Prediction? { isCorrected && leading != nil ? next?.corrected.prediction : leading }

  /// Results of the order that was asked for; nil where that is the leading one.
  var corrected: TheoryResult? { isCorrected ? next?.corrected : nil }

  /// What a user should know; nothing about a class that was not asked for.
  var warnings: [String] { isCorrected ? next?.warnings ?? [] : [] }

  /// For a report in the units of the targets.
  func results(_ scaling: TargetScaling?) -> NextOrderResults? {
    next.map { NextOrderResults($0, isShown: isCorrected, scaling: scaling) }
  }
}
