import Foundation
import Renorm
import RenormFiles
import RenormSampling

/// Progress on standard error, and the durations of the stages.
///
/// On a terminal one line is rewritten; elsewhere, such as in the log of a batch job, a line appears every ten
/// seconds.
struct Progress {
  enum Stage: String {
    case load = "reading data"
    case kernels = "computing kernels"
    case solve = "solving for the order parameter"
    case predict = "predicting"
    case correct = "correcting past leading order"
    case sample = "sampling"
  }

  private let isQuiet: Bool
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var stageStart: ContinuousClock.Instant
  private var lastLine: ContinuousClock.Instant
  private var stage: Stage?
  private var timing = TimingRecord()

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    start = clock.now
    stageStart = start
    lastLine = start
  }

  /// Ends the stage under way and begins another.
  mutating func begin(_ next: Stage) {
    closeStage()
    stage = next
    show(next.rawValue)
  }

  /// Shows what a fit reports.
  mutating func show(_ event: FitEvent) {
    switch event {
    case .computingKernels(let plan):
      begin(.kernels)
      announce(plan)
    case .slowKernels(let seconds, let variance):
      clear()
      ErrorLine.write(
        "warning: computing kernels takes about \(Self.time(seconds)): at variances of pre-activations up to "
          + "\(fourDigits(variance)) every element is a quadrature of its own; an activation with a closed form, or "
          + "where the variance is large a larger `lambda0`, is far quicker")
    case .solving: begin(.solve)
    case .evaluated(let count, let norm):
      show("\(Stage.solve.rawValue): evaluation \(count), gradient norm \(norm)")
    case .factoring: show("factoring")
    }
  }

  /// Shows how many draws are made, and the time that is left if the rest takes as long for each.
  mutating func show(_ sampling: SamplingProgress) {
    let left =
      seconds(clock.now - stageStart) / Double(sampling.doneNow) * Double(sampling.total - sampling.done)
    show("\(Stage.sample.rawValue): draw \(sampling.done) of \(sampling.total), \(Self.time(left)) left")
  }

  /// Shows what has come of a part of a longer run.
  mutating func note(_ text: String) { show(text) }

  /// A duration in words.
  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    switch whole {
    case ..<60: return "\(whole) s"
    case ..<3600: return "\(whole / 60) min \(whole % 60) s"
    default: return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }

  /// Ends the last stage, clears the line, and returns the durations in seconds.
  mutating func end() -> TimingRecord {
    closeStage()
    stage = nil
    timing.total = seconds(clock.now - start)
    clear()
    return timing
  }

  private mutating func closeStage() {
    let now = clock.now
    let duration = seconds(now - stageStart)
    switch stage {
    case .load: timing.load += duration
    case .kernels: timing.kernels += duration
    case .solve: timing.solve += duration
    case .predict: timing.predict += duration
    case .correct: timing.nextOrder = (timing.nextOrder ?? 0) + duration
    case .sample: timing.sample = (timing.sample ?? 0) + duration
    case nil: break
    }
    stageStart = now
  }

  /// A plan that takes long, or much memory, is worth a line of its own.
  private mutating func announce(_ plan: MemoryPlan) {
    guard !isQuiet, isTerminal || plan.storage != .float64 || plan.bytes > 1 << 30 else { return }
    clear()
    ErrorLine.write("\(plan)")
    show(Stage.kernels.rawValue)
  }

  private func clear() {
    if isTerminal, !isQuiet { write("\r\u{1B}[K") }
  }

  private mutating func show(_ text: String) {
    guard !isQuiet else { return }
    if isTerminal {
      write("\r\u{1B}[K\(text)")
    } else if clock.now - lastLine > .seconds(10) {
      lastLine = clock.now
      write("renorm: \(text)\n")
    }
  }

  private func write(_ text: String) { StandardError.write(text) }

  private func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
}
