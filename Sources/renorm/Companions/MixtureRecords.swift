import Foundation
import RenormCompanions
import RenormSampling

/// The report of `renorm mogp laws`.
struct MixtureLawsRecord: Encodable {
  struct Parameter: Encodable {
    let name: String
    let standard: Double
    let accepted: String
  }

  struct Law: Encodable {
    let name: String
    let law: String
    let a: String
    let rho: String
    let psi: String
    let parameters: [Parameter]
  }

  let laws = NodeLaws.all.map { family in
    Law(
      name: family.name, law: family.law, a: family.location, rho: family.density, psi: family.exponent,
      parameters: family.parameters.map {
        Parameter(name: $0.name, standard: $0.standard, accepted: $0.accepted)
      })
  }

  private enum CodingKeys: String, CodingKey { case laws }

  var summary: String {
    laws.map { law in
      let parameters = law.parameters.map { "--\($0.name) (\(fourDigits($0.standard)))" }.joined(separator: " ")
      return "\(law.name.padded(24))\(parameters)\n    lambda = \(law.law)\n"
        + "    a = \(law.a), rho(dw)/dw = \(law.rho), psi(t) = \(law.psi)"
    }.joined(separator: "\n")
  }
}

/// The report of `renorm mogp triplet`. Its keys are an interface: other programs read them.
struct MixtureTripletRecord: Encodable {
  struct Exponent: Encodable {
    let t: Double
    let exponent: Double
  }

  struct FiniteExponent: Encodable {
    let t: Double
    @Nullable var exponent: Double?
    @Nullable var standardError: Double?
  }

  struct Tail: Encodable {
    let x: Double
    let rho: Double
  }

  let law: String
  let a: Double
  let laplace: [Exponent]
  let finite: [FiniteExponent]
  let tail: [Tail]
  /// E S and E S_p; null where infinite or not known.
  @Nullable var mean: Double?
  @Nullable var finiteMean: Double?
  let p: Int
  let draws: Int
  let seed: UInt32

  init(
    _ law: any NodeLaw, times: [Double], tails: [Double], finite: [Estimate], width: Int, draws: Int,
    seed: UInt32
  ) {
    self.law = law.name
    a = law.locationA
    laplace = times.map { Exponent(t: $0, exponent: law.laplaceExponent($0)) }
    self.finite = zip(times, finite).map {
      FiniteExponent(t: $0, exponent: jsonNumber($1.mean), standardError: jsonNumber($1.standardError))
    }
    tail = tails.map { Tail(x: $0, rho: law.levyTail($0)) }
    _mean = jsonNumber(law.mean)
    _finiteMean = Nullable(law.finiteMean(width: width))
    p = width
    self.draws = draws
    self.seed = seed
  }

  var warnings: [String] {
    guard let mean, let finiteMean, finiteMean < 0.98 * mean else { return [] }
    return [
      "width \(p) is not near the limit: E S_p is \(fourDigits(finiteMean)), in the limit \(fourDigits(mean))"
    ]
  }

  var summary: String {
    let rows = zip(laplace, finite).map { limit, finite in
      "t = \(fourDigits(limit.t))".padded(18) + fourDigits(limit.exponent).right(10) + "   "
        + withError(finite.exponent ?? .nan, finite.standardError ?? .nan)
    }
    let tails = tail.map { "rho((\(fourDigits($0.x)), inf))".padded(18) + fourDigits($0.rho).right(10) }
    return
      ([
        "law               \(law), a = \(fourDigits(a)), E S = \(mean.map(fourDigits) ?? "infinite")",
        "-log E e^(-t S)        limit   p = \(p), \(draws) draws",
      ] + rows + tails).joined(separator: "\n")
  }
}

/// The report of `renorm mogp sample`.
struct MixtureSampleRecord: Encodable {
  struct Quantile: Encodable {
    let p: Double
    let value: Double
    let standardError: Double
  }

  struct Point: Encodable {
    /// The row of the input, from 0.
    let index: Int
    let quantiles: [Quantile]
    /// The probability that the output is exactly 0.
    let zeroProbability: Double
  }

  let law: String
  @Nullable var finite: Int?
  let layers: Int
  let draws: Int
  /// Those of the first input.
  let quantiles: [Quantile]
  let points: [Point]
  @Nullable var correlationOfSquares: Double?
  @Nullable var correlationOfSquaresError: Double?
  /// In the limit, of one hidden layer.
  @Nullable var correlationOfSquaresTheory: Double?
  let infiniteVariance: Bool
  let seed: UInt32

  init(
    _ network: MixtureNetwork, _ nodes: MixtureNetwork.Nodes,
    _ outputs: [(output: [Double], diagonal: [Double])],
    probabilities: [Double], seed: UInt32
  ) {
    law = network.law.name
    if case .finite(let width) = nodes { _finite = Nullable(width) } else { _finite = Nullable(nil) }
    layers = network.layers
    draws = outputs.count
    points = (0..<network.count).map { k in
      let values = outputs.map { $0.output[k] }
      let quantiles = SampleQuantiles(values)
      return Point(
        index: k,
        quantiles: probabilities.map {
          Quantile(p: $0, value: quantiles($0), standardError: quantiles.standardError($0))
        }, zeroProbability: Double(values.count { $0 == 0 }) / Double(values.count))
    }
    quantiles = points[0].quantiles
    infiniteVariance = network.law.levySquare.isInfinite
    let estimate =
      infiniteVariance
      ? Estimate(mean: .nan, standardError: .nan)
      : MixtureMoments.correlationOfSquares(outputs.map { $0.diagonal[0] })
    _correlationOfSquares = jsonNumber(estimate.mean)
    _correlationOfSquaresError = jsonNumber(estimate.standardError)
    _correlationOfSquaresTheory = Nullable(
      network.layers == 1
        ? MixtureMoments(
          network.law, weightScale: network.weightScale, biasScale: network.biasScale,
          inputVariance: network.firstKernel[0, 0]
        ).correlationOfSquares : nil)
    self.seed = seed
  }

  var summary: String {
    let shown = points.prefix(5).flatMap { point in
      [
        "input \(point.index)"
          + (point.zeroProbability > 0 ? ", output 0 in \(fourDigits(point.zeroProbability))" : "")
      ]
        + point.quantiles.map {
          "  quantile \(fourDigits($0.p))".padded(18) + withError($0.value, $0.standardError)
        }
    }
    let more = points.count > 5 ? ["... and \(points.count - 5) more inputs in the report"] : []
    let correlation: String =
      if infiniteVariance { "undefined: infinite variance" } else {
        withError(correlationOfSquares ?? .nan, correlationOfSquaresError ?? .nan)
          + (correlationOfSquaresTheory.map { ", in the limit \(fourDigits($0))" } ?? "")
      }
    return
      ([
        "prior             \(law), \(finite.map { "width \($0)" } ?? "infinite width"), \(layers) hidden layer"
          + "\(layers == 1 ? "" : "s"), \(draws) draws"
      ] + shown + more + ["correlation of squared outputs  \(correlation)"]).joined(separator: "\n")
  }
}

/// The report of `renorm mogp tails`.
struct MixtureTailsRecord: Encodable {
  struct Tail: Encodable {
    let t: Double
    let probability: Double
    let standardError: Double
    /// The power law; null for light tails and several layers.
    @Nullable var theory: Double?
    @Nullable var ratio: Double?
    @Nullable var ratioError: Double?
  }

  let law: String
  @Nullable var index: Double?
  let tails: [Tail]
  let draws: Int
  let seed: UInt32

  init(_ law: String, _ tails: MixtureTails, draws: Int, seed: UInt32) {
    self.law = law
    _index = Nullable(tails.index)
    self.draws = draws
    self.seed = seed
    self.tails = tails.rows.map { row in
      let ratio = row.asymptotic.map { row.probability.mean / $0 }
      return Tail(
        t: row.threshold, probability: row.probability.mean, standardError: row.probability.standardError,
        theory: Nullable(row.asymptotic), ratio: jsonNumber(ratio ?? .nan),
        ratioError: jsonNumber(row.asymptotic.map { row.probability.standardError / $0 } ?? .nan))
    }
  }

  var summary: String {
    let rows = tails.map { row in
      "P(|Z| > \(fourDigits(row.t)))".padded(18) + withError(row.probability, row.standardError).padded(26)
        + (row.theory.map(fourDigits) ?? "-").padded(12)
        + (row.ratio.map { withError($0, row.ratioError ?? .nan) } ?? "-")
    }
    return
      ([
        "law               \(law), " + (index.map { "tail index \(fourDigits($0))" } ?? "light tails")
          + ", \(draws) draws",
        "".padded(18) + "sampled".padded(26) + "power law".padded(12) + "ratio",
      ] + rows).joined(separator: "\n")
  }
}

/// The report of `renorm mogp prune`.
struct MixturePruneRecord: Encodable {
  struct Loss: Encodable {
    var eps: Double?
    var kappa: Double?
    @Nullable var theory: Double?
    @Nullable var theoryError: Double?
    let sampled: Double
    @Nullable var standardError: Double?
    /// Both over the variance of the output; null where that is infinite or not known.
    @Nullable var relativeTheory: Double?
    @Nullable var relativeSampled: Double?
    /// The median share of the sum of variances that is dropped.
    let share: Double
    /// The mean fraction of nodes that is kept.
    let kept: Double
  }

  let law: String
  let p: Int
  let draws: Int
  let errors: [Loss]
  @Nullable var slope: Double?
  @Nullable var predictedSlope: Double?
  @Nullable var asymptoticSlope: Double?
  @Nullable var outputVariance: Double?
  let seed: UInt32

  init(_ law: String, _ pruning: MixturePruning, width: Int, draws: Int, seed: UInt32) {
    self.law = law
    p = width
    self.draws = draws
    self.seed = seed
    let variance = pruning.outputVariance
    errors = pruning.rows.map { row in
      var loss = Loss(
        theory: jsonNumber(row.theory?.mean ?? .nan),
        theoryError: jsonNumber(row.theory?.standardError ?? .nan),
        sampled: row.sampled.mean, standardError: jsonNumber(row.sampled.standardError),
        relativeTheory: jsonNumber((row.theory?.mean ?? .nan) / variance),
        relativeSampled: jsonNumber(variance.isInfinite ? .nan : row.sampled.mean / variance), share: row.share,
        kept: row.kept)
      if variance.isInfinite { loss.relativeTheory = nil }
      switch row.rule {
      case .threshold(let eps): loss.eps = eps
      case .fraction(let kappa): loss.kappa = kappa
      }
      return loss
    }
    _slope = Nullable(pruning.slope)
    _predictedSlope = Nullable(pruning.predictedSlope)
    _asymptoticSlope = Nullable(pruning.asymptoticSlope)
    _outputVariance = jsonNumber(variance)
  }

  var summary: String {
    let rows = errors.map { row in
      (row.eps.map { "eps = \(fourDigits($0))" } ?? "kappa = \(fourDigits(row.kappa ?? .nan))").padded(18)
        + (row.theory.map(fourDigits) ?? "-").padded(12)
        + withError(row.sampled, row.standardError ?? .nan).padded(26) + fourDigits(row.share).padded(12)
        + fourDigits(row.kept)
    }
    var lines = [
      "law               \(law), width \(p), \(draws) networks",
      "".padded(18) + "theory".padded(12) + "sampled".padded(26) + "share".padded(12) + "nodes kept",
    ]
    lines += rows
    if let slope {
      lines.append(
        "slope             \(fourDigits(slope)), theory \(predictedSlope.map(fourDigits) ?? "-")"
          + (asymptoticSlope.map { ", as eps -> 0 \(fourDigits($0))" } ?? ""))
    }
    if outputVariance == nil, errors.contains(where: { $0.kappa != nil }) {
      lines.append("the sum of variances has no mean: compare shares, which are medians, rather than losses")
    }
    return lines.joined(separator: "\n")
  }
}

/// The report of `renorm mogp posterior`.
struct MixturePosteriorRecord: Encodable {
  struct Check: Encodable {
    let mean: [Double]
    let standardErrors: [Double]
    let variance: [Double]
    let effectiveSampleSize: Double
    /// False where the effective sample size is below 200, which checks nothing.
    let isCheck: Bool
  }

  let law: String
  let mean: [Double]
  let variance: [Double]
  @Nullable var standardErrors: [Double]?
  @Nullable var varianceErrors: [Double]?
  @Nullable var rHat: Double?
  @Nullable var effectiveSampleSize: Double?
  let converged: Bool
  let atoms: Int
  /// The constant part of the sum of variances: a and the atoms that are left out.
  let constant: Double
  let chains: Int
  let burn: Int
  let keep: Int
  let seed: UInt32
  @Nullable var check: Check?

  init(
    _ posterior: MixturePosterior, _ prediction: MixturePrediction, check: ImportanceCheck?, chains: Int,
    burn: Int,
    keep: Int, seed: UInt32
  ) {
    law = posterior.law.name
    mean = prediction.mean.map { $0[0].mean }
    variance = prediction.variance.map { $0[0].mean }
    let errors = prediction.mean.map { $0[0].standardError }
    _standardErrors = Nullable(errors.allSatisfy(\.isFinite) ? errors : nil)
    let varianceErrors = prediction.variance.map { $0[0].standardError }
    _varianceErrors = Nullable(varianceErrors.allSatisfy(\.isFinite) ? varianceErrors : nil)
    _rHat = jsonNumber(prediction.rHat ?? .nan)
    _effectiveSampleSize = jsonNumber(prediction.effectiveSampleSize ?? .nan)
    converged =
      posterior.atoms == 0
      || ((prediction.rHat ?? .infinity) <= Diagnostics.largestRHat
        && (prediction.effectiveSampleSize ?? 0) >= Diagnostics.smallestESS)
    atoms = posterior.atoms
    constant = posterior.constant
    (self.chains, self.burn, self.keep, self.seed) = (chains, burn, keep, seed)
    _check = Nullable(
      check.map {
        Check(
          mean: $0.mean.map { $0[0].mean }, standardErrors: $0.mean.map { $0[0].standardError },
          variance: $0.variance.map { $0[0] }, effectiveSampleSize: $0.effectiveSampleSize,
          isCheck: $0.isReliable)
      })
  }

  var warnings: [String] {
    var warnings: [String] = []
    if !converged {
      warnings.append(
        "the chains have not converged (R-hat \(rHat.map(fourDigits) ?? "unknown"), effective draws "
          + "\(effectiveSampleSize.map(fourDigits) ?? "unknown")); keep more draws")
    }
    if let check, !check.isCheck {
      warnings.append(
        "importance sampling has an effective sample size of \(fourDigits(check.effectiveSampleSize)): below 200 it "
          + "checks nothing; give more --check-draws")
    }
    return warnings
  }

  var summary: String {
    let rows = mean.indices.prefix(20).map { k in
      "point \(k)".padded(18) + withError(mean[k], standardErrors?[k] ?? .nan).padded(26)
        + withError(variance[k], varianceErrors?[k] ?? .nan)
    }
    let more = mean.count > 20 ? ["... and \(mean.count - 20) more points in the report"] : []
    var lines =
      ["posterior         \(law), \(atoms) atoms", "".padded(18) + "mean".padded(26) + "variance"] + rows + more
    if atoms > 0 {
      lines.append(
        "chains            \(converged ? "converged" : "NOT CONVERGED"), R-hat \(rHat.map(fourDigits) ?? "unknown"), "
          + "effective draws \(effectiveSampleSize.map(fourDigits) ?? "unknown") of \(chains * keep)")
    }
    if let check {
      lines += mean.indices.prefix(20).map { k in
        "importance \(k)".padded(18) + withError(check.mean[k], check.standardErrors[k]).padded(26)
          + fourDigits(check.variance[k])
      }
      lines.append(
        "effective draws   \(fourDigits(check.effectiveSampleSize))\(check.isCheck ? "" : ": too few to check anything")"
      )
    }
    return lines.joined(separator: "\n")
  }
}
