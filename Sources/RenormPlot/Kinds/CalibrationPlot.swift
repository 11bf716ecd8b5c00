internal import Foundation
internal import Renorm
internal import RenormFiles

/// Whether predictive variances are as large as they should be: the share of labels inside central intervals of
/// every nominal level, and for two classes how often the class +1 occurs where it has a given probability.
public struct CalibrationPlot: Sendable {
  /// A bin of points by their probability of the class +1.
  struct Bin: Equatable, Sendable {
    let probability: Double
    let observed: Double
    let low: Double
    let high: Double
    let count: Int
  }

  private let table: PredictionsFile
  private let noise: Double
  /// |y - mean| in standard deviations of the label, over points and outputs.
  private let distances: [Double]

  /// - Parameters:
  ///   - noise: T in the units of the targets; a label has the variance var(x) + T.
  public init(_ table: PredictionsFile, noise: Double) {
    self.table = table
    self.noise = noise
    distances = (0..<table.outputs).flatMap { output in
      (0..<table.count).map { point in
        let distance = abs(table.targets[output][point] - table.means[output][point])
        return distance == 0 ? 0 : distance / table.deviation(output, point, noise: noise)
      }
    }
  }

  private static let levels = (1...19).map { Double($0) / 20 }
  private static let binCount = 10

  /// The nominal levels and the share of labels inside the central interval of each:
  /// |y - mean| <= z sigma is erf(|y - mean| / (sqrt(2) sigma)) <= level.
  var coverage: [(level: Double, observed: Double)] {
    let nominal = distances.map { erf($0 / 2.0.squareRoot()) }
    return Self.levels.map { level in (level, Double(nominal.count { $0 <= level }) / Double(nominal.count)) }
  }

  /// Bins of P(+1) = Phi(mean / sqrt(var + T)) with Wilson's 95 percent interval of the observed share.
  var reliability: [Bin] {
    if table.isOfLatents, let own = table.probabilities {
      return Self.bins(zip(own[1], table.targets[0]).map { ($0, $1 > 0) })
    }
    return Self.bins((0..<table.count).map { (gaussianProbability($0), table.targets[0][$0] > 0) })
  }

  /// P(+1) of a label with Gaussian noise.
  private func gaussianProbability(_ point: Int) -> Double {
    let (mean, deviation) = (table.means[0][point], table.deviation(0, point, noise: noise))
    return mean == 0 ? 0.5 : erfc(-mean / deviation / 2.0.squareRoot()) / 2
  }

  /// Bins of the probability of the most probable of D classes (`Prediction.classProbabilities`), with the
  /// share of points of which it is the class.
  var confidence: [Bin] {
    let probabilities = gaussianProbabilities
    let tops = (0..<table.count).map { point in
      let row =
        table.isOfLatents
        ? table.probabilities.map { $0.map { $0[point] } } ?? probabilities.row(point)
        : probabilities.row(point)
      let top = classIndex(ofLargest: row)
      return (probability: row[top], occurs: top == table.trueOutput(point))
    }
    return Self.bins(tops)
  }

  /// Of D classes whose labels have Gaussian noise, points x D.
  private var gaussianProbabilities: Matrix {
    let matrix = { (value: (Int, Int) -> Double) in
      Matrix(rows: table.count, columns: table.outputs) { value($1, $0) }
    }
    return Prediction(
      mean: matrix { table.means[$0][$1] },
      variance: matrix { output, point in
        let deviation = table.deviation(output, point, noise: noise)
        return deviation * deviation
      }
    ).classProbabilities(temperature: 0)
  }

  /// Points by their probability of an event, and how often it occurs.
  private static func bins(_ points: [(probability: Double, occurs: Bool)]) -> [Bin] {
    let bins = Dictionary(grouping: points) { min(Int($0.probability * Double(binCount)), binCount - 1) }
    return bins.sorted { $0.key < $1.key }.map { _, members in
      let observed = Double(members.count { $0.occurs }) / Double(members.count)
      let interval = wilsonInterval(observed, count: members.count)
      return Bin(
        probability: members.reduce(0) { $0 + $1.probability } / Double(members.count), observed: observed,
        low: interval.low, high: interval.high, count: members.count)
    }
  }

  /// The picture.
  public var figure: Figure {
    var figure: Figure
    switch table.content {
    case .regression: figure = coverageAlone
    case .classes: figure = classes("labels of classes: nominal", confidence, "share that is right")
    case .twoClasses(let names):
      let name = names.map { "class \(ClassNames.cut($0[1].description))" } ?? "+1"
      figure = classes("labels ±1: nominal", reliability, .plain("share of \(name)"))
    }
    figure.warnings = table.warnings + (disagrees ? [Self.disagreement] : [])
    return figure
  }

  private static let axes = [
    "set size ratio 1", "set xrange [0:1]", "set yrange [0:1]", "set xtics 0.2", "set ytics 0.2",
    "set key top left",
    "set style fill solid 0.25 noborder",
  ]

  private var title: GnuplotText {
    .plain("\(table.count) points; variance of a label: var ") + .symbol("f")
      + (noise > 0 ? " + " + GnuplotText(markup: shortNumber(noise)) : "")
  }

  private var coverageAlone: Figure {
    var figure = Figure(height: 7.6)
    figure.label("title", title)
    figure.add(Self.axes)
    addCoverage(to: &figure)
    return figure
  }

  /// Whether the file has other probabilities of classes than Gaussian labels with these means and variances.
  private var disagrees: Bool {
    guard !table.isOfLatents, let own = table.probabilities else { return false }
    if own.count == table.outputs {
      let gaussian = gaussianProbabilities
      return (0..<table.count).contains { point in
        own.indices.contains { abs(gaussian[point, $0] - own[$0][point]) > 1e-3 }
      }
    }
    guard table.outputs == 1, own.count == 2 else { return false }
    return (0..<table.count).contains { abs(gaussianProbability($0) - own[1][$0]) > 1e-3 }
  }

  private static let disagreement =
    "the probabilities in the file are not those of Gaussian labels of this temperature, which are drawn; the report of "
    + "the fit tells its likelihood"

  /// Labels of classes are not Gaussian, so their coverage says little; how often each occurs says more.
  private func classes(_ remark: GnuplotText, _ bins: [Bin], _ share: GnuplotText) -> Figure {
    if table.isOfLatents {
      // No label is a latent.
      var figure = Figure(height: 7.6)
      figure.label("title", "\(table.count) points")
      figure.add(Self.axes)
      addReliability(bins, share, to: &figure)
      return figure
    }
    var figure = Figure(height: 5.5)
    figure.label("multiplot title", title, "offset 0,0.3")
    figure.add(Self.axes)
    figure.add("set tmargin at screen 0.76", "set bmargin at screen 0.185")
    figure.add("set lmargin at screen 0.115", "set rmargin at screen 0.47")
    figure.add(
      remarkLine(remark, 1, above: 1.5), remarkLine("coverage is not expected", 2, above: 0.6))
    addCoverage(to: &figure)
    figure.add("unset label", "set lmargin at screen 0.62", "set rmargin at screen 0.975")
    addReliability(bins, share, to: &figure)
    figure.add("unset multiplot")
    return figure
  }

  private func remarkLine(_ text: GnuplotText, _ number: Int, above lines: Double) -> String {
    "set label \(number) \(text.quoted) at graph 0.5,1 center offset 0,\(lines)"
  }

  private func addCoverage(to figure: inout Figure) {
    let coverage = coverage
    let band = figure.data(
      [[0, 0, 0]]
        + Self.levels.map { level in
          let interval = binomialInterval(level, count: table.count)
          return [level, interval.low, interval.high]
        } + [[1, 1, 1]])
    let points = figure.data(coverage.map { [$0.level, $0.observed] })
    let bandName: GnuplotText = table.content == .regression ? "calibrated" : "Gaussian"
    figure.label("xlabel", "nominal level")
    figure.label("ylabel", "share of labels inside")
    figure.plot([
      "\(band) using 1:2:3 with filledcurves linecolor rgb '\(Style.grey)' title \(bandName.quoted)",
      "x with lines linecolor rgb '\(Style.grey)' dashtype 2 notitle",
      "\(points) using 1:2 with linespoints linecolor rgb '\(Style.blue)' pointtype \(Style.marker(0)) "
        + "title 'observed'",
    ])
  }

  private func addReliability(_ shown: [Bin], _ share: GnuplotText, to figure: inout Figure) {
    let bins = figure.data(shown.map { [$0.probability, $0.observed, $0.low, $0.high] })
    figure.label("xlabel", "predicted probability")
    figure.label("ylabel", share)
    figure.plot(
      ["x with lines linecolor rgb '\(Style.grey)' dashtype 2 notitle"]
        + Style.barsAndPoints(bins, 1, .lowerAndUpperEnd, size: 0.5, title: nil))
  }
}
