import Renorm
import RenormFiles
import RenormNextOrder

/// Predictions of a fit at the order in 1/N that was asked for, and what is known past leading order.
struct OrderedPrediction {
  /// At leading order; nil without points.
  let leading: Prediction?
  /// nil where it was not asked for and costs more than the fit, or is not defined.
  private(set) var next: NextOrder?
  /// nil where it was not asked for.
  private(set) var condensed: Condensed?
  /// The class of trust alone, where that costs less than the fit and `next` does not.
  private(set) var sketch: TrustSketch?
  /// Why there is no class of trust, and how to get one; nil where there is one or none is defined.
  private(set) var missing: String?
  /// Whether results are corrected, or only said to be off by so much.
  let isCorrected: Bool

  /// - Parameters:
  ///   - leading: predictions at `inputs`; nil without held-out examples, where training inputs stand for them.
  ///   - options: of a correction; nil takes the class where that is cheap.
  ///   - maximumIterations: the limit of the fit's search, for messages; nil where it is not known.
  /// - Throws: `NotConverged` where a fit that has not converged is to be corrected.
  init(
    _ posterior: Posterior, _ leading: Prediction?, at inputs: Matrix?, targets: Matrix?,
    _ correction: Correction?, _ compute: ComputeOptions, _ progress: inout Progress,
    maximumIterations: Int? = nil
  ) throws {
    self.leading = leading
    isCorrected = correction != nil
    guard let correction else {
      let trust = UnaskedTrust(posterior, leading, inputs, targets, compute, &progress)
      (next, sketch, missing) = (trust.next, trust.sketch, trust.missing)
      return
    }
    try posterior.checkConverged(maximumIterations: maximumIterations)
    progress.begin(.correct)
    let points = inputs ?? UnaskedTrust.part(posterior.training.inputs)
    switch correction {
    case .nextOrder(let options):
      next = try NextOrder(
        posterior, points: points, targets: inputs.flatMap { _ in targets?.column(0) }, options: options)
    case .condensed(let options):
      condensed = try Condensed(posterior, points: points, options: options)
    }
  }

  /// Predictions of the order that was asked for.
  var shown: Prediction? { isCorrected && leading != nil ? corrected?.prediction : leading }

  /// Results of the order that was asked for; nil where that is the leading one.
  var corrected: TheoryResult? { isCorrected ? condensed?.corrected ?? next?.corrected : nil }

  /// What a model has to keep of the correction.
  var settings: NextOrderSettings? {
    isCorrected ? condensed?.settings ?? next?.settings : nil
  }

  /// What a user should know; nothing about a class that was not asked for.
  var warnings: [String] { isCorrected ? condensed?.warnings ?? next?.warnings ?? [] : [] }

  /// For a report in the units of the targets.
  func results(_ scaling: TargetScaling?) -> NextOrderResults? {
    if let condensed { return NextOrderResults(condensed) }
    return next.map { NextOrderResults($0, isShown: isCorrected, scaling: scaling) }
      ?? sketch.map { NextOrderResults($0, scaling: scaling) }
  }
}
