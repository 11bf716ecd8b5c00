internal import GSLNumerics
internal import LinearAlgebra
internal import Synchronization

/// Independent draws on several cores that depend on the seed but not on the number of threads.
enum SeededDraws {
  /// Calls `draw` so many times. Blocks of `block` draws share a stream of random numbers, (seed, index of the
  /// block), and what `prepare` makes for them.
  static func map<Workspace, Value: Sendable>(
    _ count: Int, seed: UInt32, threads: Int? = nil, block: Int = 64, prepare: () -> Workspace,
    _ draw: (inout Workspace, RandomGenerator) -> Value
  ) -> [Value] {
    let blocks = (count + block - 1) / block
    let results = Mutex([Int: [Value]](minimumCapacity: blocks))
    Parallel.forEachWorker(blocks, threads: threads ?? Parallel.availableCores) { indices in
      var workspace = prepare()
      for index in indices {
        let random = RandomGenerator(seed: seed, stream: index)
        let values = (index * block..<min(count, (index + 1) * block)).map { _ in draw(&workspace, random) }
        results.withLock { $0[index] = values }
      }
    }
    return results.withLock { results in (0..<blocks).flatMap { results[$0] ?? [] } }
  }

  /// The same without a workspace.
  static func map<Value: Sendable>(
    _ count: Int, seed: UInt32, threads: Int? = nil, block: Int = 64, _ draw: (RandomGenerator) -> Value
  ) -> [Value] {
    map(count, seed: seed, threads: threads, block: block, prepare: { () }) { _, random in draw(random) }
  }
}
