internal import Renorm
internal import RenormFiles

/// The histogram of drawn ResNets beside the densities of the log-Gaussian law and of infinite width
/// (docs/companions.md).
public struct ResNetDensitiesPlot: Sendable {
  private struct Report: Decodable {
    struct Histogram: Decodable {
      let logNorm, sampled: [Double]
      let curves: Curves
    }

    struct Curves: Decodable {
      let logNorm, logGaussian, infiniteWidth: [Double]
    }

    let n: Int
    let d: Int
    let histogram: Histogram
  }

  private let report: Report

  /// Reads a report of `renorm resnet simulate`.
  ///
  /// - Throws: `DataError` for a file that is none, `PlotError.nothingToDraw` for one without bins.
  public init(path: String) throws {
    report = try RecordReader.read(
      Report.self, path: path, accepted: "a report (JSON) of `renorm resnet simulate`")
    let histogram = report.histogram
    let curves = histogram.curves
    guard !histogram.logNorm.isEmpty, histogram.sampled.count == histogram.logNorm.count,
      curves.logGaussian.count == curves.logNorm.count, curves.infiniteWidth.count == curves.logNorm.count
    else {
      throw PlotError.nothingToDraw(
        path: path, reason: "the histogram has no bins, or not one density for each")
    }
  }

  /// The picture.
  public var figure: Figure {
    var figure = Figure(height: 6.4)
    let histogram = report.histogram
    figure.label("xlabel", "log |{/:Italic z}_{out}|^2")
    figure.label("ylabel", "density")
    figure.titleAboveKey(
      "ReLU ResNet, {/:Italic n} = \(report.n), {/:Italic d} = \(report.d)",
      entries: ["drawn networks", "log-Gaussian law", "infinite width"])
    let boxes = figure.data(zip(histogram.logNorm, histogram.sampled).map { [$0, $1] })
    let curves = histogram.curves
    let lines = figure.data(
      curves.logNorm.indices.map { [curves.logNorm[$0], curves.logGaussian[$0], curves.infiniteWidth[$0]] })
    figure.add("set yrange [0:*]", "set style fill solid 0.35 noborder", "set boxwidth 1 relative")
    if let first = curves.logNorm.first, let last = curves.logNorm.last, first < last {
      figure.add("set xrange [\(first):\(last)]")
    }
    figure.plot([
      "\(boxes) using 1:2 with boxes linecolor rgb '\(Style.grey)' title 'drawn networks'",
      "\(lines) using 1:2 with lines linecolor rgb '\(Style.blue)' linewidth 1.5 title 'log-Gaussian law'",
      "\(lines) using 1:3 with lines linecolor rgb '\(Style.vermillion)' linewidth 1.5 "
        + "dashtype \(Style.dashes(0)) title 'infinite width'",
    ])
    return figure
  }
}
