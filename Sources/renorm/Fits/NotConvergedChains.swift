import Foundation
import RenormFiles

/// Chains that did not converge, which ends `sample` and `compare` after they have written their results.
struct NotConvergedChains: Error, CustomStringConvertible {
  let description: String

  init(sampled: SampledRecord) {
    let found = SampleSummary.convergence(sampled).split(separator: ",").dropFirst()
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: ", ")
    description =
      "the chains did not converge" + (found.isEmpty ? "" : ": \(found)")
      + "; the results are written; try more --samples, a longer --warmup, or another --sampler"
  }
}
