package import Renorm
package import RenormFiles

extension Comparison {
  /// The report of the comparison.
  ///
  /// - Parameters:
  ///   - test: the theory at the held-out examples, in the units of the targets.
  ///   - verdict: the judgement in words.
  /// - Throws: `RenormError` where the patches of the network do not fit the images.
  package func record(
    _ posterior: Posterior, test: TestRecord?, _ data: LoadedData, _ sampled: SampledNetwork,
    _ sampler: SamplerRecord,
    verdict text: String, timing: TimingRecord, warnings: [String]
  ) throws(RenormError) -> CompareRecord {
    try CompareRecord(
      posterior, test: test, data, sampled.record, entries.map { CompareRecord.Row($0) },
      means.map { CompareRecord.Predictions($0) }, judgement(text), sampler, timing: timing, warnings: warnings)
  }

  private func judgement(_ text: String) -> CompareRecord.Judgement {
    let agrees: Bool?
    var deviation: (quantity: String, relative: Double)?
    switch verdict {
    case .notConverged, .biased, .nothingToJudge: agrees = nil
    case .agrees: agrees = true
    case .deviates(let name, let relative):
      agrees = false
      deviation = (name, relative)
    }
    return CompareRecord.Judgement(
      agrees: agrees, quantity: deviation?.quantity, relativeDeviation: deviation?.relative,
      comparisons: comparisons, threshold: threshold, degreesOfFreedom: degreesOfFreedom, text: text)
  }
}

extension CompareRecord.Row {
  fileprivate init(_ entry: Comparison.Entry) {
    self.init(
      name: entry.name, theory: entry.theory, sampled: entry.sampled, standardError: entry.standardError,
      z: entry.z, relativeDeviation: entry.relativeDeviation)
  }
}

extension CompareRecord.Predictions {
  fileprivate init(_ means: Comparison.Means) {
    self.init(
      count: means.count, rmsDifference: means.rmsDifference, rmsStandardError: means.rmsStandardError,
      relativeDeviation: means.relativeDeviation, zMean: means.zMean, zRMS: means.zRMS,
      zMax: means.zScores.isEmpty ? nil : means.zMax, partBeyond2: means.partBeyond2)
  }
}
