import Renorm
import Testing

@testable import RenormSweep

/// Processes against what a machine has.
@Suite struct MachineDemandTests {
  @Test func memoryOfTheMachine() throws {
    let demand = MachineDemand(processes: 4, threads: 1, bytes: 3 << 30)
    try demand.check(machine: 12 << 30)
    #expect(
      message { try demand.check(machine: 10 << 30) }
        == "4 processes (`jobs`) on this machine need 3.0 GiB each, and it has 10.0 GiB; accepted: at most 3, or a sweep "
        + "that is begun with a smaller `memory-limit`")
    #expect(
      message { try demand.check(machine: 2 << 30) }.hasSuffix(
        "; accepted: a machine with more memory, or a sweep that is begun with a smaller `memory-limit`"))
    #expect(throws: StoreError.self) {
      try MachineDemand(processes: 1024, threads: 1, bytes: .max / 2).check(machine: .max - 1)
    }
  }

  @Test func whatSlowsDown() {
    let demand = MachineDemand(processes: 4, threads: 2, bytes: 1 << 30)
    #expect(demand.warnings(available: 4 << 30, cores: 8).isEmpty)
    #expect(
      demand.warnings(available: 3 << 30, cores: 6) == [
        "4 processes may hold 4.0 GiB together, and 3.0 GiB are free: the machine may begin to swap",
        "4 processes with 2 threads each share 6 cores, so that they wait for each other",
      ])
  }

  /// What a process comes to hold is what its kernels need, and no more than it may.
  @Test func bytesOfAPlan() throws {
    let plan = try SmallSweep(count: 200).plan("architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.1, 1]")
    let free = MachineDemand(plan, processes: 2, threads: 1, memoryLimit: 1 << 40)
    #expect(free.bytes > 1 << 20 && free.bytes < 1 << 30)
    let limit = free.bytes * 3 / 4
    let limited = MachineDemand(plan, processes: 2, threads: 1, memoryLimit: limit)
    #expect(limited.bytes <= limit && limited.bytes > 0)
  }
}
