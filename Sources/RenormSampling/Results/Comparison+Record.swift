package import Renorm
package import RenormFiles

extension Comparison {
  /// The report of the comparison.
  ///
  /// - Parameters:
  ///   - test: the theory at the held-out examples, in the units of the targets.
  ///   - corrected: the same comparison for the theory past leading order; nil where that was not asked for.
  ///   - infiniteWidth: the same comparison at infinite width; nil where that was not asked for.
  ///   - pruned: the theory of pruned networks, in the units of the targets; nil where that was not asked for.
  ///   - verdict: the judgement in words.
  /// - Throws: `RenormError` where the patches of the network do not fit the images.
  package func record(
    _ posterior: Posterior, nextOrder: NextOrderResults?, note: String? = nil, test: TestRecord?,
    corrected: (comparison: Comparison, test: TestRecord?, verdict: String)?,
    infiniteWidth: Comparison? = nil, pruned: PrunedTheory? = nil, _ data: LoadedData,
    _ sampled: SampledNetwork, _ sampler: SamplerRecord, verdict text: String, timing: TimingRecord,
    warnings: [String]
  ) throws(RenormError) -> CompareRecord {
    let others = corrected?.comparison.entries
    let infinite = infiniteWidth?.entries
    let rows = entries.enumerated().map {
      CompareRecord.Row($1, corrected: others?[$0], infiniteWidth: infinite?[$0].theory)
    }
    return try CompareRecord(
      posterior, nextOrder: nextOrder, note: note, test: test, correctedTest: corrected?.test, data,
      sampled.record, rows,
      means.map {
        CompareRecord.Predictions(
          $0, corrected: corrected?.comparison.means, infiniteWidth: infiniteWidth?.means)
      },
      probabilities.map {
        CompareRecord.Predictions($0, corrected: nil, infiniteWidth: infiniteWidth?.probabilities)
      },
      pruning: pruned?.rows.map { CompareRecord.Pruned(kept: $0.kept, share: $0.share, theory: $0.error) },
      judgement(text),
      corrected.map { $0.comparison.judgement($0.verdict) }, sampler, timing: timing, warnings: warnings)
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
  fileprivate init(_ entry: Comparison.Entry, corrected: Comparison.Entry?, infiniteWidth: Double?) {
    self.init(
      name: entry.name, theory: entry.theory, sampled: entry.sampled, standardError: entry.standardError,
      z: entry.z, relativeDeviation: entry.relativeDeviation, corrected: corrected?.theory,
      correctedZ: corrected?.z, infiniteWidth: infiniteWidth)
  }
}

extension CompareRecord.Predictions {
  fileprivate init(
    _ means: Comparison.Means, corrected: Comparison.Means?, infiniteWidth: Comparison.Means?
  ) {
    self.init(
      count: means.count, rmsDifference: means.rmsDifference,
      rmsDifferenceCorrected: corrected?.rmsDifference,
      rmsDifferenceInfiniteWidth: infiniteWidth?.rmsDifference, rmsStandardError: means.rmsStandardError,
      relativeDeviation: means.relativeDeviation, zMean: means.zMean, zRMS: means.zRMS,
      zMax: means.zScores.isEmpty ? nil : means.zMax, partBeyond2: means.partBeyond2)
  }
}
