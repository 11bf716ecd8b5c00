internal import Foundation

/// Measured slopes in the width against the exponents of the theory: an upper bound, drawn as a line.
public struct SlopesPlot: Sendable {
  private let slopes: [WidthReport.Slope]

  /// - Parameter paths: reports of `renorm width measure` and `renorm width table`.
  /// - Throws: `DataError` for a file that is none, `PlotError.nothingToDraw` without a slope.
  public init(paths: [String]) throws {
    slopes = try paths.flatMap { try WidthReport(path: $0).slopes }
    guard !slopes.isEmpty else {
      throw PlotError.nothingToDraw(path: paths.joined(separator: ", "), reason: "no slope was resolved")
    }
  }

  /// The picture; networks beside each other, so that points of one exponent do not hide each other.
  public var figure: Figure {
    var figure = Figure(height: 6.4)
    let names = slopes.map(\.network).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let exponents = slopes.map(\.predicted)
    let (low, high) = ((exponents.min() ?? 0) - 0.5, (exponents.max() ?? 0) + 0.5)
    figure.label("xlabel", "exponent {/:Italic s} in theory")
    figure.label("ylabel", "measured slope")
    let entries = names.map { GnuplotText.plain($0) } + ["slope = {/:Italic s}"]
    figure.titleAboveKey("{/:Italic C} = O({/:Italic n}^{/:Italic s})", entries: entries)
    figure.add("set xrange [\(low):\(high)]", "set xtics 1")
    let bounds = Set(exponents).sorted().flatMap { [[$0 - 0.35, $0], [$0 + 0.35, $0], [.nan, .nan]] }
    var parts = [
      "\(figure.data(bounds)) using 1:2 with lines linecolor rgb '\(Style.grey)' linewidth 1.2 "
        + "title 'slope = {/:Italic s}'"
    ]
    for (k, name) in names.enumerated() {
      let offset = 0.1 * (Double(k) - Double(names.count - 1) / 2)
      let own = slopes.filter { $0.network == name }
      let data = figure.data(
        own.map { [$0.predicted + offset, $0.slope, $0.standardError.isFinite ? $0.standardError : 0] })
      parts += Style.barsAndPoints(data, k, size: 0.7, title: .plain(name))
    }
    figure.plot(parts)
    return figure
  }
}

/// Estimates of correlation functions against the width, with lines of the exponents in theory.
public struct WidthsPlot: Sendable {
  private let measurements: [WidthReport.Measurement]

  /// - Parameter paths: reports of `renorm width measure`.
  /// - Throws: `DataError` for a file that is none, `PlotError` for a table, without an estimate that is not zero, or
  ///   for too many.
  public init(paths: [String]) throws {
    measurements = try paths.map { path in
      guard let measurement = try WidthReport(path: path).measurement else {
        throw PlotError.unreadable(
          path: path,
          reason: "a table of exponents has no estimates; accepted is a report of `renorm width measure`")
      }
      guard measurement.points.contains(where: { $0.estimate != 0 && $0.estimate.isFinite }) else {
        throw PlotError.nothingToDraw(path: path, reason: "all estimates are zero")
      }
      return measurement
    }
    guard measurements.count <= Style.largestCurveCount else {
      throw PlotError.unsuitable("\(measurements.count) reports; accepted: at most \(Style.largestCurveCount)")
    }
  }

  /// The picture, with logarithms on both axes.
  public var figure: Figure {
    var figure = Figure(height: 6.8)
    figure.label("xlabel", "width {/:Italic n}")
    figure.label("ylabel", "|estimate|")
    let titles = measurements.map { own in
      GnuplotText.plain(own.name)
        + GnuplotText(
          markup: own.slope.map { String(format: ": slope %.2f (%.0f)", $0, own.predicted) } ?? ": not resolved"
        )
    }
    figure.titleAboveKey("points sampled, lines theory", entries: titles)
    figure.add("set logscale xy", "set format y '10^{%L}'")
    let widths = Set(measurements.flatMap { $0.points.map(\.width) }).sorted()
    let scale = AxisScale(widths)
    figure.add(scale.commands("x", widths))
    if scale.isLogarithmic || widths.count > 1 {
      let factor = pow((widths.last ?? 1) / (widths.first ?? 1), 0.08)
      figure.add("set xrange [\((widths.first ?? 1) / factor):\((widths.last ?? 1) * factor)]")
    }
    var parts: [String] = []
    for (k, own) in measurements.enumerated() {
      let points = own.points.filter { $0.estimate != 0 && $0.estimate.isFinite }
      // The line of the theory has its exponent, and goes through the mean of the points.
      let height = points.reduce(0) { $0 + log(abs($1.estimate)) - own.predicted * log($1.width) }
      let factor = exp(height / Double(points.count))
      let line = figure.data(points.map { [$0.width, factor * pow($0.width, own.predicted)] })
      parts.append(
        "\(line) using 1:2 with lines linecolor rgb '\(Style.color(k))' linewidth 1.2 notitle")
      let data = figure.data(
        points.map { point in
          let (size, error) = (abs(point.estimate), point.standardError.isFinite ? point.standardError : 0)
          return [point.width, size, max(size - error, size / 100), size + error]
        })
      parts += Style.barsAndPoints(data, k, .lowerAndUpperEnd, size: 0.6, title: titles[k])
    }
    figure.plot(parts)
    return figure
  }
}
