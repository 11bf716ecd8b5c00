internal import Foundation

/// The best parameters of a sweep: overall, and for every architecture and width.
public struct BestPoints: Sendable {
  /// What decides.
  public enum Criterion: String, Sendable, CaseIterable {
    case generalizationError = "generalization-error"
    case evidence
    case accuracy

    /// Whether a smaller value is better.
    var isError: Bool { self == .generalizationError }
  }

  /// Repeats of one set of parameters, averaged.
  public struct Candidate: Sendable {
    /// A record of the set, for its parameters.
    public let record: PointRecord
    /// Number of repeats.
    public let repeats: Int
    /// The criterion on the examples that select.
    public let value: Double
    /// Its standard error over repeats; nil for one.
    public let error: Double?
    /// Scores on the test examples; nil without them.
    public let test: (generalizationError: Double, bias: Double, variance: Double, accuracy: Double?)?
    /// The criterion on the test examples; nil without them.
    public let testValue: Double?
    /// log p(y | X).
    public let logEvidence: Double?
  }

  /// The candidates of one training-set size and architecture.
  public struct Section: Sendable {
    /// P.
    public let trainCount: Int
    /// The architecture.
    public let architecture: String
    /// The best candidate of each width, the infinite one last.
    public let widths: [Candidate]
  }

  /// The criterion.
  public let criterion: Criterion
  /// The best candidate of each training-set size.
  public let overall: [Candidate]
  /// Every training-set size and architecture.
  public let sections: [Section]
  /// Values of the axes of continuous parameters, to tell an optimum at an edge.
  private let ranges: [String: (temperature: ClosedRange<Double>, lambda1: ClosedRange<Double>)]

  /// Selects among the points that succeeded.
  ///
  /// - Parameter onValidation: whether validation examples select instead of test examples.
  /// - Returns: nil where no point has the criterion.
  public init?(_ records: [PointRecord], by criterion: Criterion, onValidation: Bool) {
    self.criterion = criterion
    var groups: [String: [PointRecord]] = [:]
    var order: [String] = []
    for record in records where record.failure == nil {
      let key = "\(record.parameters.withoutSeed)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(record)
    }
    let candidates = order.compactMap { groups[$0] }.compactMap {
      Candidate($0, by: criterion, onValidation: onValidation)
    }
    guard !candidates.isEmpty else { return nil }
    func best(_ candidates: [Candidate]) -> Candidate? {
      candidates.min { criterion.isError ? $0.value < $1.value : $0.value > $1.value }
    }
    let counts = Self.distinct(candidates.map(\.record.parameters.trainCount))
    overall = counts.compactMap { count in best(candidates.filter { $0.record.parameters.trainCount == count })
    }
    var ranges: [String: (ClosedRange<Double>, ClosedRange<Double>)] = [:]
    sections = counts.flatMap { count in
      let own = candidates.filter { $0.record.parameters.trainCount == count }
      return Self.distinct(own.map(\.record.parameters.network.architecture)).map { architecture in
        let own = own.filter { $0.record.parameters.network.architecture == architecture }
        let widths = Self.distinct(own.map { $0.record.parameters.network.width })
        for width in widths {
          let networks = own.map(\.record.parameters.network).filter { $0.width == width }
          ranges[Self.key(count, architecture, width)] = (
            Self.range(networks.map(\.temperature)), Self.range(networks.map(\.lambda1))
          )
        }
        return Section(
          trainCount: count, architecture: architecture,
          widths: widths.sorted { ($0 ?? .max) < ($1 ?? .max) }.compactMap { width in
            best(own.filter { $0.record.parameters.network.width == width })
          })
      }
    }
    self.ranges = ranges
  }

  private static func key(_ count: Int, _ architecture: String, _ width: Int?) -> String {
    "\(count) \(architecture) \(width ?? 0)"
  }

  private static func range(_ values: [Double]) -> ClosedRange<Double> {
    (values.min() ?? 0)...(values.max() ?? 0)
  }

  private static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// The swept parameters at whose end a candidate lies, so that a better one may lie beyond.
  public func edges(_ candidate: Candidate) -> [String] {
    let parameters = candidate.record.parameters
    let network = parameters.network
    guard let range = ranges[Self.key(parameters.trainCount, network.architecture, network.width)] else {
      return []
    }
    func isEdge(_ value: Double, _ range: ClosedRange<Double>) -> Bool {
      range.lowerBound < range.upperBound && (value == range.lowerBound || value == range.upperBound)
    }
    return [
      ("temperature", network.temperature, range.temperature), ("lambda1", network.lambda1, range.lambda1),
    ]
    .filter { isEdge($0.1, $0.2) }.map(\.0)
  }
}

extension BestPoints.Section {
  /// The best finite width.
  public func bestFinite(_ criterion: BestPoints.Criterion) -> BestPoints.Candidate? {
    widths.filter { $0.record.parameters.network.width != nil }
      .min { criterion.isError ? $0.value < $1.value : $0.value > $1.value }
  }

  /// The best infinite width.
  public var infinite: BestPoints.Candidate? { widths.first { $0.record.parameters.network.width == nil } }
}

extension BestPoints.Candidate {
  fileprivate init?(_ records: [PointRecord], by criterion: BestPoints.Criterion, onValidation: Bool) {
    func value(_ record: PointRecord, _ scores: PointRecord.HeldOutScores?) -> Double? {
      switch criterion {
      case .generalizationError: scores?.generalizationError
      case .accuracy: scores?.accuracy
      case .evidence: record.scored?.logEvidence
      }
    }
    let values = records.compactMap { value($0, onValidation ? $0.scored?.validation : $0.scored?.test) }
    let average = Average(values)
    guard values.count == records.count, let own = average.mean else { return nil }
    let tests = records.compactMap { $0.scored?.test }
    func mean(_ values: [Double]) -> Double? { Average(values).mean }
    record = records[0]
    repeats = records.count
    self.value = own
    error = average.error
    testValue = mean(records.compactMap { value($0, $0.scored?.test) })
    logEvidence = mean(records.compactMap { $0.scored?.logEvidence })
    if let error = mean(tests.map(\.generalizationError)), let bias = mean(tests.map(\.bias)),
      let variance = mean(tests.map(\.variance))
    {
      test = (error, bias, variance, mean(tests.compactMap(\.accuracy)))
    } else {
      test = nil
    }
  }
}

extension PointParameters {
  /// The parameters that repeats share.
  fileprivate var withoutSeed: PointParameters {
    PointParameters(network: network, trainCount: trainCount, shuffleSeed: nil)
  }
}
