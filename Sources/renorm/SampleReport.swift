import Foundation
import Renorm
import RenormFiles
import RenormSampling

/// The report of a sampled network, written as JSON. Its keys are an interface: other programs read them.
struct SampleReport: Encodable {
  let network: NetworkRecord
  let sampled: SampledRecord
  let sampler: SamplerRecord
  let timing: Report.Timing
  let data: Report.DataRecord
  let warnings: [String]

  init(
    _ network: Network, _ data: LoadedData, _ sampled: SampledNetwork, _ sampler: SamplerRecord,
    timing: Report.Timing, warnings: [String]
  ) throws(RenormError) {
    self.network = try NetworkRecord(network, data.train)
    self.sampled = SampledRecord(sampled)
    self.sampler = sampler
    self.timing = timing
    self.data = Report.DataRecord(data)
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey { case sampler, timing, data, warnings }

  /// The network's and the estimates' keys are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    try sampled.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sampler, forKey: .sampler)
    try container.encode(timing, forKey: .timing)
    try container.encode(data, forKey: .data)
    try container.encode(warnings, forKey: .warnings)
  }
}

extension Report.DataRecord {
  init(_ data: LoadedData) {
    self.init(
      sources: data.sources, classes: Nullable(data.recipe.classes), selection: data.recipe.selection,
      shape: data.recipe.shape, standardization: data.standardization,
      targetScaling: data.recipe.targetScaling, targetHeading: data.recipe.targetHeading,
      testIndices: Nullable(data.test.map { _ in data.testIndices }))
  }
}

/// A sampled number: `{mean, standardError}`, null where it is not known.
struct EstimateRecord: Encodable {
  @Nullable var mean: Double?
  @Nullable var standardError: Double?

  init(_ estimate: Estimate) {
    _mean = Nullable(estimate.mean.finite)
    _standardError = Nullable(estimate.standardError.finite)
  }
}

extension Double {
  /// The number; nil for infinity and NaN, which JSON does not have.
  var finite: Double? { isFinite ? self : nil }
}

/// What the draws say.
struct SampledRecord: Encodable {
  struct Test: Encodable {
    let count: Int
    let bias: EstimateRecord
    let variance: EstimateRecord
    let generalizationError: EstimateRecord
    @Nullable var accuracy: EstimateRecord?

    init(_ scores: SampledScores, count: Int) {
      self.count = count
      bias = EstimateRecord(scores.bias)
      variance = EstimateRecord(scores.variance)
      generalizationError = EstimateRecord(scores.generalizationError)
      _accuracy = Nullable(scores.accuracy.map { EstimateRecord($0) })
    }
  }

  struct Train: Encodable {
    /// The posterior average of (y - f(x))^2 over the training targets.
    let loss: EstimateRecord
  }

  struct Quantity: Encodable {
    @Nullable var rHat: Double?
    /// Whether R-hat is infinite, which JSON cannot say: chains stand still, each at another value.
    let isStuck: Bool
    @Nullable var bulkESS: Double?
    @Nullable var tailESS: Double?

    init(_ entry: SampledDiagnostics.Entry) {
      _rHat = Nullable(entry.rHat?.finite)
      isStuck = entry.rHat == .infinity
      _bulkESS = Nullable(entry.bulkESS?.finite)
      _tailESS = Nullable(entry.tailESS?.finite)
    }
  }

  /// Null where an entry is not recorded.
  let orderParameter: [[Double?]]
  let orderParameterError: [[Double?]]
  let logDensity: EstimateRecord
  let weightNorm: EstimateRecord
  let train: Train
  @Nullable var test: Test?
  /// By the name of the number; `means` and `variances` have the worst of all test points, `similarity` that
  /// of all entries.
  let diagnostics: [String: Quantity]
  let converged: Bool

  init(_ sampled: SampledNetwork) {
    let estimates = sampled.estimates
    orderParameter = estimates.orderParameter.map { $0.map(\.mean.finite) }
    orderParameterError = estimates.orderParameter.map { $0.map(\.standardError.finite) }
    logDensity = EstimateRecord(estimates.logDensity)
    weightNorm = EstimateRecord(estimates.weightNorm)
    train = Train(loss: EstimateRecord(estimates.trainingLoss))
    _test = Nullable(estimates.scores.map { Test($0, count: estimates.predictions.count) })
    var diagnostics: [String: Quantity] = [:]
    for entry in sampled.diagnostics.scalars { diagnostics[entry.name] = Quantity(entry) }
    diagnostics["means"] = sampled.diagnostics.means.map { Quantity($0) }
    diagnostics["variances"] = sampled.diagnostics.variances.map { Quantity($0) }
    diagnostics["similarity"] = sampled.diagnostics.similarity.map { Quantity($0) }
    self.diagnostics = diagnostics
    converged = sampled.diagnostics.isConverged
  }
}

/// How the sampler fared.
struct SamplerRecord: Encodable {
  struct Chain: Encodable {
    @Nullable var acceptance: Double?
    /// Transitions after warmup that changed the position; 0 for a chain that never moved.
    let accepted: Int
    let divergences: Int
    /// Trajectories after warmup that were cut at the largest number of steps.
    let truncated: Int
    let stepSize: Double
    let trajectoryLength: Double
    let gradients: Int
    let warmupGradients: Int

    init(_ chain: Draws.Chain) {
      _acceptance = Nullable(chain.sampling.meanAcceptance.finite)
      accepted = chain.sampling.accepted
      divergences = chain.sampling.divergences
      truncated = chain.sampling.truncated
      stepSize = chain.stepSize
      trajectoryLength = chain.trajectoryLength
      gradients = chain.sampling.gradients
      warmupGradients = chain.warmup.gradients
    }
  }

  let name: SamplerName
  let chains: Int
  let samples: Int
  let warmup: Int
  let seed: UInt32
  /// Averages over the chains.
  @Nullable var acceptance: Double?
  let stepSize: Double
  let trajectoryLength: Double
  /// Sums over the chains.
  let divergences: Int
  let gradients: Int
  let warmupGradients: Int
  let perChain: [Chain]

  init(_ options: SamplerOptions, _ draws: Draws) {
    name = options.sampler
    chains = options.chains
    samples = options.samples
    warmup = options.warmup
    seed = options.seed
    let all = draws.chains.map { Chain($0) }
    func mean(_ value: (Chain) -> Double) -> Double { all.reduce(0) { $0 + value($1) } / Double(all.count) }
    _acceptance = Nullable(mean { $0.acceptance ?? .nan }.finite)
    stepSize = mean(\.stepSize)
    trajectoryLength = mean(\.trajectoryLength)
    divergences = all.reduce(0) { $0 + $1.divergences }
    gradients = all.reduce(0) { $0 + $1.gradients }
    warmupGradients = all.reduce(0) { $0 + $1.warmupGradients }
    perChain = all
  }
}
