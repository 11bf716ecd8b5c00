internal import CNumerics
internal import Foundation

/// Calls BLAS or LAPACK on the threads that `Parallel` prescribes to the caller, on one where the call is
/// small.
///
/// Every call of this module goes through here: how a sum is split among threads decides its last bits. The
/// number of threads depends on the sizes and on what was prescribed, on nothing else, so results repeat.
///
/// - Parameters m, n, k: sizes of which the product is about the number of multiply-adds.
func withBLAS<Result>(_ m: Int, _ n: Int, _ k: Int = 1, _ body: () -> Result) -> Result {
  switch BLASThreads.current {
  case .worker: return body()
  case .threads(let count): return BLASThreads.gate.with(BLASThreads.count(m, n, k, of: count), body)
  case .unspecified:
    return BLASThreads.gate.with(BLASThreads.count(m, n, k, of: BLASThreads.gate.initial), body)
  }
}

enum BLASThreads: Sendable {
  /// The number that BLAS chose when it was loaded.
  case unspecified
  case threads(Int32)
  /// Inside of a loop, which has set one thread already.
  case worker

  @TaskLocal static var current = BLASThreads.unspecified

  static let gate = BLASGate()

  /// The threads of a call of these sizes where `prescribed` may be used.
  static func count(_ m: Int, _ n: Int, _ k: Int, of prescribed: Int32) -> Int32 {
    Double(m) * Double(n) * Double(k) < Parallel.smallestSharedCall ? 1 : prescribed
  }
}

/// BLAS has one number of threads for the process, so callers that need different ones take turns; those that
/// need the same one run at the same time.
final class BLASGate: @unchecked Sendable {
  // All variables are guarded by the condition's lock.
  private let condition = NSCondition()
  private var threads: Int32
  private var callers = 0
  private var lastTicket = 0
  private var served = 0
  let initial: Int32

  fileprivate init() {
    initial = openblas_get_num_threads()
    threads = initial
  }

  func with<Result>(_ count: Int32, _ body: () -> Result) -> Result {
    enter(count)
    defer { leave() }
    return body()
  }

  /// In the order of arrival, so that nobody waits for ever.
  private func enter(_ count: Int32) {
    condition.lock()
    defer { condition.unlock() }
    lastTicket += 1
    let ticket = lastTicket
    while served + 1 < ticket || (callers > 0 && threads != count) { condition.wait() }
    served = ticket
    callers += 1
    if threads != count {
      openblas_set_num_threads(count)
      threads = count
    }
    if served < lastTicket { condition.broadcast() }
  }

  private func leave() {
    condition.lock()
    defer { condition.unlock() }
    callers -= 1
    if callers == 0, served < lastTicket { condition.broadcast() }
  }
}
