import ArgumentParser
import RenormPlot

/// The options of pictures that show predictions.
struct PredictionTableOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Predictions of `renorm fit` or `renorm predict`, as CSV.", valueName: "file"))
  var input: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "More than two classes: their labels in the order of the outputs, as in the fit. (default: ascending)",
      valueName: "label,label,..."))
  var classes: ClassList?

  func file() throws -> PredictionsFile { try PredictionsFile(path: input, classes: classes?.labels) }
}

/// A temperature that is added to the variance of f.
struct NoiseOption: ExpressibleByArgument {
  let temperature: Double

  init?(argument: String) {
    guard let value = Double(argument), value >= 0, value.isFinite else { return nil }
    temperature = value
  }
}

struct PredictionsPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predictions",
    abstract: "Draw predicted means with error bars of one standard deviation.",
    discussion: """
      Regression: predicted mean against target. Two classes: the points of each class, sorted by mean. More \
      classes: the output of the true class, with points marked where another output is larger.
      """)

  @OptionGroup var predictions: PredictionTableOptions

  @Option(
    parsing: .unconditional,
    help: "Temperature T: bars are then those of a label, of variance var f + T. (default: bars of f)")
  var temperature: NoiseOption?

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: [predictions.input])
    try picture.write(PredictionsPlot(predictions.file(), noise: temperature?.temperature ?? 0).figure)
  }
}

struct CalibrationPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibration",
    abstract: "Draw how often labels lie inside the predicted intervals.",
    discussion: """
      The share of labels inside the central interval of every nominal level, for Gaussian predictions of \
      variance var f + T. The band holds 95 percent of the shares that calibrated, independent labels would \
      give. For two classes also how often +1 occurs where its predicted probability is \
      Phi(mean / sqrt(var f + T)), in ten bins.
      """)

  @OptionGroup var predictions: PredictionTableOptions

  @Option(parsing: .unconditional, help: "Temperature T of the fit, the variance of the noise on labels.")
  var temperature: NoiseOption

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: [predictions.input])
    try picture.write(CalibrationPlot(predictions.file(), noise: temperature.temperature).figure)
  }
}
