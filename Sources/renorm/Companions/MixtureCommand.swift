import ArgumentParser
import Renorm
import RenormCompanions

struct MixtureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mogp",
    abstract: "Dependent weights: networks whose limit is a mixture of Gaussian processes.",
    discussion: """
      Every node has a random variance that its outgoing weights share. Where some nodes keep a variance of \
      order one, the infinitely wide network is no Gaussian process but a mixture of them: outputs are \
      dependent, tails are heavy, few nodes matter. docs/companions.md has the formulas.

      Examples:
        renorm mogp laws
        renorm mogp triplet --law gbfry --alpha 0.5 --tau 2 --p 2000 \\
          --laplace 0.5,2
        renorm mogp sample --law horseshoe --draws 4000
        renorm mogp posterior --law beta --train d.csv --test t.csv \\
          --noise 0.25 --sv 1.41421356
        renorm mogp tails --law beta-pareto --tau 1.5 --t 6,12,24
        renorm mogp prune --law gbfry --alpha 0.3 --tau 5 \\
          --eps 1e-4,1e-3,1e-2
      """,
    subcommands: [
      MixtureLawsCommand.self, MixtureTripletCommand.self, MixtureSampleCommand.self,
      MixturePosteriorCommand.self,
      MixtureTailsCommand.self, MixturePruneCommand.self,
    ])
}

struct MixtureLawsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "laws",
    abstract: "List the laws of node variances, with their parameters and limits.",
    discussion: """
      a is the mass of nodes that vanish one by one, rho the intensity of those that stay: E exp(-t S) = \
      exp(-psi(t)) for the sum S of all variances, psi(t) = a t + int (1 - e^(-t w)) rho(dw).

      Example:
        renorm mogp laws --report laws.json
      """)

  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Output") var seed: SeedOption

  func run() throws {
    try output.check()
    let record = MixtureLawsRecord()
    try output.write(record)
  }
}

struct MixtureTripletCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "triplet",
    abstract: "Levy triplet and Laplace exponent of a law, beside those of networks of finite width.",
    discussion: """
      laplace is -log E exp(-t S) in the limit, finite the same for the sum of p drawn variances. Parameters \
      of the law and --p may be lists, such as --alpha 0.3,0.5: a row for every combination, in the report \
      under `points`.

      Examples:
        renorm mogp triplet --law gbfry --alpha 0.5 --tau 2 --p 2000 \\
          --laplace 0.5,2
        renorm mogp triplet --law gbfry --alpha 0.3,0.5 --tau 2,5
      """)

  @OptionGroup(title: "Law") var lawOptions: LawOptions
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Width of the finite networks, or a list.", valueName: "list"))
  var p = WholeNumberList([2000])
  @Option(parsing: .unconditional, help: ArgumentHelp("Arguments t of the exponent.", valueName: "list"))
  var laplace = NumberList([0.5, 2])
  @Option(parsing: .unconditional, help: ArgumentHelp("Points x of the tail rho((x, inf)).", valueName: "list"))
  var tail = NumberList([0.1, 1, 10])
  @Option(parsing: .unconditional, help: "Number of sums to draw.") var draws = 4000
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    var points: [MixtureTripletRecord] = []
    for (law, parameters) in try lawOptions.nodeLaws() {
      for width in p.values {
        let finite = try LevyTriplet.finiteExponents(
          law, width: width, at: laplace.values, draws: draws, seed: random.seed, threads: random.threads)
        let triplet = try LevyTriplet.estimateTriplet(
          law, width: width, at: tail.values, draws: draws, seed: random.seed, threads: random.threads)
        points.append(
          MixtureTripletRecord(
            law, parameters, times: laplace.values, tails: tail.values, finite: finite, triplet: triplet,
            width: width, draws: draws, seed: random.seed))
      }
    }
    try output.write(points: points)
  }
}

struct MixtureSampleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Draw outputs of networks from the prior, in the limit or at finite width.",
    discussion: """
      Inputs are the rows of a file, all columns; without --x the single input 1. With --finite p networks of \
      width p are drawn, without their weights, else the limit. correlationOfSquares is that of two outputs on \
      the first input; it is null where the variance of the kernel is infinite.

      Example:
        renorm mogp sample --law horseshoe --layers 1 --draws 4000 \\
          --x points.csv
      """)

  @OptionGroup(title: "Law") var lawOptions: LawOptions
  @OptionGroup(title: "Network") var networkOptions: MixtureNetworkOptions
  @Option(help: ArgumentHelp("Inputs, one in each row. (default: the input 1)", valueName: "file")) var x:
    String?
  @OptionGroup(title: "Network") var nodesOptions: MixtureNodesOptions
  @Option(parsing: .unconditional, help: "Number of draws.") var draws = 4000
  @Option(parsing: .unconditional, help: ArgumentHelp("Probabilities of the quantiles.", valueName: "list"))
  var quantiles = NumberList([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check(inputs: [x])
    let nodes = try nodesOptions.nodes()
    for p in quantiles.values where !(p >= 0 && p <= 1) {
      throw RenormError.invalidParameter(
        name: "quantiles", value: "\(p)", accepted: "probabilities from 0 to 1")
    }
    let law = try lawOptions.nodeLaw()
    let network = try networkOptions.network(law, MixtureNetworkOptions.inputs(x))
    let outputs = try network.outputs(nodes, draws: draws, seed: random.seed, threads: random.threads)
    let record = MixtureSampleRecord(
      network, nodes, outputs, probabilities: quantiles.values, seed: random.seed)
    try output.write(record)
  }
}

struct MixtureTailsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tails",
    abstract: "Tail probabilities of an output on the input 1, beside their power law.",
    discussion: """
      A law with tail index tau makes P(|Z| > t) fall as t^(-2 tau). The power law holds for large t.

      Example:
        renorm mogp tails --law beta-pareto --tau 1.5 --t 6,12,24
      """)

  @OptionGroup(title: "Law") var lawOptions: LawOptions
  @OptionGroup(title: "Network") var networkOptions: MixtureNetworkOptions
  @Option(parsing: .unconditional, help: ArgumentHelp("Thresholds.", valueName: "list")) var t: NumberList
  @OptionGroup(title: "Network") var nodesOptions: MixtureNodesOptions
  @Option(parsing: .unconditional, help: "Number of draws.") var draws = 100_000
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    let nodes = try nodesOptions.nodes()
    let network = try networkOptions.network(lawOptions.nodeLaw(), MixtureNetworkOptions.inputs(nil))
    let tails = try MixtureTails(
      network, nodes, thresholds: t.values, draws: draws, seed: random.seed, threads: random.threads)
    let record = MixtureTailsRecord(network.law.name, tails, draws: draws, seed: random.seed)
    try output.write(record)
  }
}

struct MixturePruneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "What is lost when nodes of small variance are dropped.",
    discussion: """
      --eps drops nodes with lambda <= eps, --kappa the fraction kappa with the smallest lambda. The loss is \
      E (Z - Z*)^2 on the input 1; theory is its limit for infinite width (for Pareto-stable nodes and --kappa \
      that of width p). share is the median share of the variances' sum that is dropped, of use where that sum \
      has no mean. slope is that of log loss against log eps. Parameters of the law and --p may be lists, such \
      as --alpha 0.3,0.5: a row for every combination, in the report under `points`.

      Examples:
        renorm mogp prune --law gbfry --alpha 0.3 --tau 5 \\
          --eps 1e-4,1e-3,1e-2
        renorm mogp prune --law gbfry --alpha 0.1,0.3,0.5 --tau 5 \\
          --eps 1e-3,1e-2
        renorm mogp prune --law deterministic --kappa 0.5,0.9
      """)

  @OptionGroup(title: "Law") var lawOptions: LawOptions
  @OptionGroup(title: "Network") var networkOptions: MixtureNetworkOptions
  @Option(parsing: .unconditional, help: ArgumentHelp("Thresholds of lambda.", valueName: "list"))
  var eps: NumberList?
  @Option(parsing: .unconditional, help: ArgumentHelp("Fractions of nodes to drop.", valueName: "list"))
  var kappa: NumberList?
  @Option(parsing: .unconditional, help: ArgumentHelp("Width of the networks, or a list.", valueName: "list"))
  var p = WholeNumberList([2000])
  @OptionGroup(title: "Network") var cut: TruncationOption
  @Option(parsing: .unconditional, help: "Number of networks.") var draws = 1000
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func validate() throws {
    guard (eps == nil) != (kappa == nil) else { throw ValidationError("give either --eps or --kappa") }
  }

  func run() throws {
    try output.check()
    try cut.check()
    let rules =
      eps?.values.map { MixturePruning.Rule.threshold($0) } ?? kappa?.values.map { .fraction($0) } ?? []
    var points: [MixturePruneRecord] = []
    for (law, parameters) in try lawOptions.nodeLaws() {
      let network = try networkOptions.network(law, MixtureNetworkOptions.inputs(nil))
      for width in p.values {
        let pruning = try MixturePruning(
          network, width: width, rules: rules, draws: draws, truncation: cut.truncation, seed: random.seed,
          threads: random.threads)
        points.append(
          MixturePruneRecord(law.name, parameters, pruning, width: width, draws: draws, seed: random.seed))
      }
    }
    try output.write(points: points)
  }
}
