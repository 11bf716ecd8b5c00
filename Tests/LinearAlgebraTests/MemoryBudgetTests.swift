import Foundation
import Testing

@testable import LinearAlgebra

@Suite struct MemoryBudgetTests {
  @Test func budgetIsAPartOfTheMachine() {
    let bytes = MemoryBudget.available()
    #expect(bytes > 0 && bytes < Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// The narrowest limit of all groups that hold the process counts, without what it holds of files.
  @Test func groupsThatHoldTheProcess() {
    let version2 = [
      "/proc/meminfo": "MemTotal: 99999 kB\nMemAvailable:   4000000 kB\n",
      "/proc/self/cgroup": "0::/slurm/job_7/step_0\n",
      "/sys/fs/cgroup/slurm/memory.max": "max\n", "/sys/fs/cgroup/slurm/memory.current": "5\n",
      "/sys/fs/cgroup/slurm/job_7/memory.max": "1000000\n",
      "/sys/fs/cgroup/slurm/job_7/memory.current": "300000\n",
      "/sys/fs/cgroup/slurm/job_7/memory.stat": "anon 7\ninactive_file 100000\n",
      "/sys/fs/cgroup/slurm/job_7/step_0/memory.max": "3000000",
      "/sys/fs/cgroup/slurm/job_7/step_0/memory.current": "0",
    ]
    #expect(MemoryBudget.available { version2[$0] } == 560_000)
    let version1 = [
      "/proc/self/cgroup": "5:cpuset:/\n4:cpu,memory:/slurm/job:7\n0::/\n",
      "/sys/fs/cgroup/memory/slurm/job:7/memory.limit_in_bytes": "2000000",
      "/sys/fs/cgroup/memory/slurm/job:7/memory.usage_in_bytes": "500000",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
      "/sys/fs/cgroup/memory/memory.usage_in_bytes": "800000",
    ]
    #expect(MemoryBudget.available { version1[$0] } == 1_050_000)
    // What is taken counts for what is free only.
    #expect(
      MemoryBudget.total { version2[$0] } == 1_000_000 && MemoryBudget.total { version1[$0] } == 2_000_000)
    #expect(MemoryBudget.free { version2[$0] } == 800_000)
    // Used up: nothing is left, and not less.
    let full = [
      "/proc/self/cgroup": "0::/", "/sys/fs/cgroup/memory.max": "10", "/sys/fs/cgroup/memory.current": "20",
    ]
    #expect(MemoryBudget.available { full[$0] } == 0)
  }
}

/// Limits of the address space, as `ulimit -v` sets them.
@Suite struct AddressSpaceTests {
  @Test func limitsAreCounted() {
    let files = [
      "/proc/meminfo": "MemAvailable: 1000000 kB\n",
      "/proc/self/limits": "Limit  Soft  Hard  Units\nMax address space   4096000   8192000   bytes\n",
      "/proc/self/status": "Name: renorm\nVmSize:\t 1000 kB\n",
    ]
    #expect(MemoryBudget.free { files[$0] } == 4_096_000 - 1_024_000)
    let unlimited = files.merging(["/proc/self/limits": "Max address space  unlimited unlimited bytes\n"]) {
      $1
    }
    #expect(MemoryBudget.free { unlimited[$0] } > 4_096_000)
  }

  @Test func shortage() {
    #expect(MemoryBudget.shortage(of: 1000) == nil)
    #expect(MemoryBudget.shortage(of: .max) != nil)
  }
}
