import Foundation
import RenormCompanions
import RenormFiles
import RenormSampling

/// The report of `renorm mogp tails`.
struct MixtureTailsRecord: CompanionRecord {
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
        "law               \(law), "
          + (index.map { "tail index \(fourDigits($0))" } ?? "light tails in the limit")
          + ", \(draws) draws",
        "".padded(18) + "sampled".padded(26) + "power law".padded(12) + "ratio",
      ] + rows).joined(separator: "\n")
  }
}

/// The report of `renorm mogp prune`.
struct MixturePruneRecord: TabulatedRecord {
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
  /// Those of the law that were given.
  let parameters: [String: Double]
  let p: Int
  let draws: Int
  let errors: [Loss]
  @Nullable var slope: Double?
  @Nullable var predictedSlope: Double?
  @Nullable var asymptoticSlope: Double?
  @Nullable var outputVariance: Double?
  let seed: UInt32

  init(
    _ law: String, _ parameters: [String: Double], _ pruning: MixturePruning, width: Int, draws: Int,
    seed: UInt32
  ) {
    self.law = law
    self.parameters = parameters
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

  var row: [(heading: String, value: String)] {
    var row = lawCells(parameters, width: p)
    for loss in errors {
      let name = loss.eps.map { "eps \(fourDigits($0))" } ?? "kappa \(fourDigits(loss.kappa ?? .nan))"
      row.append((name, loss.theory.map(fourDigits) ?? "-"))
      row.append(("sampled", withError(loss.sampled, loss.standardError ?? .nan)))
    }
    guard errors.contains(where: { $0.eps != nil }) else { return row }
    row.append(("slope", slope.map(fourDigits) ?? "-"))
    row.append(("theory", predictedSlope.map(fourDigits) ?? "-"))
    return row
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
