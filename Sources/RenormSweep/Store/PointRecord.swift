internal import Foundation
public import Renorm
internal import RenormFiles

/// What a sweep knows about one finished point: the content of its file in the store.
public struct PointRecord: Codable, Equatable, Sendable {
  /// The format that this version writes.
  static let formatVersion = 1

  /// Scores on a set of held-out examples.
  public struct HeldOutScores: Codable, Equatable, Sendable {
    public let count: Int
    public let bias: Double
    public let variance: Double
    public let generalizationError: Double
    public let accuracy: Double?
  }

  /// The order parameter and how well it is determined.
  public struct Solved: Codable, Equatable, Sendable {
    public let formulation: Formulation
    /// Rows of the order parameter, as in the report of a fit.
    public let orderParameter: [[Double]]
    /// The order parameter in the solver's coordinates, where these are not the positions.
    let coordinates: [[Double]]?
    public let action: Double?
    public let gradientNorm: Double
    /// nil in records of earlier versions.
    public let orderParameterError: Double?
    public let iterations: Int
    public let evaluations: Int
    public let curvatureEvaluations: Int
    public let converged: Bool
  }

  /// What a point that succeeded predicts.
  public struct Scored: Codable, Equatable, Sendable {
    public let logEvidence: Double?
    public let trainError: Double
    public let trainAccuracy: Double?
    public let test: HeldOutScores?
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

  let formatVersion: Int
  /// CRC-32 of the record's text with zeros here.
  var checksum: String
  /// The point's place in the order of the specification.
  public let index: Int
  /// The fingerprint of `SweepPoint.identity`.
  public let identity: String
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
  private static let blankChecksum = "00000000"

  /// The bytes of the record's file; the same for the same record.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  func encoded() throws -> [UInt8] {
    var record = self
    record.checksum = Self.blankChecksum
    record.checksum = CRC32.text(CRC32.of(try Self.bytes(record)[...]))
    return try Self.bytes(record)
  }

  /// Reads a record; nil where the file is damaged, cut short or of another point.
  init?(_ bytes: [UInt8], of point: SweepPoint) {
    guard let record = Self(bytes), record.index == point.index, record.identity == point.identity else {
      return nil
    }
    self = record
  }

  /// Reads a record; nil where it is damaged or cut short.
  init?(_ bytes: [UInt8]) {
    guard let record = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      record.formatVersion == Self.formatVersion, (try? record.encoded()) == bytes
    else { return nil }
    self = record
  }

  private static func bytes(_ record: Self) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
  }
}

extension PointRecord.Solved {
  init(_ member: FitResult) {
    let solution = member.solution
    let convergence = solution.convergence
    formulation = solution.formulation
    orderParameter = member.orderParameter.rowArrays
    let own = solution.coordinates
    coordinates = own == member.orderParameter ? nil : own.rowArrays
    action = solution.action
    gradientNorm = convergence.gradientNorm
    orderParameterError = convergence.orderParameterError
    iterations = convergence.iterations
    evaluations = convergence.evaluations
    curvatureEvaluations = convergence.curvatureEvaluations
    converged = convergence.converged
  }
}

extension PointRecord.HeldOutScores {
  init(_ scores: Scores) {
    self.init(
      count: scores.count, bias: scores.bias, variance: scores.variance,
      generalizationError: scores.generalizationError, accuracy: scores.accuracy)
  }
}

extension Matrix {
  var rowArrays: [[Double]] { (0..<rows).map(row) }
}
