import Foundation
import GSLNumerics
import RenormFiles
import RenormSampling
import Testing

/// Runs that end early and continue.
@Suite struct CheckpointTests {
  fileprivate let folder: Scratch
  fileprivate let density = QuarticDensity()

  init() throws { folder = try Scratch() }

  private static let methods: [SamplingMethod] = [
    .hamiltonian(HamiltonianOptions()),
    .hamiltonian(HamiltonianOptions(stepSize: 0.3, trajectoryLength: 1)),
    .langevin(LangevinOptions(stepSize: 0.1)),
    .langevin(LangevinOptions(stepSize: 0.3, thinning: 3)),
  ]

  fileprivate func sampler(
    _ method: SamplingMethod, threads: Int = 2, samples: Int = 40
  ) throws -> Sampler<QuarticDensity> {
    try Sampler(density, method: method, options: options(threads: threads, samples: samples))
  }

  private func options(threads: Int = 2, samples: Int = 40) -> SamplingOptions {
    SamplingOptions(chains: 3, samples: samples, warmup: 60, seed: 5, threads: threads)
  }

  /// Stopped after every few draws, in warmup and after it, the draws are those of one run. Without seconds
  /// between writes the states also go through the file after every draw of a chain.
  @Test(arguments: methods) func resumedIsUninterrupted(method: SamplingMethod) throws {
    let expected = try sampler(method).run()
    let random = RandomGenerator(seed: 1)
    let file = CheckpointFile(path: folder.path("run.npz"), interval: 0)
    var runs = 0
    var found: Draws
    repeat {
      let stop = StopFlag()
      let last = 1 + random.integer(below: 80)
      found = try sampler(method, threads: 1 + runs % 3).run(
        checkpoint: file, stop: stop
      ) {
        if $0.doneNow >= last { stop.raise() }
      }
      runs += 1
    } while !found.isComplete && runs < 1000
    #expect(runs > 3)
    #expect(found == expected)
    // The finished run is read back without drawing again.
    #expect(
      try sampler(method).run(checkpoint: file) { _ in Issue.record("drew again") }
        == found)
  }

  @Test func continuesWithMoreSamples() throws {
    let method = Self.methods[0]
    let file = CheckpointFile(path: folder.path("run.npz"))
    let short = try sampler(method).run(checkpoint: file)
    let long = try sampler(method, samples: 70).run(checkpoint: file)
    #expect(long == (try sampler(method, samples: 70).run()))
    let again = try sampler(method).run(checkpoint: file)
    #expect(again.chains.map(\.values) == short.chains.map(\.values))
  }

  private func expectForeign(_ name: String, _ body: () throws -> Draws) {
    do {
      _ = try body()
      Issue.record("a checkpoint with another \(name) was taken")
    } catch SamplingError.foreignCheckpoint(_, let found, _, _) {
      #expect(found == name)
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test func refusesOtherRuns() throws {
    let path = folder.path("run.npz")
    let identity = ["temperature": "0.1", "data": "1234"]
    func run(
      _ identity: [String: String], dimension: Int = 4, method: SamplingMethod = Self.methods[0],
      _ change: (inout SamplingOptions) -> Void = { _ in }
    ) throws -> Draws {
      var options = options()
      change(&options)
      return try Sampler(QuarticDensity(dimension: dimension), method: method, options: options)
        .run(checkpoint: CheckpointFile(path: path, identity: identity))
    }
    _ = try run(identity)
    expectForeign("temperature") { try run(["temperature": "0.2", "data": "1234"]) }
    expectForeign("data") { try run(["temperature": "0.1"]) }
    expectForeign("seed") { try run(identity) { $0.seed = 6 } }
    expectForeign("chains") { try run(identity) { $0.chains = 2 } }
    expectForeign("warmup") { try run(identity) { $0.warmup = 61 } }
    expectForeign("target acceptance") {
      try run(identity, method: .hamiltonian(HamiltonianOptions(targetAcceptance: 0.9)))
    }
    expectForeign("dimension") { try run(identity, dimension: 5) }
    expectForeign("method") { try run(identity, method: .langevin(LangevinOptions(stepSize: 1))) }
    let error = SamplingError.foreignCheckpoint(path: "c.npz", name: "seed", found: "1", expected: "2")
    #expect("\(error)".hasPrefix("c.npz: a checkpoint of another run: seed is 1 there and 2 here"))
  }

  @Test func refusesDamagedFiles() throws {
    let path = folder.path("run.npz")
    let file = CheckpointFile(path: path)
    let sampler = try sampler(Self.methods[0])
    _ = try sampler.run(checkpoint: file)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let archive = try NPZArchive.read(path)

    for size in [0, 10, bytes.count / 2, bytes.count - 1] {
      try Data(bytes.prefix(size)).write(to: URL(fileURLWithPath: path))
      #expect(throws: (any Error).self) { try sampler.run(checkpoint: file) }
    }
    // One array is left out or has another size.
    for name in archive.names {
      for shortens in [false, true] {
        var writer = NPZWriter()
        for other in archive.names where other != name || shortens {
          let array = try archive.array(other)
          if other == "metadata" {
            let text = array.values().map { UInt8($0) }
            writer.add(
              other, bytes: other == name ? Array(text.dropLast()) : text,
              shape: [text.count - (other == name ? 1 : 0)])
          } else {
            let values = array.values()
            let kept = other == name ? Array(values.dropLast()) : values
            writer.add(other, kept, shape: [kept.count])
          }
        }
        try writer.write(to: path)
        #expect(throws: (any Error).self, "\(name)") { try sampler.run(checkpoint: file) }
      }
    }
    var writer = NPZWriter()
    writer.add("format_version", [2], shape: [])
    try writer.write(to: path)
    #expect(throws: SamplingError.otherCheckpointVersion(path: path, found: 2, expected: 3)) {
      try sampler.run(checkpoint: file)
    }
    #expect(throws: (any Error).self) {
      try sampler.run(checkpoint: CheckpointFile(path: folder.path("missing/run.npz")))
    }
  }
}

extension CheckpointTests {
  /// Numbers in a valid archive that no run can have, each in place of another text of the metadata.
  @Test(arguments: [
    ("\"iteration\":100", "\"iteration\":9223372036854775807"), ("\"iteration\":100", "\"iteration\":-1"),
    ("\"iteration\":100", "\"iteration\":99"), ("\"poolings\":4", "\"poolings\":-1"),
    ("\"poolings\":4", "\"poolings\":9223372036854775807"), ("\"poolings\":4", "\"poolings\":5"),
    ("\"transitions\":60", "\"transitions\":9223372036854775807"),
    ("\"stepSize\":", "\"stepSize\":1e-320,\"was\":"), ("\"stepSize\":", "\"stepSize\":1e300,\"was\":"),
    ("\"trajectoryLength\":", "\"trajectoryLength\":-1,\"was\":"), ("\"logStep\":", "\"logStep\":1e9,\"was\":"),
  ])
  func impossibleNumbers(text: String, replacement: String) throws {
    try expectDamaged { name, array in
      guard name == "metadata" else { return nil }
      let json = String(decoding: array.values().map { UInt8($0) }, as: UTF8.self)
      let changed = Array(json.replacing(text, with: replacement).utf8)
      #expect(json.contains(text), "\(json)")
      return (.bytes(changed), [changed.count])
    }
  }

  /// Arrays of the right number of elements in another shape.
  @Test(arguments: [
    "draws_0", "position_1", "trajectory_counts_0", "squared_jumps_2", "monitored_means_0", "random_1",
  ])
  func otherShapes(name: String) throws {
    try expectDamaged { found, array in
      guard found == name else { return nil }
      let shape = array.shape.count == 2 ? Array(array.shape.reversed()) : [array.count, 1]
      return (.numbers(array.values()), shape)
    }
  }

  /// Draws may be without a number; the state of a chain may not.
  @Test(arguments: ["position_1", "trajectory_counts_0", "squared_jumps_2", "monitored_means_0", "random_1"])
  func notNumbers(name: String) throws {
    try expectDamaged { found, array in
      found == name ? (.numbers(array.values().map { _ in .nan }), array.shape) : nil
    }
  }

  private enum Content {
    case bytes([UInt8]), numbers([Double])
  }

  /// Expects that a checkpoint is refused after `change` has replaced some of its arrays.
  private func expectDamaged(_ change: (String, TypedArray) throws -> (Content, [Int])?) throws {
    let path = folder.path(UUID().uuidString + ".npz")
    let sampler = try sampler(.hamiltonian(HamiltonianOptions()))
    _ = try sampler.run(checkpoint: CheckpointFile(path: path))
    let archive = try NPZArchive.read(path)
    var writer = NPZWriter()
    for name in archive.names {
      let array = try archive.array(name)
      switch try change(name, array) {
      case (.bytes(let bytes), let shape)?: writer.add(name, bytes: bytes, shape: shape)
      case (.numbers(let numbers), let shape)?: writer.add(name, numbers, shape: shape)
      case nil where name == "metadata":
        writer.add(name, bytes: array.values().map { UInt8($0) }, shape: array.shape)
      case nil: writer.add(name, array.values(), shape: array.shape)
      }
    }
    try writer.write(to: path)
    #expect(throws: SamplingError.self) { try sampler.run(checkpoint: CheckpointFile(path: path)) }
  }
}
