import ArgumentParser
import Renorm
import RenormFiles

struct EvaluationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluations",
    abstract: "Count evaluations to a gradient norm of 1e-8.",
    discussion: """
      An evaluation is one renormalized kernel, one factorisation and one gradient. A curvature counts as one, \
      though it is not one in time: compare `kernels`.
      """)

  @OptionGroup var options: BenchmarkOptions
  @Option(parsing: .upToNextOption, help: "Numbers of positions of the table over n and P.")
  var positions = [4, 16, 36, 64]
  @Option(parsing: .upToNextOption, help: "Numbers of examples of the table over n and P.")
  var examples = [100, 300, 1000, 2000]
  @Option(help: "Problems of the table of targets, the first ones; the others are left out.")
  var targets = Self.targets.count
  @Option(help: "Leave out fits whose bank is larger than this many GiB.")
  var largestBank = 4.0

  struct Row: Codable {
    let problem: Problem
    let positions: Int
    let target: Int?
    let fit: FitTiming
  }

  struct Report: Codable {
    let machine: Machine
    let rows: [Row]
  }

  /// The problems of the table of targets; 0 stands for any count.
  static let targets: [(Problem, Int)] = [
    (mnist([0, 1], 100, width: 50), 8), (mnist([3, 8], 300, width: 150), 12),
    (mnist([3, 8], 300, width: 30, lambda1: 0.1), 11), (mnist([3, 8], 300, width: 3000), 5),
    (cifar(width: 75, temperature: 1e-3, lambda1: 1), 20), (cifar(width: 20, temperature: 1e-4, lambda1: 5), 0),
  ]

  private static func mnist(_ classes: [Int], _ examples: Int, width: Int, lambda1: Double = 1) -> Problem {
    Problem(classes: classes, examples: examples, mask: 7, stride: 7, width: width, lambda1: lambda1)
  }

  private static func cifar(width: Int, temperature: Double, lambda1: Double) -> Problem {
    Problem(
      source: .cifar, classes: [0, 1], examples: 300, mask: 8, stride: 8, width: width,
      temperature: temperature,
      lambda1: lambda1)
  }

  func run() throws {
    options.apply()
    let machine = Machine(threads: options.threads)
    print(machine, "\n")
    print(Self.heading)
    var rows: [Row] = []
    for (problem, target) in Self.targets.prefix(max(0, targets)) {
      rows.append(try row(problem, target: target))
    }
    for source in [Problem.Source.mnist, .cifar] {
      for n in positions {
        for p in examples where Double(n * (n + 1) / 2 * p * (p + 1) / 2) * 8 <= largestBank * 0x1p30 {
          rows.append(try row(.convolutional(positions: n, source: source, examples: p), target: nil))
        }
      }
    }
    try options.write(Report(machine: machine, rows: rows))
  }

  private static let heading =
    "problem".padded(74) + "evaluations".leftPadded(12) + "curvatures".leftPadded(12) + "sum".leftPadded(5)
    + "target".leftPadded(8) + "norm".leftPadded(11) + "kernels s".leftPadded(11) + "solve s".leftPadded(10)

  private func row(_ problem: Problem, target: Int?) throws -> Row {
    let (posterior, timing) = try problem.fit(try problem.load().train, threads: options.threads)
    let limit = target.map { $0 == 0 ? "any" : "\($0)" } ?? ""
    print(
      problem.name.padded(74) + "\(timing.evaluations)".leftPadded(12)
        + "\(timing.curvatureEvaluations)".leftPadded(12) + "\(timing.count)".leftPadded(5)
        + limit.leftPadded(8)
        + timing.gradientNorm.text(2).leftPadded(11) + timing.kernels.text(3).leftPadded(11)
        + timing.solve.text(3).leftPadded(10) + (timing.converged ? "" : "  not converged"))
    return Row(
      problem: problem, positions: posterior.grid.rows * posterior.grid.columns, target: target, fit: timing)
  }
}
