import Foundation
import RenormFiles
import Testing

/// `renorm sample --similarity` and the picture of its file.
@Suite struct SimilaritySampleTests {
  let scratch: Scratch
  private let problem = Problem(count: 16)
  private static let short = ["--chains", "2", "--samples", "60", "--warmup", "60"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(problem, "train")
  }

  private func sample(_ network: [String], _ rest: [String]) -> [String] {
    ["sample"] + network.dropFirst() + Arguments.images + Self.short + ["--quiet"] + rest
  }

  private func archive(_ name: String) throws -> NPZArchive { try NPZArchive.read(scratch.path(name)) }

  @Test(arguments: [(Arguments.fc, 1), (Arguments.lcn, 4), (Arguments.cnn, 10)])
  func arrays(network: [String], pairs: Int) throws {
    try Tool.succeed(
      sample(network, ["--similarity", "s.npz", "--similarity-count", "5", "--report", "r.json"]), in: scratch)
    let file = try archive("s.npz")
    #expect(try file.array("positions").shape == [pairs, 2])
    for name in ["before", "after", "standardError"] {
      let array = try file.array(name)
      #expect(array.shape == [pairs, 5, 5] && array.values().allSatisfy(\.isFinite), "\(name)")
    }
    #expect(try file.array("targets").values() == problem.targets.prefix(5).map { $0 == 0 ? -1 : 1 })
    #expect(try file.array("standardError").values().allSatisfy { $0 > 0 })
    let diagnostics = try JSON(scratch.text("r.json"))["diagnostics"]["similarity"]
    #expect(diagnostics["rHat"].isNumber)
  }

  /// Before training: x x'/(lambda0 M) for the linear activation, at any pair of positions with one patch
  /// each. At T = 1e8 training changes nothing.
  @Test func linearPrior() throws {
    let network = [
      "fit", "--architecture", "cnn", "--mask", "2", "--shape", "1x4x4", "--activation", "linear", "--width",
      "10",
      "--lambda0", "0.5", "--temperature", "1e8", "--standardize", "none",
    ]
    try Tool.succeed(
      sample(
        network,
        ["--similarity", "s.npz", "--similarity-count", "3", "--similarity-positions", "1,2"]
          + ["--samples", "400"]),
      in: scratch)
    let file = try archive("s.npz")
    #expect(try file.array("positions").values() == [2, 1])
    // Pixels of position i from the upper left.
    let corners = [(0, 0), (0, 2), (2, 0), (2, 2)]
    let patch = { (x: Int, i: Int) in
      (0..<4).map { problem.inputs[x][4 * (corners[i].0 + $0 / 2) + corners[i].1 + $0 % 2] }
    }
    let (before, after, errors) = (
      try file.array("before").values(), try file.array("after").values(),
      try file.array("standardError").values()
    )
    for x in 0..<3 {
      for y in 0..<3 {
        let product = zip(patch(x, 2), patch(y, 1)).reduce(0) { $0 + $1.0 * $1.1 }
        expectClose(before[3 * x + y], product / (0.5 * 4), relative: 1e-12)
        #expect(abs(after[3 * x + y] - before[3 * x + y]) < 4.5 * errors[3 * x + y])
      }
    }
  }

  @Test(arguments: [
    (Arguments.cnn, ["--similarity-positions", "0,4"], "positions from 0 to 3"),
    (Arguments.lcn, ["--similarity-positions", "0,1"], "filters are independent"),
    (Arguments.fc, ["--similarity-count", "0"], "similarity-count is 0"),
    (Arguments.cnn, ["--similarity-positions", "a"], "similarity-positions"),
  ])
  func refusals(network: [String], change: [String], message: String) throws {
    try scratch.folder("out")
    let run = try Tool.run(sample(network, ["--similarity", "out/s.npz"] + change), in: scratch)
    #expect(run.exitCode == ExitCode.usage && run.errors.contains(message), "\(run)")
    #expect(run.output.isEmpty && scratch.names(in: "out").isEmpty)
  }

  @Test func tooManyNumbers() throws {
    try scratch.write(Problem(count: 150), "train")
    let run = try Tool.run(
      sample(Arguments.fc, ["--similarity", "s.npz", "--similarity-count", "150"]), in: scratch)
    #expect(run.exitCode == ExitCode.usage && run.errors.contains("take fewer similarity points"), "\(run)")
  }

  @Test func optionsWithoutTheFile() throws {
    let run = try Tool.succeed(sample(Arguments.fc, ["--similarity-count", "3"]), in: scratch)
    #expect(run.errors.contains("--similarity-count has no effect without --similarity"))
  }

  /// The picture needs gnuplot; its script does not.
  @Test func picture() throws {
    try Tool.succeed(sample(Arguments.cnn, ["--similarity", "s.npz", "--similarity-count", "6"]), in: scratch)
    for positions in [[], ["--positions", "1,2"], ["--positions", "2,1"]] {
      let run = try Tool.succeed(["plot", "similarity", "s.npz", "--script", "-"] + positions, in: scratch)
      #expect(run.output.hasPrefix("# Draw with: gnuplot") && run.output.contains("$data1 << EOD"))
    }
    let few = sample(
      Arguments.cnn, ["--similarity", "one.npz", "--similarity-count", "6", "--similarity-positions", "1,1"])
    try Tool.succeed(few, in: scratch)
    let missing = try Tool.run(
      ["plot", "similarity", "one.npz", "--script", "-", "--positions", "0,1"], in: scratch)
    #expect(
      missing.exitCode == ExitCode.usage && missing.errors.contains("does not hold the pair"), "\(missing)")
  }
}
