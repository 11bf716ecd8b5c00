internal import Foundation

/// Where a tuning has ended.
public struct TuningResult: Sendable {
  /// The best value of one parameter.
  public struct Optimum: Equatable, Sendable {
    /// An end of the range.
    public enum Edge: String, Codable, Sendable { case lower, upper }
    /// The parameter and its bounds.
    public let tuned: TunedParameter
    /// The best value.
    public let value: Double
    /// The derivative of the criterion by the value's logarithm there.
    public let slope: Double
    /// The end of the range where the criterion would still improve beyond it; nil inside.
    public let edge: Edge?
    /// How far the logarithm can move until the criterion, a parabola at its optimum with the other parameters
    /// tuned again, changes by 1/2 (a standard deviation of a posterior with flat prior, for the log evidence);
    /// of held-out errors by a hundredth of itself. An estimate from the steps of the search; nil at an edge.
    public let width: Double?
  }

  /// The search from one start.
  public struct Search: Equatable, Sendable {
    /// How a search has ended.
    public enum End: String, Codable, Sendable {
      /// No step promises an improvement.
      case converged
      /// In the basin of an optimum that was found before.
      case joined
      /// No step improves, though one should; or evaluations have come to an end.
      case stuck
      /// The fit at the start failed.
      case failed
    }
    /// The values it started from, in the order of the parameters.
    public let start: [Double]
    /// The values it ended at; nil where it failed.
    public let values: [Double]?
    /// The criterion there.
    public let criterion: Double?
    /// How it ended.
    public let end: End
  }

  /// The best criterion as a function of one parameter, the others tuned at each of its points.
  public struct Profile: Equatable, Sendable {
    /// A point of it.
    public struct Point: Equatable, Sendable {
      /// The values of all tuned parameters, in their order.
      public let values: [Double]
      /// The criterion.
      public let criterion: Double
    }
    /// The parameter that is held.
    public let parameter: NetworkParameter
    /// Its points, by its value.
    public let points: [Point]
  }

  /// The network with the best values.
  public let network: Network
  /// What decided.
  public let criterion: TuningCriterion
  /// The criterion there.
  public let value: Double
  /// The best values, in the order of the tuned parameters.
  public let optima: [Optimum]
  /// The searches, in the order of starts.
  public let searches: [Search]
  /// The profiles that were asked for.
  public let profiles: [Profile]
  /// All evaluations, in their order.
  public let evaluations: [TuningEvaluation]
  /// What a user should know; each is one line.
  public let warnings: [String]

  init(
    _ tuning: Tuning, _ best: BoxSearch.Outcome, _ ends: [BoxSearch.Outcome?], _ profiles: [Profile],
    _ path: TuningPath
  ) throws(RenormError) {
    let parameters = tuning.parameters
    let sign: Double = tuning.criterion.isMaximised ? -1 : 1
    network = try tuning.network(best.point.x)
    criterion = tuning.criterion
    value = path.criterion(of: best.point)
    let scale = tuning.criterion.isMaximised ? 1 : value
    let widths = best.widths(change: tuning.criterion.isMaximised ? 0.5 : 0.01)
    optima = parameters.indices.map { k in
      let (x, slope, range) = (best.point.x[k], best.point.gradient[k], parameters[k].logarithms)
      let edge: Optimum.Edge? =
        x <= range.lowerBound && slope > 0 ? .lower : x >= range.upperBound && slope < 0 ? .upper : nil
      return Optimum(
        tuned: parameters[k], value: parameters[k].value(x), slope: sign * scale * slope, edge: edge,
        width: edge == nil ? widths?[k] : nil)
    }
    evaluations = path.evaluations
    searches = ends.enumerated().map { k, outcome in
      let first = path.evaluations.first { $0.stage == .start(k) }
      let end: Search.End =
        switch outcome?.end {
        case .converged?: .converged
        case .joined?: .joined
        case .stuck?: .stuck
        case nil: .failed
        }
      func values(_ x: [Double]) -> [Double] { zip(parameters, x).map { $0.value($1) } }
      return Search(
        start: first.map { values($0.logarithms) } ?? [], values: outcome.map { values($0.point.x) },
        criterion: outcome.map { path.criterion(of: $0.point) }, end: end)
    }
    self.profiles = profiles
    warnings = Self.warnings(tuning, best, optima, searches, path)
  }

  private static func warnings(
    _ tuning: Tuning, _ best: BoxSearch.Outcome, _ optima: [Optimum], _ searches: [Search], _ path: TuningPath
  ) -> [String] {
    var lines = optima.compactMap { optimum in
      optimum.edge.map { edge in
        "the best \(optimum.tuned.parameter.key) is the \(edge.rawValue) end of its range, \(optimum.value): a "
          + "better one may lie beyond"
      }
    }
    if path.isExhausted {
      lines.append(
        "the tuning has ended after its \(tuning.options.maximumEvaluations) evaluations (`max-evaluations`), "
          + "perhaps before its optimum")
    } else if best.end == .stuck {
      lines.append("the best search has ended where no step improves though one should: its optimum is rough")
    }
    let missed = path.evaluations.count { $0.failure != nil }
    if missed > 0, let reason = path.evaluations.compactMap(\.failure).first {
      lines.append(
        "\(missed) of \(path.evaluations.count) evaluations failed and were left out; the first: \(reason)")
    }
    // Ends on a plateau may lie apart, and be as good.
    let notable = tuning.criterion.isMaximised ? 0.1 : 1e-3
    let value = path.criterion(of: best.point)
    let worse = searches.filter { search in
      guard search.end == .converged, let own = search.criterion else { return false }
      return abs(own - value) > notable * (tuning.criterion.isMaximised ? 1 : value)
    }
    if !worse.isEmpty {
      lines.append(
        "\(worse.count) of \(searches.count) searches have converged to a worse optimum; the best is taken, and more "
          + "starts (`starts`) may find a better one")
    }
    return lines
  }
}
