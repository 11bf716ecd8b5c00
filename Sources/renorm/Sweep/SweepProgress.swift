import Dispatch
import Foundation
import RenormSweep
import Synchronization

/// The progress of all processes that work at a store, on standard error, with the time left.
///
/// On a terminal one line is rewritten every second; elsewhere a line appears every ten seconds.
struct SweepProgress {
  /// What is shown; clear it before the process ends.
  let line: ProgressLine
  private let timer: (any DispatchSourceTimer)?

  init(_ plan: SweepPlan, _ store: SweepStore, isQuiet: Bool) {
    let line = ProgressLine(plan, store)
    self.line = line
    guard !isQuiet else { timer = nil; return }
    let period = line.isTerminal ? 1.0 : 10.0
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
    timer.schedule(deadline: .now() + period, repeating: period)
    timer.setEventHandler { line.show() }
    timer.resume()
    self.timer = timer
  }

  /// Removes the line and shows no more.
  func end() {
    timer?.cancel()
    line.end()
  }

  /// A duration as text: `12 s`, `3 min`, `1 h 20 min`.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.1: String(format: "%.2f s", seconds)
    case ..<10: String(format: "%.1f s", seconds)
    case ..<90: String(format: "%.0f s", seconds)
    case ..<5400: String(format: "%.0f min", seconds / 60)
    case ..<172_800: "\(Int(seconds / 3600)) h \(Int(seconds / 60) % 60) min"
    default: String(format: "%.1f days", seconds / 86_400)
    }
  }
}

/// The line on standard error.
final class ProgressLine: Sendable {
  private enum State { case new, shown, ended }

  let isTerminal = isatty(STDERR_FILENO) == 1
  private let store: SweepStore
  private let costs: [Double]
  private let clock = ContinuousClock()
  private let begin: ContinuousClock.Instant
  private let doneBefore: Double
  private let state = Mutex(State.new)

  init(_ plan: SweepPlan, _ store: SweepStore) {
    self.store = store
    costs = plan.pointCosts
    begin = clock.now
    doneBefore = Self.sum(costs, store.pointsWithFile)
  }

  private static func sum(_ costs: [Double], _ indices: [Int]) -> Double {
    indices.reduce(0) { $0 + (costs.indices.contains($1) ? costs[$1] : 0) }
  }

  func show() {
    let finished = store.pointsWithFile
    let done = Self.sum(costs, finished)
    let total = costs.reduce(0, +)
    let seconds = (clock.now - begin) / .seconds(1)
    var text = "\(finished.count) of \(costs.count) points"
    // A rate needs something to be done in this run.
    if done > doneBefore, total > 0 {
      text += ", about \(SweepProgress.duration(seconds * (total - done) / (done - doneBefore))) left"
    }
    state.withLock { state in
      guard state != .ended else { return }
      write(isTerminal ? "\r\u{1B}[K\(text)" : "renorm: \(text)\n")
      state = .shown
    }
  }

  /// Removes the line; nothing is shown afterwards.
  func end() {
    state.withLock { state in
      if state == .shown, isTerminal { write("\r\u{1B}[K") }
      state = .ended
    }
  }

  private func write(_ text: String) { StandardError.write(text) }
}
