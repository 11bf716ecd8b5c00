internal import Foundation
public import Renorm
public import RenormNextOrder

/// The best parameters of a sweep: overall, and for every architecture and width.
public struct BestPoints: Sendable {
  /// What decides.
  public enum Criterion: String, Sendable, CaseIterable {
    case generalizationError = "generalization-error"
    case evidence
    case accuracy
    /// Mean of -log p of held-out labels.
    case nll
    /// Brier's score of the probabilities of held-out classes.
    case brier

    /// Whether a smaller value is better.
    var isError: Bool {
      switch self {
      case .generalizationError, .nll, .brier: true
      case .evidence, .accuracy: false
      }
    }
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
    public let test:
      (generalizationError: Double?, bias: Double?, variance: Double, accuracy: Double?, nll: Double?)?
    /// The criterion on the test examples; nil without them.
    public let testValue: Double?
    /// log p(y | X).
    public let logEvidence: Double?
    /// The criterion of each repeat, by its seed.
    fileprivate let values: [UInt32?: Double]
  }

  /// The candidates of one training-set size and architecture.
  public struct Section: Sendable {
    /// P.
    public let trainCount: Int
    /// The architecture.
    public let architecture: String
    /// The best candidate of each width among those with the most repeats, the infinite one last.
    public let widths: [Candidate]
  }

  /// The criterion.
  public let criterion: Criterion
  /// The best candidate of each training-set size, among those with the most repeats.
  public let overall: [Candidate]
  /// Every training-set size and architecture.
  public let sections: [Section]
  /// Ends of the continuous parameters, to tell an optimum at an edge.
  private let ranges: [Place: [NetworkParameter: ClosedRange<Double>]]

  /// Candidates that are compared with each other in a table.
  private struct Place: Hashable {
    let trainCount: Int
    let architecture: String
    let width: Width

    init(_ candidate: Candidate) {
      trainCount = candidate.record.parameters.trainCount
      architecture = candidate.record.parameters.network.architecture
      width = candidate.record.parameters.network.width
    }
  }

  /// The parameters that may have an edge.
  private static let continuous = Network.parameters.filter(\.domain.isContinuous)

  /// Selects among the points that succeeded.
  ///
  /// - Parameters:
  ///   - onValidation: whether validation examples select instead of test examples.
  ///   - excluded: classes of trust of which no repeat may be; points without a class stay.
  /// - Returns: nil where no point has the criterion.
  public init?(
    _ records: [PointRecord], by criterion: Criterion, onValidation: Bool, excluding excluded: Set<Trust> = []
  ) {
    self.criterion = criterion
    var groups: [PointParameters: [PointRecord]] = [:]
    var order: [PointParameters] = []
    for record in records where record.failure == nil {
      let key = record.parameters.withoutSeed
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(record)
    }
    let trusted = order.compactMap { groups[$0] }.filter { group in
      !group.contains { $0.scored?.nextOrder?.summary?.trust.map(excluded.contains) ?? false }
    }
    let candidates = trusted.compactMap {
      Candidate($0, by: criterion, onValidation: onValidation)
    }
    guard !candidates.isEmpty else { return nil }
    let counts = Self.distinct(candidates.map(\.record.parameters.trainCount))
    overall = counts.compactMap { count in
      candidates.filter { $0.record.parameters.trainCount == count }.best(criterion)
    }
    sections = counts.flatMap { count in
      let own = candidates.filter { $0.record.parameters.trainCount == count }
      return Self.distinct(own.map(\.record.parameters.network.architecture)).map { architecture in
        let own = own.filter { $0.record.parameters.network.architecture == architecture }
        let widths = Self.distinct(own.map { $0.record.parameters.network.width })
        return Section(
          trainCount: count, architecture: architecture,
          widths: widths.sorted().compactMap { width in
            own.filter { $0.record.parameters.network.width == width }.best(criterion)
          })
      }
    }
    ranges = Dictionary(grouping: candidates, by: Place.init).mapValues(Self.ranges)
  }

  private static func ranges(_ candidates: [Candidate]) -> [NetworkParameter: ClosedRange<Double>] {
    var ranges: [NetworkParameter: ClosedRange<Double>] = [:]
    for parameter in continuous {
      let values = candidates.compactMap { $0.record.parameters.network[parameter]?.number }
      if let least = values.min(), let largest = values.max(), least < largest {
        ranges[parameter] = least...largest
      }
    }
    return ranges
  }

  private static func distinct<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }

  /// The swept parameters at whose end a candidate lies, so that a better one may lie beyond.
  public func edges(_ candidate: Candidate) -> [NetworkParameter] {
    let ranges = ranges[Place(candidate)] ?? [:]
    return Self.continuous.filter { parameter in
      guard let range = ranges[parameter], let own = candidate.record.parameters.network[parameter]?.number
      else {
        return false
      }
      return own == range.lowerBound || own == range.upperBound
    }
  }
}

/// How two candidates differ: the mean difference over the repeats that both have, and its standard error.
public struct PairedDifference: Equatable, Sendable {
  /// How the first one compares with the second.
  public enum Verdict: Sendable { case better, worse, same, unknown }

  /// Number of repeats that both have.
  public let repeats: Int
  /// The first candidate's criterion less the second's.
  public let mean: Double
  /// s / sqrt(n) of the differences; nil for fewer than two.
  public let error: Double?
  private let isError: Bool

  fileprivate init?(_ differences: [Double], isError: Bool) {
    let average = Average(differences)
    guard let mean = average.mean else { return nil }
    (self.mean, error, repeats, self.isError) = (mean, average.error, average.count, isError)
  }

  /// A difference counts beyond twice its error, and is unknown without one.
  public var verdict: Verdict {
    guard let error else { return .unknown }
    guard abs(mean) > 2 * error else { return .same }
    return (mean < 0) == isError ? .better : .worse
  }
}

extension BestPoints.Candidate {
  /// The difference to another candidate on the same training sets; nil where they share none.
  public func difference(
    to other: BestPoints.Candidate, _ criterion: BestPoints.Criterion
  ) -> PairedDifference? {
    PairedDifference(
      values.compactMap { seed, value in other.values[seed].map { value - $0 } }.sorted(),
      isError: criterion.isError)
  }
}

extension BestPoints.Section {
  /// The best finite width.
  public func bestFinite(_ criterion: BestPoints.Criterion) -> BestPoints.Candidate? {
    widths.filter { $0.record.parameters.network.width != .infinite }.best(criterion)
  }

  /// The best infinite width.
  public var infinite: BestPoints.Candidate? {
    widths.first { $0.record.parameters.network.width == .infinite }
  }
}

extension [BestPoints.Candidate] {
  /// The best of those with the most repeats: where repeats failed, a mean may be one over easier training
  /// sets.
  fileprivate func best(_ criterion: BestPoints.Criterion) -> BestPoints.Candidate? {
    let most = map(\.repeats).max()
    return filter { $0.repeats == most }
      .min { criterion.isError ? $0.value < $1.value : $0.value > $1.value }
  }
}

extension BestPoints.Candidate {
  fileprivate init?(_ records: [PointRecord], by criterion: BestPoints.Criterion, onValidation: Bool) {
    func value(_ record: PointRecord, _ scores: PointRecord.HeldOutScores?) -> Double? {
      switch criterion {
      case .generalizationError: scores?.generalizationError
      case .accuracy: scores?.accuracy
      case .nll: scores?.nll
      case .brier: scores?.brier
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
    let seeds = records.map(\.parameters.shuffleSeed)
    self.values = Dictionary(zip(seeds, values)) { first, _ in first }
    error = average.error
    testValue = mean(records.compactMap { value($0, $0.scored?.test) })
    logEvidence = mean(records.compactMap { $0.scored?.logEvidence })
    test = mean(tests.map(\.variance)).map { variance in
      (
        mean(tests.compactMap(\.generalizationError)), mean(tests.compactMap(\.bias)), variance,
        mean(tests.compactMap(\.accuracy)), mean(tests.compactMap(\.nll))
      )
    }
  }
}

extension PointParameters {
  /// The parameters that repeats share.
  fileprivate var withoutSeed: PointParameters {
    PointParameters(network: network, trainCount: trainCount, shuffleSeed: nil)
  }
}
