internal import Foundation
internal import LinearAlgebra
internal import Renorm

/// What a machine does in a second; with the formulas of docs/costs.md, an estimate of what a sweep takes.
package struct CostModel: Sendable {
  /// Bytes that a pass over kernels reads in a second.
  let bytes: Double
  /// Floating-point operations of a factorisation in a second.
  let operations: Double
  /// Seconds for one value of a local kernel.
  let value: Double

  /// A machine of two cores of 2020; it decides how work is split, so it must not depend on the machine.
  static let nominal = CostModel(bytes: 15e9, operations: 3e10, value: 4.5e-9)

  /// Measures this machine for a few tenths of a second.
  package static func calibrated(threads: Int) -> CostModel {
    let order = 800
    let matrix = Matrix(rows: order, columns: order) { i, j in i == j ? 2 : 1 / Double(1 + i + j) }
    let wide = Matrix(rows: 4 * order, columns: 2 * order, repeating: 1)
    let long = [Double](repeating: 1, count: 2 * order)
    let (factor, pass) = Parallel.withThreads(threads) {
      _ = try? Cholesky(matrix)
      return (seconds(4) { _ = try? Cholesky(matrix) }, seconds(4) { _ = wide * long })
    }
    return CostModel(
      bytes: 8 * Double(wide.rows * wide.columns) / pass, operations: pow(Double(order), 3) / 3 / factor,
      value: 9e-9 / Double(threads))
  }

  private static func seconds(_ count: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    let times = (0..<count).map { _ in clock.measure(body) / .seconds(1) }
    return max(times.min() ?? 0, 1e-9)
  }

  /// Evaluations of a search, a curvature counted as 1.2: from nothing, and from a neighbour (measured on
  /// MNIST).
  private static let coldEvaluations = 9.0
  private static let warmEvaluations = 6.2
  /// Seconds of a point whatever its size, most of them to make its record durable, and of an evaluation.
  private static let pointOverhead = 2.5e-3
  private static let evaluationOverhead = 3e-4
  /// The order at which factorisations and passes reach about half of their speed: what small kernels take is
  /// measured on sweeps of P = 50 to 200 with 4 and 16 positions, where it is good to a factor of two.
  private static let halfSpeedOrder = 300.0

  /// Seconds of a unit of work, its kernels not included where an earlier unit has made them.
  func seconds(of unit: WorkUnit, _ plan: SweepPlan) -> Double {
    let group = plan.groups[unit.group]
    guard let sizes = GroupSizes(group, plan) else { return 0 }
    let isFirst = unit.number == 0 || plan.units[unit.number - 1].group != unit.group
    return unit.steps.reduce(isFirst ? kernels(sizes) : 0) {
      $0
        + point(
          sizes, isWarm: $1.predecessor != nil,
          isInfinite: plan.points[$1.point].parameters.network.width == .infinite)
    }
  }

  /// Seconds for the kernels of a group.
  func kernels(_ sizes: GroupSizes) -> Double {
    let (p, held) = (sizes.examples, sizes.heldOut)
    let values = sizes.squares * p * (p / 2 + held)
    let products = 2 * sizes.patch * values / operations
    let reduction = sizes.hasOneKernel ? 8 * pow(p, 3) / operations + 2 * p * p * held / operations : 0
    return values * value + products + reduction
  }

  /// Seconds for one point with kernels at hand.
  func point(_ sizes: GroupSizes, isWarm: Bool, isInfinite: Bool) -> Double {
    let (p, held, outputs) = (sizes.examples, sizes.heldOut, sizes.outputs)
    if sizes.hasOneKernel {
      return Self.pointOverhead
        + outputs * (1e-6 * p * outputs + 8 * p * (p + held) / bytes + 1e-9 * p * held)
    }
    if outputs > 1, !isInfinite { return coupledPoint(sizes, isWarm: isWarm) }
    let predictor =
      Self.pointOverhead + pow(p, 3) / 3 / operations + 8 * sizes.pairs * p * held / bytes + p * p * held
      / operations
    if isInfinite { return predictor }
    let evaluation =
      Self.evaluationOverhead + 8 * sizes.pairs * p * p / bytes
      + pow(p, 3) / operations * (1 + Self.halfSpeedOrder / p)
    // Of large kernels a curvature takes what a few passes take; of small ones its operations count.
    let curvature = 1.5 * 24 * sizes.pairs * p * p / (operations / 2) * min(1, 200 / p)
    return predictor + curvature + (isWarm ? Self.warmEvaluations : Self.coldEvaluations) * evaluation
  }
}

extension CostModel {
  /// Seconds for a point whose order parameter couples outputs at many positions: matrices of order P D, and
  /// sums over the kernels with D^2 columns, once for A and twice for the gradient. The curvature is a few
  /// solves.
  private func coupledPoint(_ sizes: GroupSizes, isWarm: Bool) -> Double {
    let order = sizes.examples * sizes.outputs
    let evaluation =
      Self.evaluationOverhead + pow(order, 3) / operations * (1 + Self.halfSpeedOrder / order)
      + 3 * sizes.squares * order * order / operations
    let predictor = order * order * sizes.heldOut * sizes.outputs / operations + kernels(sizes)
    return Self.pointOverhead + predictor + (isWarm ? Self.warmEvaluations : Self.coldEvaluations) * evaluation
  }
}

/// The sizes that cost and memory of a group depend on.
struct GroupSizes {
  /// P.
  let examples: Double
  /// Held-out points.
  let heldOut: Double
  /// D.
  let outputs: Double
  /// Pairs of positions that share a filter.
  let pairs: Double
  /// Ordered pairs of positions that share a filter.
  let squares: Double
  /// Inputs of a patch.
  let patch: Double
  let hasOneKernel: Bool

  init?(_ group: SweepGroup, _ plan: SweepPlan) {
    guard let grid = try? group.network.architecture.grid(on: plan.image) else { return nil }
    let groups = group.network.architecture.sharedFilterGroups(positions: grid.positions).map {
      Double($0.count)
    }
    examples = Double(group.trainCount)
    heldOut = Double(plan.heldOutCounts.test + plan.heldOutCounts.validation)
    outputs = Double(plan.outputs)
    // A deep network has a kernel for each hidden layer.
    let depth = Double(group.network.depth)
    pairs = depth * groups.reduce(0) { $0 + $1 * ($1 + 1) / 2 }
    squares = depth * groups.reduce(0) { $0 + $1 * $1 }
    patch = Double(grid.patchSize)
    hasOneKernel = group.hasOneKernel
  }
}
