internal import Foundation
public import RenormFiles

/// The criterion of a tuning against one of its parameters: the profile, where the others are tuned again at
/// each point, the evaluations of the search, and the optimum.
public struct ProfilePlot: Sendable {
  private let tuning: TuningRecord
  private let place: Int
  private let parameter: TuningRecord.Parameter
  /// Values of the parameter and the criterion.
  let profile: [(x: Double, y: Double)]
  /// The same of all evaluations that succeeded.
  let evaluations: [(x: Double, y: Double)]

  /// - Parameters:
  ///   - path: the file, for messages.
  ///   - name: the parameter; nil takes the only one, or the first.
  /// - Throws: `PlotError.unsuitable` for a parameter that was not tuned.
  public init(_ record: TuneRecord, path: String, parameter name: String?) throws(PlotError) {
    tuning = record.tuning
    let names = tuning.parameters.map(\.name)
    guard let place = name.map({ names.firstIndex(of: $0) }) ?? names.indices.first else {
      throw .unsuitable(
        "\(path): '\(name ?? "")' was not tuned; accepted: \(names.joined(separator: ", "))")
    }
    self.place = place
    parameter = tuning.parameters[place]
    let points = tuning.profiles.first { $0.name == names[place] }?.points ?? []
    profile = points.map { ($0.values[place], $0.criterion) }
    evaluations = tuning.evaluations.compactMap { evaluation in
      evaluation.criterion.map { (evaluation.values[place], $0) }
    }
  }

  private var isEvidence: Bool { tuning.criterion == "evidence" }

  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: 6.4)
    if profile.isEmpty {
      figure.warnings.append(
        "the report has no profile, so that only evaluations of the search are drawn; `profile` of `renorm tune` "
          + "makes one")
    }
    let best = (x: parameter.value, y: tuning.value)
    let xs = [parameter.lower, parameter.upper]
    let ys = (profile.isEmpty ? evaluations : profile).map(\.y) + [best.y]
    let xScale = AxisScale(xs)
    // Errors of a search may span decades; the log evidence has any sign.
    let yScale = AxisScale(isEvidence ? ys + [-1] : ys)
    figure.label("xlabel", SweepParameter(option: parameter.name)?.label ?? .plain(parameter.name))
    figure.label("ylabel", isEvidence ? "log evidence" : "generalization error (\(tuning.criterion))")
    figure.add(xScale.commands("x", xs, ticksAtValues: false) + yScale.commands("y", ys, ticksAtValues: false))
    figure.add("set xrange [\(xScale.range(xs))]", "set yrange [\(yScale.range(ys))]")
    let others = tuning.parameters.indices.filter { $0 != place }.map { tuning.parameters[$0] }
    let values = others.map { "\($0.name) \(shortNumber($0.value))" }.joined(separator: ", ")
    let title: GnuplotText =
      others.isEmpty ? .plain(parameter.name) : "optimum at " + .init(markup: GnuplotText.plain(values).markup)
    let entries: [GnuplotText] =
      (profile.isEmpty ? [] : ["profile"]) + ["evaluations of the search", "optimum"]
    figure.titleAboveKey(title, entries: entries)
    var parts: [String] = []
    let dots = figure.data(evaluations.map { [$0.x, $0.y] })
    parts.append(
      "\(dots) using 1:2 with points linecolor rgb '\(Style.grey)' pointtype \(Style.openMarker(0)) "
        + "pointsize 0.5 title 'evaluations of the search'")
    if !profile.isEmpty {
      let line = figure.data(profile.map { [$0.x, $0.y] })
      parts.append(
        "\(line) using 1:2 with linespoints linecolor rgb '\(Style.blue)' pointtype \(Style.marker(0)) "
          + "title 'profile'")
    }
    let mark = figure.data([[best.x, best.y]])
    parts.append(
      "\(mark) using 1:2 with points linecolor rgb '\(Style.vermillion)' pointtype \(Style.marker(3)) "
        + "pointsize 1.2 title 'optimum'")
    figure.plot(parts)
    return figure
  }
}
