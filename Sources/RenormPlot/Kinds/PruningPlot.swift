internal import Foundation
internal import RenormFiles

/// What is lost when units of networks are dropped, sampled and in theory, one curve for each report, or point
/// of a report of several.
public struct PruningPlot: Sendable {
  private let reports: [PruningReport]

  /// - Parameter paths: reports of `renorm mogp prune`, all with `--eps` or all with `--kappa`; or of `renorm
  ///   sample` and `renorm compare` with `--kept`.
  /// - Throws: `DataError` for a file that is none of these, `PlotError` where they are no one picture.
  public init(paths: [String]) throws {
    let read = try paths.map { (path) throws(DataError) in (path, try PruningReport.read(path: path)) }
    reports = read.flatMap(\.1)
    guard reports.count <= Style.largestCurveCount else {
      throw PlotError.unsuitable("\(reports.count) reports; accepted: at most \(Style.largestCurveCount)")
    }
    for (path, report) in read.flatMap({ path, reports in reports.map { (path, $0) } }) {
      guard report.axis == reports[0].axis, report.isError == reports[0].isError else {
        throw PlotError.unsuitable(
          "\(path) and \(paths[0]) are no one picture: one has thresholds or losses, "
            + "the other fractions or errors"
        )
      }
      guard report.points.contains(where: { $0.x > 0 && $0.sampled > 0 }) else {
        throw PlotError.nothingToDraw(path: path, reason: "no loss and place are positive, as logarithms need")
      }
    }
  }

  /// The picture, with logarithms on both axes; errors within a decade on a linear one.
  public var figure: Figure {
    var figure = Figure(height: 6.8)
    let first = reports[0]
    let isRelative = reports.allSatisfy(\.isRelative)
    if !isRelative, reports.contains(where: \.isRelative) {
      figure.warnings.append("the variance of some outputs is infinite, so that losses have different units")
    }
    figure.label(
      "xlabel", first.axis == .threshold ? "threshold {/:Italic ε}" : "fraction of units kept")
    figure.label(
      "ylabel",
      first.isError
        ? "error of single networks" : isRelative ? "loss / variance of the output" : "loss of the output")
    let titles = reports.map { report in
      report.name
        + (report.slopes.map { slopes in
          GnuplotText(
            markup: String(format: ": %.2f", slopes.sampled)
              + (slopes.theory.map { String(format: " (%.2f)", $0) } ?? ""))
        } ?? "")
    }
    figure.titleAboveKey(
      first.slopes == nil ? "points sampled, lines theory" : "slopes, sampled (theory)", entries: titles)
    figure.add("set logscale x", "set format x '\(first.axis == .threshold ? "10^{%L}" : "%g")'")
    // Losses span decades, errors hardly.
    let heights = reports.flatMap { $0.points.map(\.sampled) }.filter { $0 > 0 }
    let isLogarithmic = !first.isError || AxisScale(heights).isLogarithmic
    figure.add(isLogarithmic ? "set logscale y" : "set yrange [0:*]")
    figure.add("set format y '\(first.isError ? "%g" : "10^{%L}")'")
    let places = reports.flatMap { $0.points.map(\.x) }.filter { $0 > 0 }
    if let low = places.min(), let high = places.max(), low < high {
      let factor = pow(high / low, 0.05)
      figure.add("set xrange [\(low / factor):\(high * factor)]")
    }
    var parts: [String] = []
    for (k, report) in reports.enumerated() {
      let rows = report.points.filter { $0.x > 0 && $0.sampled > 0 }.sorted { $0.x < $1.x }
      let lines = rows.compactMap { row in row.theory.flatMap { $0 > 0 ? [row.x, $0] : nil } }
      if !lines.isEmpty {
        parts.append(
          "\(figure.data(lines)) using 1:2 with lines linecolor rgb '\(Style.color(k))' linewidth 1.2 notitle")
      }
      // A bar may reach below zero.
      let data = figure.data(
        rows.map { row in
          let error = row.standardError.isFinite ? row.standardError : 0
          return [row.x, row.sampled, max(row.sampled - error, row.sampled / 100), row.sampled + error]
        })
      parts += Style.barsAndPoints(data, k, .lowerAndUpperEnd, size: 0.6, title: titles[k])
    }
    figure.plot(parts)
    return figure
  }
}
