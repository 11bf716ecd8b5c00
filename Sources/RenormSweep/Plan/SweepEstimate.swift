internal import Foundation
internal import LinearAlgebra
package import Renorm

/// What a sweep is estimated to take, with the formulas of docs/costs.md; an estimate, for it to be planned
/// with.
package struct SweepEstimate: Sendable, Encodable {
  /// One group of points that share kernels.
  package struct Group: Sendable, Encodable {
    /// Points of the group.
    package let points: Int
    /// The network, without temperature, width and lambda1.
    package let network: String
    /// P.
    package let trainCount: Int
    /// Seed of the permutation of the examples.
    package let shuffleSeed: UInt32?
    /// Sequences of points in which each starts from its predecessor.
    package let chains: Int
    /// Units of work that processes divide among themselves.
    package let units: Int
    /// How kernels are held; nil where they do not fit.
    package let storage: MemoryPlan.Storage?
    /// Bytes for kernels, held-out kernels included.
    package let bytes: Int
    /// Whether the kernels at held-out points are computed anew for every point.
    package let recomputesHeldOut: Bool
    /// Seconds for all points of the group in one process.
    package let seconds: Double
  }

  /// Number of points.
  package let points: Int
  /// Sequences of points in which each starts from its predecessor.
  package let chains: Int
  /// The groups, in the order of work.
  package let groups: [Group]
  /// Bytes of the largest group.
  package let bytes: Int
  /// Seconds for all points in one process.
  package let seconds: Double

  /// Estimates a plan.
  package init(_ plan: SweepPlan, _ model: CostModel, options: FitOptions) {
    let units = Dictionary(grouping: plan.units, by: \.group)
    // Groups that differ in their examples alone take the same memory.
    var memories: [PointParameters: Memory] = [:]
    groups = plan.groups.map { group in
      let kind = Self.kind(group)
      let memory = memories[kind] ?? Memory(group, plan, options)
      memories[kind] = memory
      return Self.group(group, units[group.number] ?? [], memory, plan, model)
    }
    points = plan.points.count
    chains = groups.reduce(0) { $0 + $1.chains }
    bytes = groups.map(\.bytes).max() ?? 0
    seconds = groups.reduce(0) { $0 + $1.seconds }
  }

  /// What a group holds.
  private struct Memory {
    /// nil where kernels do not fit.
    let plan: MemoryPlan?
    /// Bytes of kernels at held-out points; nil where they are computed anew.
    let heldOut: Int?

    init(_ group: SweepGroup, _ sweep: SweepPlan, _ options: FitOptions) {
      let plan = try? group.network.memoryPlan(
        image: sweep.image, examples: group.trainCount, outputs: sweep.outputs, options: options, isKept: true)
      let bytes = group.network.heldOutBytes(
        image: sweep.image, examples: group.trainCount,
        points: sweep.heldOutCounts.test + sweep.heldOutCounts.validation, outputs: sweep.outputs)
      self.plan = plan
      heldOut = plan.flatMap { bytes <= $0.limit - $0.bytes ? bytes : nil }
    }
  }

  /// What the memory of a group depends on.
  private static func kind(_ group: SweepGroup) -> PointParameters {
    var network = group.network.description
    // Infinite width alone needs fewer kernels.
    let width = network.width == .infinite ? Width.infinite : .finite(1)
    network = network.kernels
    network.width = width
    return PointParameters(network: network, trainCount: group.trainCount, shuffleSeed: nil)
  }

  private static func group(
    _ group: SweepGroup, _ units: [WorkUnit], _ memory: Memory, _ plan: SweepPlan, _ model: CostModel
  ) -> Group {
    let network = group.network
    let window = network.architecture.window.map { ", mask \($0.mask), stride \($0.stride)" } ?? ""
    let readout = network.readout.name == "independent" ? "" : ", \(network.readout.name)"
    // What is neither of these nor usual.
    let named: [NetworkParameter] = [.architecture, .activation, .mask, .stride, .readout, .lambda0]
    let others = Network.parameters.filter { $0.isInKernels && !named.contains($0) }.compactMap { parameter in
      network.description[parameter].flatMap {
        $0 == parameter.defaultValue ? nil : ", \(parameter.key) \($0.text)"
      }
    }
    return Group(
      points: group.points.count,
      network:
        "\(network.architecture.name), \(network.activation.name), lambda0 "
        + "\(network.lambda0)\(window)\(readout)\(others.joined())",
      trainCount: group.trainCount, shuffleSeed: group.shuffleSeed,
      chains: units.reduce(0) { $0 + $1.steps.count { plan.isStartOfChain($0) } }, units: units.count,
      storage: memory.plan?.storage, bytes: (memory.plan?.bytes ?? 0) + (memory.heldOut ?? 0),
      recomputesHeldOut: memory.heldOut == nil,
      seconds: units.reduce(0) { $0 + model.seconds(of: $1, plan) })
  }
}

extension SweepPlan {
  /// Whether a search begins from nothing; at infinite width there is no search.
  func isStartOfChain(_ step: WorkUnit.Step) -> Bool {
    step.predecessor == nil && points[step.point].parameters.network.width != .infinite
  }

  /// Whether several processes with one thread each are faster than one process with several: calls of BLAS on
  /// so few examples use one thread, and there is enough work to be worth the start of a process. It depends on
  /// the plan alone.
  package var gainsFromProcesses: Bool {
    units.count > 1
      && groups.allSatisfy {
        pow(Double($0.trainCount), 3) < Parallel.smallestSharedCall
      } && units.reduce(0) { $0 + CostModel.nominal.seconds(of: $1, self) } > 1
  }

  /// Relative costs of the points, each in the order of its index; the first of a group carries the kernels.
  package var pointCosts: [Double] {
    var costs = [Double](repeating: 0, count: points.count)
    for unit in units {
      let total = CostModel.nominal.seconds(of: unit, self)
      // Kernels and points of a unit are spread over its points: time left needs no more.
      for step in unit.steps { costs[step.point] = total / Double(unit.steps.count) }
    }
    return costs
  }
}
