import Foundation
import RenormCompanions
import RenormFiles
import RenormSampling

/// The report of `renorm resnet predict`.
struct ResNetRecord: TabulatedRecord {
  struct Moments: Encodable {
    let mean: Double
    let variance: Double
  }

  let n: Int
  let d: Int
  let gating: ResNetShape.Gating
  let mu: Double
  let variance: Double
  let beta: Double
  let hypoactivation: Double
  let interlayer: Double
  /// log S.
  let logScale: Double
  /// log(|z_d|^2/|z_0|^2).
  let logRatio: Moments
  /// log |zout|^2.
  let logNorm: Moments
  /// E |z_d|^2/(S E |z_0|^2) of the law.
  @Nullable var meanSquareFactor: Double?
  let warnings: [String]

  init(_ law: ResNetLaw, _ output: ResNetOutput) {
    n = law.shape.width
    d = law.shape.depth
    gating = law.shape.gating
    mu = law.mean
    variance = law.variance
    beta = law.beta
    hypoactivation = law.hypoactivation
    interlayer = law.interlayer
    logScale = law.logScale
    logRatio = Moments(mean: law.logScale + law.mean, variance: law.variance)
    logNorm = Moments(mean: output.mean, variance: output.variance)
    _meanSquareFactor = jsonNumber(exp(law.mean + law.variance / 2))
    warnings = law.warnings
  }

  var row: [(heading: String, value: String)] {
    [
      ("n", "\(n)"), ("d", "\(d)"), ("log S", fourDigits(logScale)), ("mu", fourDigits(mu)),
      ("variance", fourDigits(variance)), ("beta", fourDigits(beta)),
      ("hypoactivation", fourDigits(hypoactivation)), ("interlayer", fourDigits(interlayer)),
      ("log |zout|^2", fourDigits(logNorm.mean)), ("variance", fourDigits(logNorm.variance)),
    ]
  }

  var summary: String {
    """
    network           \(gating.rawValue) ReLU ResNet, width \(n), depth \(d), d/n = \
    \(fourDigits(Double(d) / Double(n)))
    log |z_d|^2/|z_0|^2  mean \(fourDigits(logRatio.mean)), variance \(fourDigits(logRatio.variance))
                      mean = log S \(fourDigits(logScale)) - beta/2 \(fourDigits(beta / 2)) + hypoactivation \
    \(fourDigits(hypoactivation))
                      variance = beta \(fourDigits(beta)) + between layers \(fourDigits(interlayer))
    log |zout|^2      mean \(fourDigits(logNorm.mean)), variance \(fourDigits(logNorm.variance))
    """
  }
}

/// The report of `renorm resnet simulate`.
struct ResNetSimulationRecord: CompanionRecord {
  struct Sampled: Encodable {
    let mean: Double
    let meanError: Double
    let variance: Double
    let varianceError: Double
    @Nullable var activeFraction: Double?
    @Nullable var activeFractionError: Double?
    let draws: Int
    /// Draws left out because a layer passed nothing.
    let dead: Int
    let logNorm: LogNorm
  }

  struct LogNorm: Encodable {
    let mean: Double
    let meanError: Double
    let variance: Double
    let varianceError: Double

    init(_ moments: SampleMoments) {
      mean = moments.mean.mean
      meanError = moments.mean.standardError
      variance = moments.variance.mean
      varianceError = moments.variance.standardError
    }
  }

  struct Distances: Encodable {
    let logGaussian: Double
    let infiniteWidth: Double
  }

  let theory: ResNetRecord
  let sampled: Sampled
  let ks: Distances
  let ksPValue: Distances
  let seed: UInt32
  let histogram: ResNetHistogram

  init(theory: ResNetRecord, sample: ResNetSample, seed: UInt32, histogram: ResNetHistogram) {
    self.theory = theory
    self.seed = seed
    self.histogram = histogram
    let ratio = sample.logRatio
    sampled = Sampled(
      mean: ratio.mean.mean, meanError: ratio.mean.standardError, variance: ratio.variance.mean,
      varianceError: ratio.variance.standardError, activeFraction: jsonNumber(sample.activeFraction.mean),
      activeFractionError: jsonNumber(sample.activeFraction.standardError), draws: ratio.count,
      dead: sample.deadCount, logNorm: LogNorm(sample.logNorm))
    ks = Distances(
      logGaussian: sample.logGaussianTest.statistic, infiniteWidth: sample.infiniteWidthTest.statistic)
    ksPValue = Distances(
      logGaussian: sample.logGaussianTest.pValue, infiniteWidth: sample.infiniteWidthTest.pValue)
  }

  private enum CodingKeys: String, CodingKey { case sampled, ks, ksPValue, seed, histogram }

  /// The theory's keys are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try theory.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sampled, forKey: .sampled)
    try container.encode(ks, forKey: .ks)
    try container.encode(ksPValue, forKey: .ksPValue)
    try container.encode(seed, forKey: .seed)
    try container.encode(histogram, forKey: .histogram)
  }

  var warnings: [String] {
    let (draws, dead) = (sampled.draws + sampled.dead, sampled.dead)
    return theory.warnings
      + (dead > 0 ? ["in \(dead) of \(draws) networks a layer passed nothing (log 0); they are left out"] : [])
  }

  var summary: String {
    func row(_ name: String, _ theory: Double, _ value: Double, _ error: Double) -> String {
      name.padded(26) + fourDigits(theory).right(10) + "   " + withError(value, error)
    }
    let norm = sampled.logNorm
    var lines = [
      "network                   \(theory.gating.rawValue), n = \(theory.n), d = \(theory.d), \(sampled.draws) "
        + "draws",
      "                              theory   sampled",
      row("log |z_d|^2/|z_0|^2 mean", theory.logRatio.mean, sampled.mean, sampled.meanError),
      row("          variance", theory.logRatio.variance, sampled.variance, sampled.varianceError),
      row("log |zout|^2 mean", theory.logNorm.mean, norm.mean, norm.meanError),
      row("          variance", theory.logNorm.variance, norm.variance, norm.varianceError),
    ]
    if let fraction = sampled.activeFraction, let error = sampled.activeFractionError {
      lines.append("active units              " + "".right(10) + "   " + withError(fraction, error))
    }
    lines.append(
      "distance (KS)             log-Gaussian law \(fourDigits(ks.logGaussian)) (p = "
        + "\(twoDigits(ksPValue.logGaussian))), infinite width \(fourDigits(ks.infiniteWidth))")
    return (lines + [""] + histogram.lines).joined(separator: "\n")
  }
}

/// A histogram of log |zout|^2 beside the densities of both laws.
struct ResNetHistogram: Encodable {
  /// Middles of the bins.
  let logNorm: [Double]
  /// Densities.
  let sampled: [Double]
  let logGaussian: [Double]
  let infiniteWidth: [Double]
  /// The densities at more places, for curves.
  let curves: Curves

  struct Curves: Encodable {
    let logNorm: [Double]
    let logGaussian: [Double]
    let infiniteWidth: [Double]
  }

  init(_ sample: ResNetSample, _ law: ResNetOutput, _ infinite: ResNetOutput, bins: Int = 24) {
    let values = sample.logNorms
    let quantiles = SampleQuantiles(values)
    let (low, high) = (quantiles(0.002), quantiles(0.998))
    let step = max(high - low, 1e-9) / Double(bins)
    var counts = [Double](repeating: 0, count: bins)
    for value in values where value >= low && value < low + step * Double(bins) {
      counts[min(bins - 1, Int((value - low) / step))] += 1
    }
    logNorm = (0..<bins).map { low + (Double($0) + 0.5) * step }
    sampled = counts.map { $0 / (Double(values.count) * step) }
    logGaussian = logNorm.map(law.density)
    infiniteWidth = logNorm.map(infinite.density)
    let places = (0...240).map { low + Double($0) / 240 * (high - low) }
    curves = Curves(
      logNorm: places, logGaussian: places.map(law.density), infiniteWidth: places.map(infinite.density))
  }

  /// A picture in letters: # sampled, o the log-Gaussian law, + infinite width.
  var lines: [String] {
    let width = 50.0
    let largest = (sampled + logGaussian + infiniteWidth).max() ?? 1
    let scale = width / max(largest, .leastNormalMagnitude)
    return ["log |zout|^2    # sampled, o log-Gaussian law, + infinite width"]
      + logNorm.indices.map { k in
        var row = [Character](repeating: " ", count: Int(width) + 1)
        for column in 0..<Int(min(sampled[k] * scale, width)) { row[column] = "#" }
        row[min(Int(width), Int(infiniteWidth[k] * scale))] = "+"
        row[min(Int(width), Int(logGaussian[k] * scale))] = "o"
        return String(format: "%8.2f  ", logNorm[k]) + String(row)
      }
  }
}

/// The report of `renorm resnet layers`.
struct ResNetLayersRecord: CompanionRecord {
  struct Layer: Encodable {
    let layer: Int
    let q: Double
    let hypoactivation: Double
    let activeFraction: Double
    var sampledHypoactivation: Double?
    var hypoactivationError: Double?
    var sampledActiveFraction: Double?
    var activeFractionError: Double?
  }

  let n: Int
  let d: Int
  let layers: [Layer]
  /// r_lm of layers 0..d; null for more than 200 layers.
  @Nullable var correlations: [[Double]]?
  let warnings: [String]

  // The report has no key for warnings.
  private enum CodingKeys: String, CodingKey { case n, d, layers, correlations }

  static let largestMatrix = 200

  init(_ law: ResNetLaw, _ draws: [ResNetSimulator.Draw]) {
    n = law.shape.width
    d = law.shape.depth
    warnings = law.warnings
    // Draws that a layer ended have fewer layers than others.
    let complete = draws.filter { $0.logRatio.isFinite }
    layers = (0..<law.shape.depth).map { m in
      var layer = Layer(
        layer: m, q: law.mixing[m], hypoactivation: law.hypoactivations[m],
        activeFraction: law.activeFractions[m])
      guard complete.count >= 2 else { return layer }
      let h = SampleMoments(complete.map { $0.activations[m] - 1 }).mean
      let fraction = SampleMoments(complete.map { $0.fractions[m] }).mean
      layer.sampledHypoactivation = h.mean
      layer.hypoactivationError = h.standardError
      layer.sampledActiveFraction = fraction.mean
      layer.activeFractionError = fraction.standardError
      return layer
    }
    let depth = law.shape.depth
    _correlations = Nullable(
      depth <= Self.largestMatrix ? (0...depth).map { l in (0...depth).map { law.correlation(l, $0) } } : nil)
  }

  var summary: String {
    let head =
      "layer          q   E h - 1   active"
      + (layers.first?.sampledHypoactivation == nil
        ? "" : "      sampled E h - 1       sampled active")
    let rows = layers.map { layer in
      var row =
        "\(layer.layer)".right(5) + fourDigits(layer.q).right(11) + fourDigits(layer.hypoactivation).right(10)
        + String(format: "%.4f", layer.activeFraction).right(9)
      if let h = layer.sampledHypoactivation, let hError = layer.hypoactivationError,
        let fraction = layer.sampledActiveFraction, let error = layer.activeFractionError
      {
        row += withError(h, hError).right(21) + withError(fraction, error).right(21)
      }
      return row
    }
    return ([head] + rows).joined(separator: "\n")
  }
}
