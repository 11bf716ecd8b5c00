import ArgumentParser
import Foundation
import LinearAlgebra
import Renorm
import RenormFiles
import RenormSweep

struct SweepPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show what a sweep would compute: points, shared kernels, estimated time and memory.",
    discussion: "Reads the specification and the data, and refuses what `renorm sweep run` would refuse.")

  @OptionGroup var sweep: SweepOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    try compute.check()
    let specification = try sweep.required()
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let threads = compute.threads ?? Parallel.availableCores
    let estimate = SweepEstimate(
      plan, .calibrated(threads: threads),
      options: FitOptions(threads: threads, memoryLimit: compute.memoryLimit?.bytes))
    plan.warnings.forEach { ErrorLine.write("warning: \($0)") }
    if json {
      try StandardOutput.write(RecordEncoder.json(estimate))
    } else {
      try StandardOutput.write(Self.text(estimate))
    }
  }

  private static func text(_ estimate: SweepEstimate) -> String {
    var lines = [
      "\(counted(estimate.points, "point")), \(counted(estimate.groups.count, "group")) that share kernels, "
        + "\(counted(estimate.chains, "chain")) of warm starts",
      "estimated: \(Self.duration(estimate.seconds)) in one process, \(memory(estimate.bytes))",
    ]
    for group in estimate.groups {
      let seed = group.shuffleSeed.map { ", seed \($0)" } ?? ""
      let storage = group.storage.map { $0 == .float64 ? "" : " (\($0.rawValue))" } ?? " (does not fit)"
      lines.append(
        "  \(counted(group.points, "point")): \(group.network), P = \(group.trainCount)\(seed); "
          + "\(counted(group.units, "unit")), \(counted(group.chains, "chain")); "
          + "\(Self.duration(group.seconds)), \(memory(group.bytes))\(storage)")
      if group.recomputesHeldOut, group.storage != nil {
        lines.append(
          "    kernels at held-out points do not fit beside these and are computed anew for every point")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Below a second, start and files of a run take as long as its numbers.
  private static func duration(_ seconds: Double) -> String {
    seconds < 1 ? "less than a second" : SweepProgress.duration(seconds)
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func memory(_ bytes: Int) -> String {
    bytes < 1 << 30
      ? String(format: "%.0f MiB", (Double(bytes) / 0x1p20).rounded(.up))
      : String(format: "%.2f GiB", Double(bytes) / 0x1p30)
  }
}
