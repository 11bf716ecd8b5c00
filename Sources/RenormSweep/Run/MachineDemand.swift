internal import LinearAlgebra
internal import Renorm

/// What the processes of a sweep take together on one machine.
package struct MachineDemand: Sendable {
  /// Processes on this machine.
  package let processes: Int
  /// Cores of one process.
  package let threads: Int
  /// Bytes that one process comes to hold: those of the largest group, which stay below its limit.
  package let bytes: Int

  /// The demand of a plan under the settings of a store.
  package init(_ plan: SweepPlan, processes: Int, threads: Int, memoryLimit: Int) {
    let estimate = SweepEstimate(
      plan, .nominal, options: FitOptions(threads: threads, memoryLimit: memoryLimit))
    self.init(processes: processes, threads: threads, bytes: estimate.bytes)
  }

  init(processes: Int, threads: Int, bytes: Int) {
    (self.processes, self.threads, self.bytes) = (processes, threads, bytes)
  }

  private var total: Int {
    let (product, isTooLarge) = processes.multipliedReportingOverflow(by: bytes)
    return isTooLarge ? .max : product
  }

  /// Refuses what the machine can never hold.
  ///
  /// - Throws: `StoreError.tooManyProcesses`.
  package func check() throws(StoreError) { try check(machine: MemoryPlan.machineBytes) }

  func check(machine: Int) throws(StoreError) {
    guard total > machine else { return }
    throw .tooManyProcesses(count: processes, bytes: bytes, machine: machine)
  }

  /// What slows the machine down; each is one line.
  package var warnings: [String] {
    warnings(available: MemoryPlan.availableBytes, cores: Parallel.availableCores)
  }

  func warnings(available: Int, cores: Int) -> [String] {
    var lines: [String] = []
    if total > available {
      lines.append(
        "\(Self.counted(processes, "process", "processes")) may hold \(gibibytes(total)) together, and "
          + "\(gibibytes(available)) are free: the machine may begin to swap")
    }
    if processes.multipliedReportingOverflow(by: threads).overflow || processes * threads > cores {
      lines.append(
        "\(Self.counted(processes, "process", "processes")) with \(Self.counted(threads, "thread", "threads")) "
          + "each share \(Self.counted(cores, "core", "cores")), so that they wait for each other")
    }
    return lines
  }

  private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(count) \(count == 1 ? one : many)"
  }
}
