import LinearAlgebra
import Synchronization
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 1000], [-1, 0, 1, 2, 3, 16]) func everyIndexOnce(count: Int, threads: Int) {
    let visits = Mutex([Int](repeating: 0, count: count))
    Parallel.forEachWorker(count, threads: threads) { indices in
      for index in indices { visits.withLock { $0[index] += 1 } }
    }
    #expect(visits.withLock { $0 } == [Int](repeating: 1, count: count))
  }

  /// Which worker visits an index is fixed, so that sums kept by each worker repeat.
  @Test(arguments: [1, 2, 5]) func sharesAreFixed(threads: Int) {
    for _ in 0..<20 {
      let owners = Mutex([Int](repeating: -1, count: 103))
      Parallel.forEachWorker(103, threads: threads) { indices in
        for index in indices { owners.withLock { $0[index] = indices.worker } }
      }
      #expect(owners.withLock { $0 } == (0..<103).map { $0 % threads })
    }
  }

  @Test func loopsMayBeNested() {
    let sum = Mutex(0)
    Parallel.forEachWorker(4, threads: 2) { outer in
      for i in outer {
        Parallel.forEachWorker(4, threads: 2) { inner in
          for j in inner { sum.withLock { $0 += 4 * i + j } }
        }
      }
    }
    #expect(sum.withLock { $0 } == 120)
  }

  @Test func coresAreCounted() {
    #expect(Parallel.availableCores >= 1)
    #expect(Parallel.workers(3, threads: 8) == 3 && Parallel.workers(0, threads: 8) == 1)
  }
}
