internal import Foundation
internal import GSLNumerics
internal import RenormFiles
internal import RenormSampling

/// A file from which an interrupted posterior run continues: an NPZ archive that `numpy.load` opens, with
/// `format_version`, `metadata` (JSON), and of every chain `state_k`, `random_k`, `records_k`.
public struct MixtureCheckpoint: Equatable, Sendable {
  /// Where the file lies.
  public let path: String
  /// What a run must have in common with that of the file, beside its own settings.
  public let identity: [String: String]

  static let formatVersion = 1

  public init(path: String, identity: [String: String] = [:]) {
    self.path = path
    self.identity = identity
  }

  private struct Metadata: Codable {
    let identity: [String: String]
    let sweeps: [Int]
  }

  /// All settings that draws depend on; not the number of kept draws, which may grow.
  private func settings(_ model: SliceModel, _ options: MixtureSamplingOptions) -> [String: String] {
    let posterior = model.posterior
    var result = identity
    result["kind"] = "mixture posterior"
    result["chains"] = "\(options.chains)"
    result["burn"] = "\(options.burn)"
    result["seed"] = "\(options.seed)"
    result["law"] = "\(posterior.law)"
    let scales = [
      posterior.noise, posterior.weightScale, posterior.biasScale, posterior.firstWeightScale,
      posterior.firstBiasScale,
    ]
    result["scales"] = "\(scales)"
    result["atoms"] = "\(posterior.atoms)"
    result["data"] = Self.fingerprint(posterior.inputs.elements + posterior.targets.elements)
    result["points"] = "\(model.testDesign.rows) " + Self.fingerprint(model.testDesign.elements)
    return result
  }

  /// FNV-1a over the bits.
  private static func fingerprint(_ values: [Double]) -> String {
    let hash = values.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ $1.bitPattern) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }

  func write(_ chains: [SliceChain], _ model: SliceModel, _ options: MixtureSamplingOptions) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = Array(
      try encoder.encode(Metadata(identity: settings(model, options), sweeps: chains.map(\.sweep))))
    var archive = NPZWriter()
    archive.add("format_version", [Self.formatVersion], shape: [])
    archive.add("metadata", bytes: json, shape: [json.count])
    for (k, chain) in chains.enumerated() {
      archive.add("state_\(k)", chain.state, shape: [chain.state.count])
      archive.add("random_\(k)", chain.random.words.map(Int.init), shape: [chain.random.words.count])
      archive.add("records_\(k)", chain.records, shape: [chain.records.count])
    }
    try archive.write(to: path)
  }

  /// The chains of a run that was interrupted; nil where there is no file.
  func read(_ model: SliceModel, _ options: MixtureSamplingOptions) throws -> [SliceChain]? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let archive = try NPZArchive.read(path)
    guard try archive.array("format_version").values() == [Double(Self.formatVersion)] else {
      throw damaged("a format version that this renorm does not read")
    }
    let json = try archive.array("metadata").values().compactMap { UInt8(exactly: $0) }
    guard let metadata = try? JSONDecoder().decode(Metadata.self, from: Data(json)) else {
      throw damaged("its metadata cannot be understood")
    }
    let expected = settings(model, options)
    for name in Set(metadata.identity.keys).union(expected.keys).sorted()
    where metadata.identity[name] != expected[name] {
      throw SamplingError.foreignCheckpoint(
        path: path, name: name, found: metadata.identity[name] ?? "not given",
        expected: expected[name] ?? "not given")
    }
    guard metadata.sweeps.count == options.chains else { throw damaged("it holds other chains") }
    let stride = 1 + model.testDesign.rows * (model.posterior.targets.columns + 1)
    return try metadata.sweeps.enumerated().map { k, sweep in
      let state = try archive.array("state_\(k)").values()
      let words = try archive.array("random_\(k)").values().compactMap { UInt32(exactly: $0) }
      let records = try archive.array("records_\(k)").values()
      guard state.count == model.dimension, state.allSatisfy(\.isFinite), sweep >= 0,
        records.count.isMultiple(of: stride), records.count <= max(0, sweep - options.burn) * stride,
        let random = RandomGenerator.Snapshot(words: words)
      else { throw damaged("chain \(k) has arrays of the wrong size, or numbers out of range") }
      return SliceChain(state: state, random: random, sweep: sweep, records: records)
    }
  }

  private func damaged(_ reason: String) -> SamplingError { .damagedCheckpoint(path: path, reason: reason) }
}
