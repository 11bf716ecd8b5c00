import Foundation
import LinearAlgebra
import Renorm
import RenormNextOrder

/// The class of trust of a fit whose correction was not asked for, by what costs less than the fit: the next
/// order with few draws, a sketch, or nothing.
struct UnaskedTrust {
  private(set) var next: NextOrder?
  private(set) var sketch: TrustSketch?
  /// Why there is none, and how to get it; nil where it is there or not defined.
  private(set) var missing: String?

  /// Points at which means are taken.
  private static let points = 200
  private static let sketchPoints = 100

  /// - Parameter leading: predictions at `inputs`; nil without held-out examples, where training inputs stand
  ///   for them.
  init(
    _ posterior: Posterior, _ leading: Prediction?, _ inputs: Matrix?, _ targets: Matrix?,
    _ compute: ComputeOptions, _ progress: inout Progress
  ) {
    var options = NextOrderOptions.trust(for: posterior.network.activation)
    options.threads = compute.threads
    // What the fit holds stays.
    let limit = compute.memoryLimit.map { max($0.bytes - posterior.matrixBytes, 1) }
    options.memoryLimit = limit
    let all = inputs ?? posterior.training.inputs
    guard posterior.solution.convergence.converged, all.columns > 0,
      (try? posterior.network.checkHiddenUnit(outputs: posterior.training.outputs)) != nil
    else { return }
    func known(_ limit: Int) -> [Double]? {
      inputs.flatMap { _ in targets.map { Self.part($0.transposed, limit).transposed.column(0) } }
    }
    do {
      let points = Self.part(all)
      if NextOrderCost(posterior, points: points.columns, draws: options.draws ?? 0).isSmall {
        progress.begin(.correct)
        next = try NextOrder(posterior, points: points, targets: known(Self.points), options: options)
        drop(next?.summary)
        return
      }
      let few = Self.part(all, Self.sketchPoints)
      let cost = NextOrderCost(posterior, points: few.columns, draws: options.draws ?? 0)
      // Features of linear units have no cumulants: all that would be left is what a sketch leaves out.
      guard !posterior.network.activation.isLinear, let plan = cost.sketch else {
        missing = Self.advice(
          "it would take about \(String(format: "%.1f", max(cost.excess, 1.1))) times as long as the fit")
        return
      }
      progress.begin(.correct)
      sketch = try TrustSketch(
        posterior, points: few, leading: posterior.predict(few), targets: known(Self.sketchPoints), plan: plan,
        threads: compute.cores, memoryLimit: limit ?? MemoryPlan.defaultLimit)
      drop(sketch?.summary)
    } catch RenormError.outOfMemory(let what, let bytes, let available, _) {
      // Beside the fit; alone, as asked for, it would take no less.
      missing = Self.advice(
        "\(what) take \(gibibytes(bytes)), and \(gibibytes(available)) are left",
        remedy: "a larger --memory-limit finds it")
    } catch {
      // What was not asked for does not fail.
      missing = Self.advice("\(error)")
    }
  }

  /// Forgets numbers that no report can hold.
  private mutating func drop(_ summary: NextOrderSummary?) {
    guard summary?.isFinite == false else { return }
    (next, sketch) = (nil, nil)
    missing = Self.advice("its numbers are not finite", remedy: "rescale the targets")
  }

  private static func advice(_ reason: String, remedy: String = "--order next finds it") -> String {
    "the class of trust was not found: \(reason); \(remedy)"
  }

  /// Columns at equal distances, at most `limit`.
  static func part(_ all: Matrix, _ limit: Int = points) -> Matrix {
    guard all.columns > limit else { return all }
    return Matrix(rows: all.rows, columns: limit) { all[$0, $1 * all.columns / limit] }
  }
}
