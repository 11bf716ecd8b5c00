import LinearAlgebra
import Synchronization
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 1000], [-1, 0, 1, 2, 3, 16]) func everyIndexOnce(count: Int, threads: Int) {
    let visits = Mutex([Int](repeating: 0, count: count))
    Parallel.forEach(count, threads: threads) { index, _ in visits.withLock { $0[index] += 1 } }
    #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
  }

  @Test(arguments: [1, 2, 5]) func aWorkerIsNeverSharedAtOneTime(threads: Int) {
    let busy = Mutex(Set<Int>())
    let clashes = Mutex(0)
    Parallel.forEach(500, threads: threads) { _, worker in
      let entered = busy.withLock { $0.insert(worker).inserted }
      if !entered || worker < 0 || worker >= threads { clashes.withLock { $0 += 1 } }
      _ = (0..<200).reduce(0, &+)
      busy.withLock { _ = $0.remove(worker) }
    }
    #expect(clashes.withLock { $0 } == 0)
  }

  @Test func resultsDoNotDependOnThreads() {
    func run(_ threads: Int) -> [Double] {
      var result = [Double](repeating: 0, count: 100)
      result.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let buffer = buffer
        Parallel.forEach(100, threads: threads) { index, _ in
          buffer[index] = (0...index).reduce(0) { $0 + 1 / Double(1 + $1) }
        }
      }
      return result
    }
    let sequential = run(1)
    for threads in [2, 3, 8] { #expect(run(threads) == sequential) }
  }

  @Test func loopsMayBeNested() {
    let sum = Mutex(0)
    Parallel.forEach(4, threads: 2) { i, _ in
      Parallel.forEach(4, threads: 2) { j, _ in sum.withLock { $0 += 4 * i + j } }
    }
    #expect(sum.withLock { $0 } == 120)
  }

  @Test func coresAreCounted() { #expect(Parallel.availableCores >= 1) }
}
