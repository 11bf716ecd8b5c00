import Synchronization
import Testing

@testable import LinearAlgebra

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

  /// Small calls take one thread whatever is prescribed, so their bits do not depend on it; large ones what is
  /// prescribed.
  @Test func smallCallsTakeOneThread() {
    for order in [0, 1, 100, 1587] { #expect(BLASThreads.count(order, order, order, of: 4) == 1) }
    for order in [1588, 3000, .max] { #expect(BLASThreads.count(order, order, order, of: 4) == 4) }
    let a = Matrix(rows: 300, columns: 300) { i, j in 1 / Double(1 + i + 2 * j) }
    let one = Parallel.withThreads(1) { a * a }
    #expect(Parallel.withThreads(2) { a * a } == one && Parallel.withThreads(3) { a * a } == one)
  }

  /// Neighbours that use BLAS on other threads, or loop, do not change the last bit of a result.
  @Test(arguments: [1, 2, 3]) func neighboursLeaveNoTrace(threads: Int) async {
    func results() -> [Matrix] {
      Parallel.withThreads(threads) {
        [30, 120, 400].flatMap { order in
          let a = Matrix(rows: order, columns: order) { i, j in (i == j ? 3 : 0) + 1 / Double(1 + i + 2 * j) }
          let b = Matrix.symmetricProduct(lower: a, a)
          return [b, a.asTranspose * a, (try? Cholesky(a))?.inverseLowerTriangle()].compactMap(\.self)
        }
      }
    }
    let alone = results()
    await withTaskGroup(of: Void.self) { group in
      for neighbour in 1...4 {
        group.addTask {
          let square = Matrix(rows: 90, columns: 90, repeating: 1)
          for _ in 0..<50 {
            Parallel.withThreads(neighbour) { _ = square * square }
            Parallel.forEachWorker(4, threads: neighbour) { _ in _ = square * square }
          }
        }
      }
      for _ in 0..<10 { #expect(results() == alone) }
    }
  }

  /// Inside of a loop the cores are in use already, whatever is asked for; errors pass through.
  @Test func scopesMayBeNested() throws {
    let sums = Mutex([Double](repeating: 0, count: 8))
    Parallel.withThreads(2) {
      Parallel.forEachWorker(8, threads: 4) { indices in
        for index in indices {
          let sum = Parallel.withThreads(3) {
            (Matrix(rows: 20, columns: 20, repeating: 1) * Matrix(rows: 20, columns: 20, repeating: 1)).trace
          }
          sums.withLock { $0[index] = sum }
        }
      }
    }
    #expect(sums.withLock { $0 } == [Double](repeating: 400, count: 8))
    #expect(throws: LinearAlgebraError.notPositiveDefinite(pivot: 1, order: 1)) {
      try Parallel.withThreads(0) { () throws(LinearAlgebraError) in
        try Cholesky(Matrix(rows: 1, columns: 1, elements: [-1]))
      }
    }
  }

  @Test func coresAreCounted() {
    #expect(Parallel.availableCores >= 1)
    #expect(Parallel.workers(3, threads: 8) == 3 && Parallel.workers(0, threads: 8) == 1)
  }
}
