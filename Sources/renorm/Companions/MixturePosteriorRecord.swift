import Foundation
import RenormCompanions
import RenormFiles
import RenormSampling

/// The report of `renorm mogp posterior`.
struct MixturePosteriorRecord: CompanionRecord {
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
  /// The part of the atoms' mean weight that enters by its mean.
  let residualShare: Double
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
    residualShare = posterior.residualShare
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
    if residualShare > 0.02 {
      warnings.append(
        "\(String(format: "%.2g", 100 * residualShare)) percent of the mean weight is in atoms that are not sampled "
          + "and enter by their mean; take more --atoms than \(atoms), and compare")
    }
    if let check, !check.isCheck {
      warnings.append(
        "importance sampling has an effective sample size of \(fourDigits(check.effectiveSampleSize)): below "
          + "200 it checks nothing; give more --check-draws")
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
        "chains            \(converged ? "converged" : "NOT CONVERGED"), R-hat "
          + "\(rHat.map(fourDigits) ?? "unknown"), effective draws "
          + "\(effectiveSampleSize.map(fourDigits) ?? "unknown") of \(chains * keep)")
    }
    if let check {
      lines += mean.indices.prefix(20).map { k in
        "importance \(k)".padded(18) + withError(check.mean[k], check.standardErrors[k]).padded(26)
          + fourDigits(check.variance[k])
      }
      lines.append(
        "effective draws   "
          + "\(fourDigits(check.effectiveSampleSize))\(check.isCheck ? "" : ": too few to check anything")"
      )
    }
    return lines.joined(separator: "\n")
  }
}
