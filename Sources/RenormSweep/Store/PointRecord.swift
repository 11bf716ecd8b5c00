internal import Foundation
public import Renorm
public import RenormFiles
public import RenormNextOrder

/// What a sweep knows about one finished point: the content of its file in the store, JSON on one line.
///
/// A record is read only if it gives the same bytes again, so that a damaged file is told from a whole one.
public struct PointRecord: StoredRecord, Equatable, Sendable {
  /// The format that this version writes.
  static let formatVersion = 1

  /// Scores on a set of held-out examples, in the units of the targets.
  public struct HeldOutScores: Codable, Equatable, Sendable {
    /// Number of examples.
    public let count: Int
    /// Mean over examples and outputs of (y - mean(x))^2; left out where the likelihood is one of classes.
    public let bias: Double?
    /// Mean over examples and outputs of the posterior variance of f(x), of latents where the likelihood is one
    /// of classes.
    public let variance: Double
    /// bias + variance.
    public let generalizationError: Double?
    /// Fraction of examples whose class is predicted; left out for regression.
    public let accuracy: Double?
    /// The mean of -log p of the labels (`LabelScores`); left out in records of earlier versions.
    public let nll: Double?
    /// Mean squared error of the probabilities of classes; left out for regression, as is the next.
    public let brier: Double?
    /// How far the probability of the most probable class is from the share of examples of which it is the
    /// class.
    public let expectedCalibrationError: Double?
  }

  /// The order parameter and how well it is determined. The keys of `convergence` and `search` are its own
  /// keys.
  public struct Solved: Codable, Equatable, Sendable {
    /// Which equations the order parameter solves.
    public let formulation: Formulation
    /// Rows of the order parameter, as in the report of a fit.
    public let orderParameter: [[Double]]
    /// The order parameter in the solver's coordinates; left out where these are the positions.
    let coordinates: [[Double]]?
    /// The minimum of the action per N/2; left out at infinite width.
    public let action: Double?
    /// How well it is determined.
    public let convergence: ConvergenceRecord
    /// What the search has cost.
    public let search: SearchRecord

    private enum CodingKeys: String, CodingKey { case formulation, orderParameter, coordinates, action }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      formulation = try container.decode(Formulation.self, forKey: .formulation)
      orderParameter = try container.decode([[Double]].self, forKey: .orderParameter)
      coordinates = try container.decodeIfPresent([[Double]].self, forKey: .coordinates)
      action = try container.decodeIfPresent(Double.self, forKey: .action)
      convergence = try ConvergenceRecord(from: decoder)
      search = try SearchRecord(from: decoder)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(formulation, forKey: .formulation)
      try container.encode(orderParameter, forKey: .orderParameter)
      try container.encodeIfPresent(coordinates, forKey: .coordinates)
      try container.encodeIfPresent(action, forKey: .action)
      try convergence.encode(to: encoder)
      try search.encode(to: encoder)
    }
  }

  /// What a point that succeeded predicts.
  public struct Scored: Codable, Equatable, Sendable {
    /// log p(y | X); left out where the theory gives none.
    public let logEvidence: Double?
    /// Mean over examples and outputs of (y - mean(x))^2 on the training set; left out where the likelihood is
    /// one of classes.
    public let trainError: Double?
    /// Fraction of training examples whose class is predicted; left out for regression.
    public let trainAccuracy: Double?
    /// Scores on the test examples; left out without any.
    public let test: HeldOutScores?
    /// Scores on the validation examples; left out without any.
    public let validation: HeldOutScores?
    /// Past leading order; left out where that was not asked for or does not exist.
    public let nextOrder: Corrected?
  }

  /// What a point predicts past leading order (docs/next-order.md).
  public struct Corrected: Codable, Equatable, Sendable {
    /// How far leading and corrected results can be trusted, and why; as in the report of a fit.
    public let summary: NextOrderSummary?
    /// The explicit neuron; left out at other orders than `condensed`, which has no summary.
    public private(set) var condensed: CondensedSummary? = nil
    /// log p(y | X).
    public let logEvidence: Double
    /// Scores on the test examples; left out without any.
    public let test: HeldOutScores?
    /// Scores on the validation examples; left out without any.
    public let validation: HeldOutScores?
  }

  /// Limits that hold for points which are computed again, in place of those of the sweep.
  public struct RetryLimits: Codable, Hashable, Sendable {
    /// The largest number of steps of the solver; nil for that of the specification.
    public let maximumIterations: Int?
    /// Bytes that one process may take; nil for those of the store.
    public let memoryLimit: Int?

    /// Limits, at least one of them another one.
    public init(maximumIterations: Int?, memoryLimit: Int?) {
      (self.maximumIterations, self.memoryLimit) = (maximumIterations, memoryLimit)
    }
  }

  /// The format of the file; one of another format is not read, and its point is computed again.
  let formatVersion: Int
  /// CRC-32 of the record's text with zeros here.
  var checksum: String
  /// The point's place in the order of the specification.
  public let index: Int
  /// The fingerprint of `SweepPoint.identity`.
  public let identity: String
  /// The network, P and the seed.
  public let parameters: PointParameters
  /// P/N; 0 at infinite width.
  public let alpha: Double
  /// Index of the point that the search started from; nil for a start at infinite width.
  public let startedFrom: Int?
  /// nil where the point failed before it had a solution.
  public let solved: Solved?
  /// nil where the point failed.
  public let scored: Scored?
  /// Why the point failed; nil where it did not.
  public let failure: String?
  /// What a user should know about the result; each is one line.
  public let warnings: [String]
  /// The limits of a point that failed under those of the sweep; nil for other points.
  public let retry: RetryLimits?

  init(
    _ point: SweepPoint, startedFrom: Int?, solved: Solved?, scored: Scored?, failure: String?,
    warnings: [String], retry: RetryLimits? = nil
  ) {
    formatVersion = Self.formatVersion
    checksum = Self.blankChecksum
    index = point.index
    identity = point.identity
    parameters = point.parameters
    alpha = point.parameters.alpha
    self.startedFrom = startedFrom
    self.solved = solved
    self.scored = scored
    self.failure = failure
    self.warnings = warnings
    self.retry = retry
  }

  /// The record of the same point under another number.
  func moved(to index: Int, startedFrom: Int?) -> PointRecord {
    PointRecord(
      SweepPoint(index: index, identity: identity, parameters: parameters), startedFrom: startedFrom,
      solved: solved, scored: scored, failure: failure, warnings: warnings, retry: retry)
  }

  /// The solver's coordinates of a converged solution at finite width, from which a neighbour can start.
  var start: Matrix? {
    guard failure == nil, let solved, solved.formulation != .infiniteWidth else { return nil }
    let rows = solved.coordinates ?? solved.orderParameter
    guard !rows.isEmpty, rows.allSatisfy({ $0.count == rows.count }) else { return nil }
    return Matrix(rows: rows.count, columns: rows.count) { i, j in rows[i][j] }
  }
}

extension PointRecord.RetryLimits {
  /// What a table says about the point.
  var warning: String {
    let limits =
      [
        maximumIterations.map { "at most \($0) iterations" },
        memoryLimit.map { "at most \($0) bytes of memory" },
      ].compactMap(\.self)
    return
      "failed under the limits of the sweep and was computed again with \(limits.joined(separator: " and "))"
  }
}

extension PointRecord {
  /// Reads a record; nil where the file is damaged, cut short or of another point.
  init?(_ bytes: [UInt8], of point: SweepPoint) {
    guard let record = Self(bytes), record.index == point.index, record.identity == point.identity else {
      return nil
    }
    self = record
  }
}

extension PointRecord.Solved {
  init(_ member: FitResult) {
    let solution = member.solution
    formulation = solution.formulation
    orderParameter = member.orderParameter.rowArrays
    let own = solution.coordinates
    coordinates = own == member.orderParameter ? nil : own.rowArrays
    action = solution.action
    convergence = ConvergenceRecord(solution.convergence)
    search = SearchRecord(solution.convergence)
  }
}

extension PointRecord.HeldOutScores {
  /// The scores of predictions in the units of the network.
  init(_ prediction: Prediction, _ data: Dataset, temperature: Double, _ scaling: TargetScaling?) {
    let isClassification = data.classes != nil
    let scores = prediction.scores(targets: data.targets, isClassification: isClassification)
      .restored(by: scaling)
    let labels = prediction.labelScores(
      targets: data.targets, isClassification: isClassification, temperature: temperature)
    self.init(
      count: scores.count, bias: scores.bias, variance: scores.variance,
      generalizationError: scores.generalizationError, accuracy: scores.accuracy, nll: labels.nll(in: scaling),
      brier: labels.brier, expectedCalibrationError: labels.expectedCalibrationError)
  }
}

extension Matrix {
  var rowArrays: [[Double]] { (0..<rows).map(row) }
}
