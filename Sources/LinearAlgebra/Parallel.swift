internal import CNumerics
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Loops over independent pieces of work on several cores.
public enum Parallel {
  /// The number of cores that this process may use.
  public static var availableCores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Sets the number of threads of BLAS, which is one setting for the whole process.
  public static func setBLASThreads(_ count: Int) { openblas_set_num_threads(Int32(clamping: count)) }

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
    let workers = workers(count, threads: threads)
    SingleThreadedBLAS.enter()
    defer { SingleThreadedBLAS.leave() }
    guard workers > 1 else { return body(Share(worker: 0, workers: 1, count: count)) }
    withoutActuallyEscaping(body) { body in
      // Callers keep the writes of different workers apart, which the compiler cannot see.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { body(Share(worker: $0, workers: workers, count: count)) }
    }
  }
}

/// BLAS has one number of threads for the process, so loops that run at one time share the change.
private enum SingleThreadedBLAS {
  private static let state = Mutex<(loops: Int, threads: Int32)>((0, 1))

  static func enter() {
    state.withLock {
      if $0.loops == 0 {
        $0.threads = openblas_get_num_threads()
        openblas_set_num_threads(1)
      }
      $0.loops += 1
    }
  }

  static func leave() {
    state.withLock {
      $0.loops -= 1
      if $0.loops == 0 { openblas_set_num_threads($0.threads) }
    }
  }
}
