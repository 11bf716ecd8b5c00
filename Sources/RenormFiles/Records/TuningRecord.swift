public import Renorm

/// How parameters were tuned, in the units of the targets: the key `tuning` of the report of `renorm tune`, of
/// which all other keys are those of a fit at the optimum.
public struct TuningRecord: Codable, Equatable, Sendable {
  /// A tuned parameter.
  public struct Parameter: Codable, Equatable, Sendable {
    /// Its key.
    public let name: String
    /// The bounds.
    public let lower: Double
    public let upper: Double
    /// The best value.
    public let value: Double
    /// The derivative of the criterion by the value's logarithm there.
    public let slope: Double
    /// How far the logarithm can move until the log evidence falls by 1/2, or an error rises by a hundredth,
    /// with the others tuned again: an estimate; null at an edge.
    @Nullable public var width: Double?
    /// `lower` or `upper` where the criterion improves beyond this end of the range; null inside.
    @Nullable public var edge: TuningResult.Optimum.Edge?
  }

  /// The search from one start.
  public struct Search: Codable, Equatable, Sendable {
    /// The values of the parameters at its start.
    public let start: [Double]
    /// Those at its end; null where the first fit failed.
    @Nullable public var values: [Double]?
    /// The criterion there.
    @Nullable public var criterion: Double?
    /// How it ended.
    public let end: TuningResult.Search.End
  }

  /// An evaluation of the criterion.
  public struct Evaluation: Codable, Equatable, Sendable {
    /// `start 0`, or `profile temperature`: which part of the search asked for it.
    public let stage: String
    /// The values of the parameters.
    public let values: [Double]
    /// The criterion; null where a fit failed.
    @Nullable public var criterion: Double?
    /// Its derivatives by the logarithms of the values; null where a fit failed.
    @Nullable public var gradient: [Double]?
    /// Why a fit failed; null where none did.
    @Nullable public var failure: String?
  }

  /// A point of a profile.
  public struct ProfilePoint: Codable, Equatable, Sendable {
    /// The values of all tuned parameters.
    public let values: [Double]
    /// The criterion.
    public let criterion: Double
  }

  /// The best criterion as a function of one parameter.
  public struct Profile: Codable, Equatable, Sendable {
    /// The parameter that is held at each point.
    public let name: String
    /// By its value.
    public let points: [ProfilePoint]
  }

  /// `evidence`, `k-fold` or `validation`.
  public let criterion: String
  /// The number of folds; null for other criteria.
  @Nullable public var folds: Int?
  /// The part that is held out; null for other criteria.
  @Nullable public var validationFraction: Double?
  /// The seed of starts and parts.
  public let seed: UInt32
  /// The best log evidence, or the least generalization error.
  public let value: Double
  /// What was tuned.
  public let parameters: [Parameter]
  /// The searches.
  public let searches: [Search]
  /// All evaluations, in their order.
  public let evaluations: [Evaluation]
  /// Profiles that were asked for.
  public let profiles: [Profile]

  /// - Parameter scaling: of the targets that the network has learnt.
  package init(_ result: TuningResult, seed: UInt32, count: Int, scaling: TargetScaling?) {
    let isEvidence = result.criterion.isMaximised
    let (shift, scale) =
      isEvidence ? (scaling?.logJacobian(count: count) ?? 0, 1) : (0, scaling?.squaredScale ?? 1)
    let own = { (value: Double) in scale * value + shift }
    let tuned = result.optima.map(\.tuned)
    criterion = result.criterion.name
    var (folds, fraction) = (Int?.none, Double?.none)
    switch result.criterion {
    case .evidence: break
    case .folds(let count): folds = count
    case .heldOut(let part): fraction = part
    }
    (_folds, _validationFraction) = (Nullable(folds), Nullable(fraction))
    self.seed = seed
    value = own(result.value)
    parameters = result.optima.map { optimum in
      Parameter(
        name: optimum.tuned.parameter.key, lower: optimum.tuned.bounds.lowerBound,
        upper: optimum.tuned.bounds.upperBound, value: optimum.value, slope: scale * optimum.slope,
        width: Nullable(optimum.width), edge: Nullable(optimum.edge))
    }
    searches = result.searches.map {
      Search(
        start: $0.start, values: Nullable($0.values), criterion: Nullable($0.criterion.map(own)), end: $0.end)
    }
    evaluations = result.evaluations.map { evaluation in
      let stage =
        switch evaluation.stage {
        case .start(let k): "start \(k)"
        case .profile(let k, _): "profile \(tuned[k].parameter.key)"
        }
      return Evaluation(
        stage: stage, values: evaluation.values(of: tuned), criterion: Nullable(evaluation.value.map(own)),
        gradient: Nullable(evaluation.gradient.map { $0.map { scale * $0 } }),
        failure: Nullable(evaluation.failure))
    }
    profiles = result.profiles.map { profile in
      Profile(
        name: profile.parameter.key,
        points: profile.points.map { ProfilePoint(values: $0.values, criterion: own($0.criterion)) })
    }
  }
}

/// The report of `renorm tune` (JSON): that of a fit at the optimum, and how the optimum was found.
public struct TuneRecord: Codable, Equatable, Sendable {
  /// The fit; its keys are keys of the report itself.
  public let fit: FitRecord
  /// The search.
  public let tuning: TuningRecord

  package init(_ fit: FitRecord, _ tuning: TuningRecord) { (self.fit, self.tuning) = (fit, tuning) }

  private enum CodingKeys: String, CodingKey { case tuning }

  public init(from decoder: any Decoder) throws {
    fit = try FitRecord(from: decoder)
    tuning = try decoder.container(keyedBy: CodingKeys.self).decode(TuningRecord.self, forKey: .tuning)
  }

  public func encode(to encoder: any Encoder) throws {
    try fit.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tuning, forKey: .tuning)
  }

  /// Reads a report.
  ///
  /// - Throws: `DataError` with file, key and what is accepted.
  public init(path: String) throws(DataError) {
    self = try RecordReader.read(Self.self, path: path, accepted: "a report (JSON) of `renorm tune`")
  }
}
