internal import Dispatch
internal import Foundation

/// Loops over independent pieces of work on several cores.
public enum Parallel {
  /// The number of cores that this process may use.
  public static var availableCores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Multiply-adds from which a call of BLAS is worth several threads: a factorisation of order 1600.
  ///
  /// BLAS waits for its threads by yielding, several times in a call, so on a busy machine a shared call lasts
  /// for as many slices of the scheduler as others take, of a few milliseconds each. A sweep of CNNs at P = 500
  /// took 75 to 190 s on two cores with a load of 9, and 8 to 25 s with one thread; on an idle machine two
  /// threads save a few milliseconds a call.
  package static let smallestSharedCall = 4e9

  /// The number of threads that was prescribed to the caller by `withThreads`; 1 inside of a loop over workers.
  package static var prescribedThreads: Int {
    switch BLASThreads.current {
    case .worker: 1
    case .threads(let count): Int(count)
    case .unspecified: Int(BLASThreads.gate.initial)
    }
  }

  /// Runs `body` with BLAS and LAPACK on so many threads, small calls on one. Inside of a loop over workers
  /// they stay on one.
  ///
  /// Results of `body` depend on `threads` but not on what else the process computes meanwhile: callers that
  /// need different numbers of threads take turns, a call of BLAS or a loop each.
  public static func withThreads<Result, Failure: Error>(
    _ threads: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if case .worker = BLASThreads.current { return try body() }
    return try BLASThreads.$current.withValue(.threads(Int32(clamping: max(threads, 1)))) {
      Swift.Result { () throws(Failure) in try body() }
    }.get()
  }

  /// The number of workers for `count` pieces of work on at most `threads` cores.
  public static func workers(_ count: Int, threads: Int) -> Int { max(1, min(threads, count)) }

  /// The indices that one worker visits: every `workers`-th one, from the worker's own number.
  public struct Share: Sequence {
    /// The number of the worker, from 0.
    public let worker: Int
    let workers: Int
    let count: Int

    public func makeIterator() -> StrideTo<Int>.Iterator {
      stride(from: worker, to: count, by: workers).makeIterator()
    }
  }

  /// Splits 0..<count among workers, calls `body` once for each worker, at most `threads` of them, and waits.
  ///
  /// Which worker visits an index depends on `count` and `threads` only, so sums kept by each worker repeat
  /// exactly. The workers must not write to common storage. BLAS runs on one thread per worker meanwhile, so
  /// the cores are not oversubscribed.
  public static func forEachWorker(_ count: Int, threads: Int, _ body: (_ indices: Share) -> Void) {
    if case .worker = BLASThreads.current { return run(count, threads: threads, body) }
    BLASThreads.gate.with(1) { run(count, threads: threads, body) }
  }

  private static func run(_ count: Int, threads: Int, _ body: (_ indices: Share) -> Void) {
    let workers = workers(count, threads: threads)
    withoutActuallyEscaping(body) { body in
      // Callers keep the writes of different workers apart, which the compiler cannot see.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        BLASThreads.$current.withValue(.worker) { body(Share(worker: worker, workers: workers, count: count)) }
      }
    }
  }
}
