import Renorm
import RenormFiles
import RenormSampling

/// The theory of a network beside its sampled posterior, written as JSON. Its keys are an interface: other
/// programs read them.
struct CompareReport: Encodable {
  struct Theory: Encodable {
    let formulation: Formulation
    let orderParameter: [[Double]]
    let gradientNorm: Double
    let orderParameterError: Double
    let converged: Bool
    @Nullable var logEvidence: Double?
    @Nullable var test: Report.Test?
  }

  struct Row: Encodable {
    let name: String
    let theory: Double
    let sampled: Double
    @Nullable var standardError: Double?
    @Nullable var z: Double?
    @Nullable var relativeDeviation: Double?

    init(_ entry: Comparison.Entry) {
      name = entry.name
      theory = entry.theory
      sampled = entry.sampled
      _standardError = Nullable(entry.standardError.finite)
      _z = Nullable(entry.z)
      _relativeDeviation = Nullable(entry.relativeDeviation)
    }
  }

  struct Predictions: Encodable {
    let count: Int
    let rmsDifference: Double
    @Nullable var rmsStandardError: Double?
    @Nullable var relativeDeviation: Double?
    @Nullable var zMean: Double?
    @Nullable var zRMS: Double?
    @Nullable var zMax: Double?
    @Nullable var partBeyond2: Double?

    init(_ means: Comparison.Means) {
      count = means.count
      rmsDifference = means.rmsDifference
      _rmsStandardError = Nullable(means.rmsStandardError.finite)
      _relativeDeviation = Nullable(means.relativeDeviation.finite)
      _zMean = Nullable(means.zMean.finite)
      _zRMS = Nullable(means.zRMS.finite)
      _zMax = Nullable(means.zScores.isEmpty ? nil : means.zMax)
      _partBeyond2 = Nullable(means.partBeyond2.finite)
    }
  }

  struct Judgement: Encodable {
    /// True, false, or null where nothing is judged; `text` says why.
    @Nullable var agrees: Bool?
    /// What deviates most, relative to the sampled value; bias and variance relative to the generalization
    /// error.
    @Nullable var quantity: String?
    @Nullable var relativeDeviation: Double?
    /// The number of z-scores, and the |z| that none of them exceeds for a theory that agrees.
    let comparisons: Int
    let threshold: Double
    /// How well the errors are known.
    @Nullable var degreesOfFreedom: Double?
    let text: String

    init(_ comparison: Comparison) {
      (_agrees, _quantity, _relativeDeviation) = (Nullable(nil), Nullable(nil), Nullable(nil))
      switch comparison.verdict {
      case .notConverged, .biased, .nothingToJudge: break
      case .agrees: _agrees = Nullable(true)
      case .deviates(let name, let relative):
        (_agrees, _quantity, _relativeDeviation) = (Nullable(false), Nullable(name), Nullable(relative.finite))
      }
      comparisons = comparison.comparisons
      threshold = comparison.threshold
      _degreesOfFreedom = Nullable(comparison.degreesOfFreedom.finite)
      text = VerdictText(comparison).text
    }
  }

  let network: NetworkRecord
  let theory: Theory
  let sampled: SampledRecord
  let comparison: [Row]
  @Nullable var predictions: Predictions?
  let verdict: Judgement
  let sampler: SamplerRecord
  let timing: Report.Timing
  let data: Report.DataRecord
  let warnings: [String]

  init(
    _ posterior: Posterior, _ prediction: Prediction?, _ data: LoadedData, _ test: Dataset?,
    _ sampled: SampledNetwork,
    _ comparison: Comparison, _ sampler: SamplerRecord, timing: Report.Timing, warnings: [String]
  ) throws(RenormError) {
    network = try NetworkRecord(posterior.network, data.train)
    let order = posterior.orderParameter
    let solution = posterior.solution
    theory = Theory(
      formulation: solution.formulation, orderParameter: (0..<order.rows).map { order.row($0) },
      gradientNorm: solution.convergence.gradientNorm,
      orderParameterError: solution.convergence.orderParameterError, converged: solution.convergence.converged,
      logEvidence: Nullable(posterior.logEvidence(in: data.recipe.targetScaling)),
      test: Nullable(
        prediction.map { Report.Test($0, targets: test?.targets, classes: test?.classes, scaling: nil) }))
    self.sampled = SampledRecord(sampled)
    self.comparison = comparison.entries.map { Row($0) }
    _predictions = Nullable(comparison.means.map { Predictions($0) })
    verdict = Judgement(comparison)
    self.sampler = sampler
    self.timing = timing
    self.data = Report.DataRecord(data)
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey {
    case theory, sampled, comparison, predictions, verdict, sampler, timing, data, warnings
  }

  /// The network's keys are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(theory, forKey: .theory)
    try container.encode(sampled, forKey: .sampled)
    try container.encode(comparison, forKey: .comparison)
    try container.encode(_predictions, forKey: .predictions)
    try container.encode(verdict, forKey: .verdict)
    try container.encode(sampler, forKey: .sampler)
    try container.encode(timing, forKey: .timing)
    try container.encode(data, forKey: .data)
    try container.encode(warnings, forKey: .warnings)
  }
}
