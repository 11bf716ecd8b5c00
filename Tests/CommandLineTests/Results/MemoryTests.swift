import Foundation
import TestSupport
import Testing

/// What a fit is said to hold beside what it holds.
@Suite struct MemoryTests {
  /// Outputs, and a network of one output that has no class of trust, whose memory is its own.
  private static let networks: [(outputs: Int, network: [String])] = [
    (1, ["--width", "2000", "--node-prior", "bernoulli", "--node-parameter", "0.5"]), (1, ["--infinite-width"]),
    (3, ["--width", "500"]), (3, ["--infinite-width"]),
  ]

  /// Plans and peaks of two sizes, whose difference knows nothing of the program and its libraries. Half of a
  /// matrix is a seventh of the largest plan here.
  @Test(arguments: networks) func plansOfOneKernel(outputs: Int, network: [String]) throws {
    let scratch = try Scratch()
    func memory(_ count: Int) throws -> (plan: Double, peak: Double) {
      func numbers(_ columns: Int, size: Double) -> [UInt8] {
        npy([count, columns], (0..<count * columns).map { size * sin(1.7 * Double($0 * $0 % 7919)) })
      }
      try scratch.file("x.npy", numbers(8, size: 1))
      try scratch.file("y.npy", numbers(outputs, size: 0.1))
      try Tool.succeed(
        ["fit", "--architecture", "fc", "--temperature", "0.1", "--threads", "1", "--quiet"] + network
          + ["--train", "x.npy", "--train-labels", "y.npy", "--report", "r.json"], in: scratch)
      let report = try JSON(scratch.text("r.json"))
      #expect(report["nextOrder"] == .null)
      return (report["memory"]["estimatedBytes"].number, report["memory"]["peakResidentBytes"].number)
    }
    let (small, large) = try (memory(800), memory(2000))
    let (plan, peak) = (large.plan - small.plan, large.peak - small.peak)
    #expect(abs(plan - peak) < 0.12 * plan, "\(plan) bytes more planned, \(peak) more at the peak")
  }

  /// The class of trust gets what the fit leaves of the limit; where that is too little, there is none.
  @Test func classBesideTheFit() throws {
    let scratch = try Scratch()
    try scratch.write(Problem(count: 16), "train")
    let arguments = Arguments.fc + Arguments.images
    let whole = try fit(arguments + ["--test-fraction", "0.25"], in: scratch).report
    #expect(whole["nextOrder"] != .null)
    let limit = "\(Int(whole["memory"]["estimatedBytes"].number))"
    let limited = try fit(arguments + ["--test-fraction", "0.25", "--memory-limit", limit], in: scratch).report
    #expect(limited["nextOrder"] == .null && limited["orderParameter"] == whole["orderParameter"])
    guard case .text(let note) = limited["nextOrderNote"] else { Issue.record("no note"); return }
    #expect(note.hasSuffix(" are left; a larger --memory-limit finds it"), "\(note)")
  }
}
