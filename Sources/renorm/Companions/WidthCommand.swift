import ArgumentParser
import Renorm
import RenormCompanions

struct WidthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "width",
    abstract: "Width exponents: how correlation functions of networks scale with the number of channels.",
    discussion: """
      A correlation function of derivative tensors of a network at initialisation goes as n^s with the width \
      or the number of channels n. The exponent follows from a graph: s = n_e + n_o/2 - m/2 for m tensors in \
      n_e components of even and n_o of odd size, joined by the indices that they share.

      Examples:
        renorm width predict "f_ab(1) f_a(2) f_b(3) f(4)"
        renorm width table
        renorm width measure --arch gap --act tanh --widths 16,32,64,128 \\
          --nets 500 --quantity ntk-var
        renorm width gap --head flatten --widths 32,64,128 --nets 1000
      """,
    subcommands: [
      WidthPredictCommand.self, WidthTableCommand.self, WidthMeasureCommand.self, WidthGapCommand.self,
    ])
}

struct WidthPredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "The exponent of a correlation function.",
    discussion: """
      f_ab(1) is the second derivative of the output on input 1 by the parameters a and b; every letter occurs \
      exactly twice and is summed over. Brackets make a joint cumulant. The exponent is an upper bound; an odd \
      number of tensors vanishes exactly.

      Examples:
        renorm width predict "f_ab(1) f_a(2) f_b(3) f(4)"
        renorm width predict "[f_a(1) f_a(2)][f_b(3) f_b(4)]"
        renorm width predict "f_a(1) f_a(2)" --derivative 1
      """)

  @Argument(help: ArgumentHelp("The correlation function, in quotation marks.", valueName: "pattern"))
  var pattern: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Of the k-th time derivative under gradient descent: the leading one of its terms.", valueName: "k"))
  var derivative = 0

  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Output") var seed: SeedOption

  func run() throws {
    try output.check()
    let record = try WidthPredictionRecord(pattern, derivative: derivative)
    try output.write(record)
  }
}

struct WidthTableCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Exponents of the correlation functions that matter in training, beside measured slopes.",
    discussion: """
      Slopes were measured on networks of two hidden layers with 8 to 128 channels, 1000 of every width.

      Example:
        renorm width table --report table.json
      """)

  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Output") var seed: SeedOption

  func run() throws {
    try output.check()
    let record = try WidthTableRecord()
    try output.write(record)
  }
}

struct WidthMeasureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "measure",
    abstract: "Measure a slope on drawn networks, and compare it with the exponent.",
    discussion: """
      Networks of two hidden layers: mlp, or convolutional with six positions and three taps, pooled (gap), \
      flattened (flatten), or pooled with a skip connection (skip). The slope is a weighted fit to log \
      |estimate| against log n. None is given for fewer than three widths, for estimates within two standard \
      errors of zero, and for estimates that change their sign. The verdict allows 3 standard errors and 0.15, \
      since narrow networks are not yet asymptotic; "below the bound" does not contradict the \
      theory, "above the bound" does.

      Example:
        renorm width measure --arch gap --act tanh --widths 16,32,64,128 \\
          --nets 500 --quantity ntk-var
      """)

  @Option(help: "Architecture: mlp, gap, flatten or skip.") var arch = ConvNet1D.Architecture.gap
  @Option(help: "Activation: tanh or relu.") var act = ConvNet1D.Nonlinearity.tanh
  @Option(parsing: .unconditional, help: ArgumentHelp("Widths, or numbers of channels.", valueName: "list"))
  var widths = WholeNumberList([16, 32, 64, 128])
  @Option(parsing: .unconditional, help: "Networks of every width, at least 10.") var nets = 500
  @Option(help: "What is measured: ntk, ntk-var, conn4, o3f, o3o3, o4 or hess.")
  var quantity = WidthMeasurement.Quantity.ntkVariance
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    let measurement = try WidthMeasurement(
      quantity, arch, act, widths: widths.values, nets: nets, seed: random.seed, threads: random.threads)
    let record = WidthMeasurementRecord(
      measurement, architecture: arch, activation: act, nets: nets, seed: random.seed)
    try output.write(record)
  }
}

struct WidthGapCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gap",
    abstract: "Train networks of several widths, and measure the test loss above that of infinite width.",
    discussion: """
      A convolutional ReLU network of one hidden layer is trained by gradient descent on a small fixed \
      regression problem, and beside it the infinitely wide one from the same outputs. E L_n - L_inf goes as \
      c/n, with either sign of c; single networks deviate as n^(-1/2). Long training leaves this regime at \
      small widths.

      Example:
        renorm width gap --head gap --widths 32,64,128 --steps 20 --nets 1000
      """)

  @Option(help: "Readout: gap (global average pooling) or flatten.") var head = WidthGap.Head.gap
  @Option(parsing: .unconditional, help: ArgumentHelp("Numbers of channels.", valueName: "list"))
  var widths = WholeNumberList([32, 64, 128])
  @Option(parsing: .unconditional, help: "Steps of gradient descent.") var steps = 20
  @Option(parsing: .unconditional, help: "Networks of every width, at least 10.") var nets = 1000
  @Option(
    parsing: .unconditional,
    help: "Step size times the largest eigenvalue of the infinite network's kernel, below 2.")
  var rate = 0.6
  @OptionGroup(title: "Output") var output: CompanionOutput
  @OptionGroup(title: "Computation") var random: RandomOptions

  func run() throws {
    try output.check()
    let gap = try WidthGap(
      head, widths: widths.values, steps: steps, nets: nets, relativeRate: rate, seed: random.seed,
      threads: random.threads)
    let record = WidthGapRecord(gap, head: head, steps: steps, nets: nets, seed: random.seed)
    try output.write(record)
  }
}

extension ConvNet1D.Architecture: ExpressibleByArgument {}
extension ConvNet1D.Nonlinearity: ExpressibleByArgument {}
extension WidthMeasurement.Quantity: ExpressibleByArgument {}
extension WidthGap.Head: ExpressibleByArgument {}
