internal import Foundation
internal import GSLNumerics
internal import RenormFiles

/// A file from which an interrupted run continues: an NPZ archive that `numpy.load` opens.
///
/// | array | shape | content |
/// |---|---|---|
/// | `format_version` | () | 3 |
/// | `metadata` | bytes | JSON: the settings of the run, the single numbers of every chain |
/// | `position_0`, ... | d | where chain 0, ... stands, its state (`LogDensity.stateCount`) behind |
/// | `random_0`, ... | 625 | words of its Mersenne twister, and how many of them are used up |
/// | `draws_0`, ... | draws x quantities | what it has recorded after warmup |
/// | `trajectory_counts_0`, `trajectory_steps_0`, ... | 40 | transitions of warmup and their steps, by length |
/// | `squared_jumps_0`, ... | 40 x monitored | how far they carried the monitored numbers (`JumpStatistics`) |
/// | `monitored_count_0`, ... | () | how often those numbers were seen |
/// | `monitored_means_0`, `monitored_squares_0`, ... | monitored | their means and sums of squared deviations |
///
/// A run continues bit by bit on the same processor; another one may round differently.
public struct CheckpointFile: Equatable, Sendable {
  /// Where the file lies.
  public let path: String
  /// Seconds between writes.
  public let interval: Double
  /// What the run must have in common with that of the file, beside the options of sampling: names and values
  /// of settings.
  public let identity: [String: String]

  static let formatVersion = 3

  /// A file at `path`; a run continues from it if it exists.
  public init(path: String, interval: Double = 30, identity: [String: String] = [:]) {
    self.path = path
    self.interval = interval
    self.identity = identity
  }

  /// The same file for a run that has more in common; what is there already is kept.
  func identified(by more: [String: String]) -> CheckpointFile {
    CheckpointFile(path: path, interval: interval, identity: identity.merging(more) { own, _ in own })
  }

  private struct Metadata: Codable {
    let identity: [String: String]
    let quantities: [String]
    let chains: [ChainState.Tuning]
  }

  /// All settings that the draws depend on; not the number of samples, which may grow.
  private func settings(
    _ method: SamplingMethod, _ options: SamplingOptions, dimension: Int
  ) -> [String: String] {
    var result = identity
    result["chains"] = "\(options.chains)"
    result["warmup"] = "\(options.warmup)"
    result["seed"] = "\(options.seed)"
    result["dimension"] = "\(dimension)"
    switch method {
    case .hamiltonian(let method):
      result["method"] = "hamiltonian"
      result["target acceptance"] = "\(method.targetAcceptance)"
      result["step size"] = method.stepSize.map { "\($0)" } ?? "adapted"
      result["trajectory length"] = method.trajectoryLength.map { "\($0)" } ?? "adapted"
      result["largest number of steps"] = "\(method.maximumSteps)"
    case .langevin(let method):
      result["method"] = "langevin"
      result["step size"] = "\(method.stepSize)"
      result["thinning"] = "\(method.thinning)"
    }
    return result
  }

  /// Writes the state of all chains; afterwards the file is complete, or as it was before.
  func write(
    _ states: [ChainState], _ density: some LogDensity, _ method: SamplingMethod, _ options: SamplingOptions
  ) throws {
    let quantities = density.quantities
    let metadata = Metadata(
      identity: settings(method, options, dimension: density.dimension), quantities: quantities,
      chains: states.map(\.tuning))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let json = Array(try encoder.encode(metadata))
    var archive = NPZWriter()
    archive.add("format_version", [Self.formatVersion], shape: [])
    archive.add("metadata", bytes: json, shape: [json.count])
    for (k, state) in states.enumerated() {
      archive.add("position_\(k)", flat: state.position)
      archive.add("random_\(k)", state.random.words.map(Int.init), shape: [state.random.words.count])
      let count = state.draws.count / max(quantities.count, 1)
      archive.add("draws_\(k)", state.draws, shape: [count, quantities.count])
      archive.add(state.jumps, chain: k)
    }
    try archive.write(to: path)
  }

  /// Checks that a run can continue from the file, where there is one.
  ///
  /// - Throws: `SamplingError`, and `DataError` where it cannot be read.
  func check(
    quantities: [String], dimension: Int, _ method: SamplingMethod, _ options: SamplingOptions
  ) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    _ = try metadata(NPZArchive.read(path), quantities, dimension, method, options)
  }

  /// The states of a run that was interrupted; nil where there is no file. What it left when it was killed
  /// while it wrote is removed.
  func read(
    _ density: some LogDensity, _ method: SamplingMethod, _ options: SamplingOptions
  ) throws -> [ChainState]? {
    TemporaryName.removeAbandoned(beside: path)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let archive = try NPZArchive.read(path)
    let metadata = try metadata(archive, density.quantities, density.dimension, method, options)
    return try metadata.chains.enumerated().map { k, tuning in
      try state(k, tuning, archive, density, options)
    }
  }

  /// What is common to all chains, if it is that of this run.
  private func metadata(
    _ archive: NPZArchive, _ quantities: [String], _ dimension: Int, _ method: SamplingMethod,
    _ options: SamplingOptions
  ) throws -> Metadata {
    guard let version = try archive.array("format_version").values().first.flatMap({ Int(exactly: $0) }) else {
      throw damaged("it has no format version")
    }
    guard version == Self.formatVersion else {
      throw SamplingError.otherCheckpointVersion(path: path, found: version, expected: Self.formatVersion)
    }
    let json = try archive.array("metadata").values().compactMap { UInt8(exactly: $0) }
    guard let metadata = try? JSONDecoder().decode(Metadata.self, from: Data(json)) else {
      throw damaged("its metadata cannot be understood")
    }
    try compare(metadata.identity, settings(method, options, dimension: dimension))
    guard metadata.quantities == quantities, metadata.chains.count == options.chains else {
      throw damaged("it holds other quantities or chains")
    }
    return metadata
  }

  private func compare(_ found: [String: String], _ expected: [String: String]) throws(SamplingError) {
    // What the caller knows first, then the method, which decides which other settings there are.
    let rest = Set(found.keys).union(expected.keys).sorted()
    for name in identity.keys.sorted() + ["method"] + rest where found[name] != expected[name] {
      throw .foreignCheckpoint(
        path: path, name: name, found: found[name] ?? "not given", expected: expected[name] ?? "not given")
    }
  }

  private func state(
    _ k: Int, _ tuning: ChainState.Tuning, _ archive: NPZArchive, _ density: some LogDensity,
    _ options: SamplingOptions
  ) throws -> ChainState {
    /// The finite numbers of an array of this shape.
    func numbers(_ name: String, shape: [Int]) throws -> [Double] {
      let array = try archive.array("\(name)_\(k)")
      guard array.shape == shape else { throw damaged("chain \(k) has arrays of the wrong shape") }
      let values = array.values()
      guard values.allSatisfy(\.isFinite) else { throw damaged("chain \(k) has numbers that are not finite") }
      return values
    }
    guard tuning.isValid(options) else { throw damaged("chain \(k) has numbers out of range") }
    let kept = max(0, tuning.iteration - options.warmup)
    let draws = try archive.array("draws_\(k)")
    guard draws.shape == [kept, density.quantities.count] else {
      throw damaged("chain \(k) has draws of the wrong shape")
    }
    let words = try numbers("random", shape: [RandomGenerator.Snapshot.wordCount]).compactMap {
      UInt32(exactly: $0)
    }
    let monitored = max(1, monitoredQuantities(density).count)
    guard let random = RandomGenerator.Snapshot(words: words) else {
      throw damaged("chain \(k) has arrays of the wrong size")
    }
    let jumps = try JumpStatistics(size: monitored, numbers)
    return ChainState(
      position: try numbers("position", shape: [density.dimension + density.stateCount]), random: random,
      tuning: tuning, jumps: jumps, draws: draws.values())
  }

  private func damaged(_ reason: String) -> SamplingError { .damagedCheckpoint(path: path, reason: reason) }
}

extension NPZWriter {
  fileprivate mutating func add(_ name: String, flat values: [Double]) {
    add(name, values, shape: [values.count])
  }
}

extension NPZWriter {
  fileprivate mutating func add(_ jumps: JumpStatistics, chain k: Int) {
    add("trajectory_counts_\(k)", flat: jumps.bins.map(\.transitions))
    add("trajectory_steps_\(k)", flat: jumps.bins.map(\.steps))
    add("squared_jumps_\(k)", jumps.bins.flatMap(\.squaredJumps), shape: [jumps.bins.count, jumps.size])
    add("monitored_count_\(k)", [jumps.moments.count], shape: [])
    add("monitored_means_\(k)", flat: jumps.moments.means)
    add("monitored_squares_\(k)", flat: jumps.moments.squares)
  }
}

extension JumpStatistics {
  /// Statistics of `size` numbers from the arrays of a chain; nil where one has another length.
  fileprivate init(size: Int, _ numbers: (_ name: String, _ shape: [Int]) throws -> [Double]) throws {
    let (counts, steps) = (
      try numbers("trajectory_counts", [Self.binCount]), try numbers("trajectory_steps", [Self.binCount])
    )
    let jumps = try numbers("squared_jumps", [Self.binCount, size])
    let count = try numbers("monitored_count", [])
    let (means, squares) = (try numbers("monitored_means", [size]), try numbers("monitored_squares", [size]))
    self.init(
      bins: counts.indices.map {
        Bin(transitions: counts[$0], steps: steps[$0], squaredJumps: Array(jumps[size * $0..<size * ($0 + 1)]))
      }, moments: RunningMoments(count: count[0], means: means, squares: squares))
  }
}
