internal import CNumerics
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Loops over independent pieces of work on several cores.
public enum Parallel {
  /// The number of cores that this process may use.
  public static var availableCores: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// Calls `body(index, worker)` for every index in 0..<count, at most `threads` at a time.
  ///
  /// `worker`, in 0..<threads, is never shared by two calls at one time, so it can select scratch storage.
  /// The calls must not write to common storage; then the results do not depend on `threads`. BLAS runs on
  /// one thread per call meanwhile, so the cores are not oversubscribed.
  public static func forEach(_ count: Int, threads: Int, _ body: (_ index: Int, _ worker: Int) -> Void) {
    let workers = min(max(threads, 1), count)
    guard workers > 1 else {
      for index in 0..<count { body(index, 0) }
      return
    }
    let blasThreads = openblas_get_num_threads()
    openblas_set_num_threads(1)
    defer { openblas_set_num_threads(blasThreads) }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      // Callers keep the writes of different calls apart, which the compiler cannot see.
      nonisolated(unsafe) let body = body
      DispatchQueue.concurrentPerform(iterations: workers) { worker in
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index, worker)
        }
      }
    }
  }
}
