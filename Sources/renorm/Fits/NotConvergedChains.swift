import Foundation
import RenormFiles

/// Chains that did not converge, which ends `sample`, `compare` and `mogp posterior` after they have written their
/// results.
struct NotConvergedChains: Error, CustomStringConvertible {
  let description: String

  init(sampled: SampledRecord) {
    let found = SampleSummary.convergence(sampled).split(separator: ",").dropFirst()
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: ", ")
    description =
      "the chains did not converge" + (found.isEmpty ? "" : ": \(found)")
      + "; the results are written; try more --samples, a longer --warmup, or another --sampler"
  }

  /// The chains of `mogp posterior`.
  init(rHat: Double?, effectiveSampleSize: Double?) {
    description =
      "the chains did not converge: R-hat \(rHat.map(fourDigits) ?? "unknown"), effective draws "
      + "\(effectiveSampleSize.map(fourDigits) ?? "unknown"); the results are written; try more --keep, or a longer "
      + "--burn"
  }
}
