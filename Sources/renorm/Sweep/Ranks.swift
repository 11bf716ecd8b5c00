import ArgumentParser
import Foundation
import RenormSweep

/// The place of this process among those that an MPI launcher, or srun, has started together.
struct Ranks: Equatable {
  /// From 0.
  let rank: Int
  let count: Int
  /// Processes on this machine.
  let localCount: Int

  /// From the environment; nil for a process that was started alone.
  init?(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) } }
    // Open MPI, MPICH and Intel MPI, srun. A batch script has SLURM_PROCID too, but no step.
    let names =
      [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        ("PMI_RANK", "PMI_SIZE", "MPI_LOCALNRANKS"),
      ] + (environment["SLURM_STEP_ID"] == nil ? [] : [("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "")])
      + (environment["SLURM_STEP_ID"] == nil ? [] : [("SLURM_PROCID", "SLURM_NTASKS", "")])
    for (rankName, sizeName, localName) in names {
      guard let rank = number(rankName), let count = number(sizeName), count > 1, (0..<count).contains(rank),
        count <= ShardArgument.largestCount
      else { continue }
      self.rank = rank
      self.count = count
      let nodes = max(1, number("SLURM_STEP_NUM_NODES") ?? number("SLURM_NNODES") ?? 1)
      localCount = min(max(1, number(localName) ?? (count - 1) / nodes + 1), count)
      return
    }
    return nil
  }
}

/// A part of a sweep, `3/8`, for one job of an array.
struct ShardArgument: ExpressibleByArgument {
  /// The most parts; more than any array of jobs has.
  static let largestCount = 100_000

  let share: SweepShare

  init?(argument: String) { self.init(argument, isExclusive: true) }

  init?(_ text: String, isExclusive: Bool) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1],
      (1...Self.largestCount).contains(count), (1...count).contains(number)
    else { return nil }
    share = SweepShare(index: number - 1, count: count, isExclusive: isExclusive)
  }

  var text: String { "\(share.index + 1)/\(share.count)" }
}
