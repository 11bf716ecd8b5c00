internal import Foundation
public import Renorm
public import RenormFiles

/// The evaluations of a tuning as plain files, from which it goes on after a crash or a signal.
///
/// | file | content |
/// |---|---|
/// | `tune.json` | what is tuned, how, and on which data |
/// | `evaluations/000017.json` | a finished evaluation; complete, or not there |
/// | `claim.json` | the process that works at it |
///
/// A file is made durable before it has its name, as in a sweep's store (docs/sweeps.md).
public final class TuningStore: Sendable {
  /// The folder.
  public let path: String
  /// What was evaluated in earlier runs, in its order.
  public let evaluations: [TuningEvaluation]
  private let claim: Claim
  /// Held while a file is written, and for good by `leave`.
  private let gate = NSLock()

  /// Opens the store of a tuning, and makes it where there is none.
  ///
  /// - Parameter sources: the data files.
  /// - Throws: `DataError`: `.contradiction` for the store of another tuning, or of other data, and where a
  ///   live
  ///   process works at it; `.malformed` for a description that cannot be read; where files cannot be made.
  public init(_ path: String, _ tuning: Tuning, sources: [DataSource]) throws {
    self.path = path
    let description = TuningDescription(tuning, sources)
    guard try StoreFiles.read("\(path)/sweep.json") == nil else {
      throw DataError.contradiction("\(path): holds a sweep; accepted: another folder (`output`)")
    }
    try StoreFiles.makeDirectory("\(path)/evaluations")
    guard let claim = try Claim.take("\(path)/claim.json") else {
      throw DataError.contradiction(
        "\(path): a process works at it (claim.json); accepted: the same command when that has ended")
    }
    self.claim = claim
    do {
      evaluations = try Self.open(path, description)
    } catch {
      claim.release()
      throw error
    }
  }

  private static func open(_ path: String, _ description: TuningDescription) throws -> [TuningEvaluation] {
    let file = "\(path)/tune.json"
    let folder = "\(path)/evaluations"
    guard let bytes = try StoreFiles.read(file) else {
      guard !StoreFiles.names(in: folder).contains(where: { $0.hasSuffix(".json") }) else {
        throw DataError.malformed(
          path: path, place: nil,
          reason:
            "holds evaluations but no tune.json, so what they belong to is not known; accepted: another folder")
      }
      try StoreFiles.write(description.encoded(), to: file)
      return []
    }
    guard let stored = TuningDescription(bytes) else {
      throw DataError.malformed(path: file, place: nil, reason: "it is not the description of a tuning")
    }
    if let difference = stored.difference(from: description) {
      throw DataError.contradiction(
        "\(path): holds another tuning: \(difference); accepted: the command that it was begun with, or another "
          + "folder (`output`)")
    }
    var evaluations: [TuningEvaluation] = []
    while let bytes = try StoreFiles.read(SweepStore.file(evaluations.count, in: folder)),
      let record = EvaluationRecord(bytes), record.evaluation.index == evaluations.count
    {
      evaluations.append(record.evaluation)
    }
    return evaluations
  }

  /// Makes an evaluation durable.
  ///
  /// - Throws: `DataError.writingFailed`, `EncodingError` for numbers that are not finite.
  public func write(_ evaluation: TuningEvaluation) throws {
    let bytes = try EvaluationRecord(evaluation).encoded()
    try gate.withLock {
      try StoreFiles.write(bytes, to: SweepStore.file(evaluation.index, in: "\(path)/evaluations"))
    }
    claim.refresh()
  }

  /// The number of evaluations that are safe.
  public var count: Int {
    StoreFiles.names(in: "\(path)/evaluations").count { $0.hasSuffix(".json") }
  }

  /// Gives the store back.
  public func close() { claim.release() }

  /// Waits for a file that is being written, lets no further one begin, and gives the store back: before the
  /// process ends in the middle of work.
  public func leave() {
    _ = gate.lock(before: Date(timeIntervalSinceNow: 5))
    claim.release()
  }
}

/// An evaluation in its file.
private struct EvaluationRecord: StoredRecord {
  static let formatVersion = 1
  let formatVersion: Int
  var checksum: String
  let evaluation: TuningEvaluation

  init(_ evaluation: TuningEvaluation) {
    (formatVersion, checksum, self.evaluation) = (Self.formatVersion, Self.blankChecksum, evaluation)
  }
}

/// The content of tune.json. How many evaluations are made, and profiles, may change from run to run.
private struct TuningDescription: StoredRecord {
  static let formatVersion = 1
  let formatVersion: Int
  var checksum: String
  let renormVersion: String
  /// Everything that evaluations depend on, by the words of messages.
  let settings: [String: String]
  let sources: [DataSource]

  init(_ tuning: Tuning, _ sources: [DataSource]) {
    (formatVersion, checksum) = (Self.formatVersion, Self.blankChecksum)
    renormVersion = RenormVersion.current
    self.sources = sources
    var settings = [
      "criterion": "\(tuning.criterion)", "seed": "\(tuning.options.seed)",
      "starts": "\(tuning.options.starts)",
      "tolerance": "\(tuning.options.fit.tolerance)",
      "tuned parameters": tuning.parameters.map {
        "\($0.parameter.key)=\($0.bounds.lowerBound):\($0.bounds.upperBound)"
      }.joined(separator: ","),
    ]
    let network = tuning.network.description
    for parameter in Network.parameters {
      if let value = network[parameter] { settings[parameter.key] = Self.text(value) }
    }
    self.settings = settings
  }

  /// A matrix by its elements, as its file may be another one.
  private static func text(_ value: ParameterValue) -> String {
    guard let matrix = value.matrix?.matrix else { return value.text }
    return fingerprint(matrix.elements.map { "\($0)" }.joined(separator: " "))
  }

  func difference(from own: TuningDescription) -> String? {
    if renormVersion != own.renormVersion {
      return
        "it was begun by renorm \(renormVersion), whose digits may differ from those of \(own.renormVersion)"
    }
    for key in Set(settings.keys).union(own.settings.keys).sorted() where settings[key] != own.settings[key] {
      return "\(key) was \(settings[key] ?? "not given") and is now \(own.settings[key] ?? "not given")"
    }
    let isSame =
      sources.count == own.sources.count
      && zip(sources, own.sources).allSatisfy { $0.role == $1.role && $0.hasSameContent(as: $1) }
    return isSame ? nil : "the data files have changed"
  }
}
