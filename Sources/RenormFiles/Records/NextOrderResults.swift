internal import Renorm
package import RenormNextOrder

/// What a report says past leading order.
package struct NextOrderResults: Sendable {
  /// The numbers of the key `nextOrder`, in the units of the targets; nil where there is no expansion.
  package let summary: NextOrderSummary?
  /// What the report's own numbers are; nil where they are those of leading order.
  package let corrected: TheoryResult?
  /// The numbers of the key `condensed`; nil for other orders.
  package let condensed: CondensedSummary?

  /// - Parameters:
  ///   - isShown: whether the report's own numbers are corrected; else it says by how much they are off.
  ///   - scaling: of the targets that the network has learnt.
  package init(_ next: NextOrder, isShown: Bool, scaling: TargetScaling?) {
    summary = next.summary.restored(
      scale: (scaling?.squaredScale ?? 1).squareRoot(), beside: isShown ? next.order : .leading)
    corrected = isShown ? next.corrected : nil
    condensed = nil
  }

  /// The class of trust alone, beside results of leading order.
  package init(_ sketch: TrustSketch, scaling: TargetScaling?) {
    summary = sketch.summary.restored(
      scale: (scaling?.squaredScale ?? 1).squareRoot(), beside: .leading)
    corrected = nil
    condensed = nil
  }

  /// Results of the theory of a condensed neuron, which has no units but those of the predictions.
  package init(_ theory: Condensed) {
    summary = nil
    corrected = theory.corrected
    condensed = theory.summary
  }
}

/// What a corrected report would say at leading order: the key `leading` of its report.
public struct LeadingRecord: Codable, Equatable, Sendable {
  public let orderParameter: MatrixRows
  /// null where the theory gives none.
  @Nullable public var logEvidence: Double?
  /// null without held-out examples.
  @Nullable public var test: TestRecord?

  init(_ posterior: Posterior, _ test: TestRecord?, _ scaling: TargetScaling?) {
    orderParameter = MatrixRows(posterior.orderParameter)
    _logEvidence = Nullable(posterior.logEvidence(in: scaling))
    _test = Nullable(test)
  }
}
