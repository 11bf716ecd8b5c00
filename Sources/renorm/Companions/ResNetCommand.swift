import ArgumentParser
import Foundation
import Renorm
import RenormCompanions

struct ResNetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resnet",
    abstract: "Log-Gaussian ReLU ResNets: the law of the output where depth and width grow together.",
    discussion: """
      At initialisation the output of a ReLU ResNet of depth d and width n is not Gaussian where d/n is not \
      small: its norm is log-Gaussian. z(l+1) = alpha z(l) + lambda sqrt(2/n) W relu(z(l)); alpha = 0, \
      lambda = 1 is a plain network. docs/companions.md has the formulas.

      Examples:
        renorm resnet predict --n 100 --d 100 \\
          --alpha 0.70710678 --lambda 0.70710678
        renorm resnet simulate --n 100 --d 100 --balanced \\
          --alpha 0.70710678 --lambda 0.70710678 --draws 10000
      """,
    subcommands: [ResNetPredictCommand.self, ResNetSimulateCommand.self, ResNetLayersCommand.self])
}

/// The options that describe a ResNet and its input.
struct ResNetOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Width of the hidden layers, at least 2.", valueName: "n"))
  var n: WholeNumberList

  @Option(parsing: .unconditional, help: ArgumentHelp("Number of residual layers, at least 0.", valueName: "d"))
  var d: WholeNumberList

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Factor of the skip connection; one number, or a,b,c,... for every layer.", valueName: "list"))
  var alpha: NumberList

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Factor of the branch; one number, or a,b,c,... for every layer.", valueName: "list"))
  var lambda: NumberList

  @Flag(help: "Balanced network: relu(s z) with random signs s, fresh for every layer.")
  var balanced = false

  @Flag(help: "relu(s z) with one sign vector for all layers, which has the law of the plain network.")
  var sharedSigns = false

  @Option(parsing: .unconditional, help: "Number of inputs.")
  var nin = 1

  @Option(parsing: .unconditional, help: "Number of outputs.")
  var nout = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Norm |x| of the input. (default: sqrt(nin))", valueName: "norm"))
  var xNorm: Double?

  func validate() throws {
    if balanced, sharedSigns { throw ValidationError("--balanced and --shared-signs exclude each other") }
  }

  /// The network; of one width and depth.
  func shape() throws(RenormError) -> ResNetShape {
    for (name, list) in [("n", n), ("d", d)] where list.values.count != 1 {
      throw .invalidParameter(
        name: name, value: list.defaultValueDescription,
        accepted: "one number; lists are for `renorm resnet predict`")
    }
    return try shapes()[0]
  }

  /// Networks of all combinations of widths and depths, depths fastest.
  func shapes() throws(RenormError) -> [ResNetShape] {
    var shapes: [ResNetShape] = []
    for n in n.values {
      for d in d.values { shapes.append(try shape(width: n, depth: d)) }
    }
    return shapes
  }

  private func shape(width n: Int, depth d: Int) throws(RenormError) -> ResNetShape {
    // Lists of this length would not fit into memory; they are expanded before anything else is checked.
    guard d <= 10_000_000 else {
      throw .invalidParameter(name: "d", value: "\(d)", accepted: "a depth of at most 10000000")
    }
    guard n <= 100_000_000 else {
      throw .invalidParameter(name: "n", value: "\(n)", accepted: "a width of at most 100000000")
    }
    return try ResNetShape(
      width: n, depth: d, alphas: alpha.values, lambdas: lambda.values,
      gating: balanced ? .balanced : sharedSigns ? .sharedSigns : .vanilla)
  }

  func output(_ law: ResNetLaw, isInfinite: Bool = false) throws(RenormError) -> ResNetOutput {
    try ResNetOutput(law, inputs: nin, outputs: nout, inputNorm: xNorm, isInfinite: isInfinite)
  }
}

struct ResNetPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Mean and variance of log(|z_d|^2/|z_0|^2) and of the output's log norm.",
    discussion: """
      log(|z_d|^2/|z_0|^2) = logScale + G with G ~ N(mu, variance): variance = beta + interlayer and mu = \
      -beta/2 + hypoactivation. A balanced network has neither of the two corrections. --n and --d may be \
      lists: a row for every combination, in the report under `points`.

      Examples:
        renorm resnet predict --n 100 --d 100 \\
          --alpha 0.70710678 --lambda 0.70710678 --nin 10 --nout 10
        renorm resnet predict --n 50,100,200 --d 25,50,100 \\
          --alpha 0.70710678 --lambda 0.70710678
      """)

  @OptionGroup(title: "Network") var network: ResNetOptions
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Output") var seed: SeedOption

  func run() throws {
    try output.check()
    let points = try network.shapes().map { shape in
      let law = ResNetLaw(shape)
      return ResNetRecord(law, try network.output(law))
    }
    try output.write(points: points)
  }
}

struct ResNetSimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Draw networks of finite width and depth, and compare them with the law.",
    discussion: """
      Draws are exact and cost O(n d) each. `ks` is the statistic of Kolmogorov and Smirnov of log |zout|^2 \
      against the log-Gaussian law and against the Gaussian network of infinite width: the largest distance of \
      the distribution functions; `ksPValue` has the probabilities of larger ones.

      Example:
        renorm resnet simulate --n 100 --d 100 \\
          --alpha 0.70710678 --lambda 0.70710678 --draws 10000
      """)

  @OptionGroup(title: "Network") var network: ResNetOptions
  @Option(parsing: .unconditional, help: "Number of networks to draw.") var draws = 10_000
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    let shape = try network.shape()
    let law = ResNetLaw(shape)
    let (finite, infinite) = (try network.output(law), try network.output(law, isInfinite: true))
    let simulator = try ResNetSimulator(
      shape, inputs: network.nin, outputs: network.nout, inputNorm: network.xNorm)
    let sample = try ResNetSample(
      simulator, law: finite, infinite: infinite, count: draws, seed: random.seed, threads: random.threads)
    let record = ResNetSimulationRecord(
      theory: ResNetRecord(law, finite), sample: sample, seed: random.seed,
      histogram: ResNetHistogram(sample, finite, infinite))
    try output.write(record)
  }
}

struct ResNetLayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Hypoactivation, active units and correlations, layer by layer.",
    discussion: """
      hypoactivation is E h - 1 with h = 2 |relu(z)|^2/|z|^2; activeFraction the expected part of units that \
      relu passes. With --draws the same numbers from drawn networks stand beside them. The report has the \
      matrix of correlations between layers up to 200 layers.

      Example:
        renorm resnet layers --n 50 --d 20 \\
          --alpha 0.70710678 --lambda 0.70710678 --draws 20000
      """)

  @OptionGroup(title: "Network") var network: ResNetOptions
  @Option(parsing: .unconditional, help: "Number of networks to draw; 0 for none.") var draws = 0
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    let shape = try network.shape()
    let law = ResNetLaw(shape)
    var drawn: [ResNetSimulator.Draw] = []
    if draws != 0 {
      let simulator = try ResNetSimulator(shape)
      try simulator.check(draws: draws, recordsLayers: true)
      drawn = simulator.draws(draws, seed: random.seed, threads: random.threads, recordsLayers: true)
    }
    let record = ResNetLayersRecord(law, drawn)
    try output.write(record)
  }
}
