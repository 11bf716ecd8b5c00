/// A result of a sweep against width, load or another parameter: one curve for every combination of the
/// remaining parameters that vary.
///
/// Repeats over shuffle seeds are averaged first. Then, of the parameters in `bestOver`, the values with the
/// best average are taken at every x, among those with the most repeats.
public struct ErrorCurves: Sendable {
  struct Point: Equatable, Sendable {
    let x: Double
    let y: Repeats
    /// Past leading order, where that holds.
    var corrected: Repeats?
  }

  struct Curve: Equatable, Sendable {
    /// What tells the curve from others.
    let key: SweepKey
    /// In the order of x.
    var points: [Point] = []
    /// The result at infinite width, where x is the width or the load.
    var infinite: Repeats?
  }

  let axis: SweepAxis
  let result: SweepResult
  let curves: [Curve]
  let sampled: [SampledPoint]
  /// What the curves have in common, and what was chosen.
  let title: GnuplotText
  let warnings: [String]

  /// - Parameters:
  ///   - result: what is drawn.
  ///   - axis: what it is drawn against.
  ///   - filters: which points are drawn; conditions on one parameter are alternatives.
  ///   - bestOver: parameters whose best values are taken at every x.
  ///   - sampled: results of sampled networks; their parameters, the axis and `bestOver` aside, must be among
  ///     those of the points.
  /// - Throws: `DataError` for a missing column or a field that is not a number, `PlotError.nothingToDraw` and
  ///   `.unsuitable`.
  public init(
    _ table: SweepTable, _ result: SweepResult, against axis: SweepAxis, filters: [SweepFilter] = [],
    bestOver: [SweepParameter] = [], sampled: [SampledReport] = []
  ) throws {
    try table.require(axis.column)
    for parameter in bestOver { try table.require(parameter.column) }
    var (points, warnings) = try table.points(result, filters)
    let along = Self.along(axis, points)
    if let wrong = bestOver.first(where: { $0 == along || $0 == .shuffleSeed }) {
      throw PlotError.unsuitable(
        "the best \(wrong.option) cannot be taken: accepted are parameters other than the axis and the shuffle "
          + "seed"
      )
    }
    if axis == .alpha, along != .width, points.contains(where: \.isInfinite) {
      let count = points.count
      points.removeAll(where: \.isInfinite)
      warnings.append(
        "\(count - points.count) points at infinite width are left out: all have the load 0; "
          + "the axis train-count has a place for them"
      )
    }
    let keys = points.varying.filter { $0 != along && !bestOver.contains($0) }
    let (averages, duplicates) = averaged(points, by: keys + [along] + bestOver)
    let chosen = Self.best(averages, over: bestOver, result)
    warnings += duplicateWarning(duplicates) + Self.edgeWarnings(chosen, bestOver, points)

    curves = Self.curves(chosen, keys: keys, along: along, axis)
    guard curves.contains(where: { !$0.points.isEmpty }) else {
      throw PlotError.nothingToDraw(
        path: table.path, reason: "no point has a value of '\(axis.column)' to draw it at")
    }
    guard curves.count <= Style.largestCurveCount else {
      let varying = keys.map { "\($0.option) is \(listed(points.values($0)))" }.joined(separator: "; ")
      throw PlotError.adjustable(
        "\(curves.count) curves are too many for one picture: \(varying)", set: [.filters, .bestOver])
    }
    self.axis = axis
    self.result = result
    self.sampled = try sampled.map { report in
      try report.check(against: points, without: bestOver + [along])
      return try SampledPoint(report, axis, result)
    }
    self.warnings = warnings
    let best = bestOver.isEmpty ? [] : ["best " + bestOver.map { $0.symbol ?? .plain($0.option) }.joined()]
    title = ([points.common(without: keys + [along] + bestOver)] + best).filter { !$0.markup.isEmpty }.joined(
      "; ")
  }

  /// The parameter that runs along the axis: the load runs with the width unless only the training set varies.
  private static func along(_ axis: SweepAxis, _ points: [SweepPoint]) -> SweepParameter {
    switch axis {
    case .parameter(let parameter): parameter
    case .alpha:
      points.values(.width).count { $0 != .number(.infinity) } < 2 && points.values(.trainCount).count > 1
        ? .trainCount : .width
    }
  }

  /// The best of the averages that differ in some parameters only.
  private static func best(_ averages: [Average], over parameters: [SweepParameter], _ result: SweepResult)
    -> [Average]
  {
    guard !parameters.isEmpty else { return averages }
    let groups = Dictionary(grouping: averages) { $0.key.filter { !parameters.contains($0.key) } }
    return groups.values.compactMap { group -> Average? in
      result.isBetterWhenLarger
        ? group.complete.max { $0.y.mean < $1.y.mean } : group.complete.min { $0.y.mean < $1.y.mean }
    }
  }

  /// Lines on parameters whose best value is often the first or last.
  private static func edgeWarnings(
    _ chosen: [Average], _ parameters: [SweepParameter], _ points: [SweepPoint]
  ) -> [String] {
    parameters.compactMap { parameter in
      let values = points.values(parameter)
      guard parameter.isNumber, values.count > 1, let first = values.first, let last = values.last else {
        return nil
      }
      let count = chosen.count { $0.key[parameter] == first || $0.key[parameter] == last }
      guard count > 0 else { return nil }
      return
        "the best \(parameter.option) is at an end of its range (\(first.plain) to \(last.plain)) "
        + "for \(count) of \(chosen.count) points; others beyond may be better"
    }
  }

  private static func curves(
    _ averages: [Average], keys: [SweepParameter], along: SweepParameter, _ axis: SweepAxis
  ) -> [Curve] {
    var curves: [SweepKey: Curve] = [:]
    for average in averages {
      guard let value = average.key[along]?.number else { continue }
      let key = average.key.restricted(to: keys)
      if along == .width, value == .infinity {
        curves[key, default: Curve(key: key)].infinite = average.y
      } else if let x = axis == .alpha ? average.alpha : value {
        curves[key, default: Curve(key: key)].points.append(
          Point(x: x, y: average.y, corrected: average.corrected))
      }
    }
    return curves.values.sorted { $0.key.precedes($1.key) }.map { curve in
      var curve = curve
      curve.points.sort { $0.x < $1.x }
      return curve
    }
  }
}
