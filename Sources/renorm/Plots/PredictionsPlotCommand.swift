import ArgumentParser
import RenormPlot

/// The options of pictures that show predictions.
struct PredictionTableOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Predictions of `renorm fit` or `renorm predict`, as CSV.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var input: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Labels of the classes in the order of the outputs. (default: as in the report, or ascending)",
      valueName: "label,label,..."))
  var classes: ClassList?

  @Option(
    help: ArgumentHelp(
      "Report of the fit (JSON), which tells the classes and the temperature in the units of the targets.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var report: String?

  var inputs: [String] { [input] + [report].compactMap(\.self) }

  func tables() throws -> (predictions: PredictionsFile, report: FitReport?) {
    let report = try report.map { try FitReport(path: $0) }
    return (try PredictionsFile(path: input, classes: classes?.labels, report: report), report)
  }

  /// The temperature in the units of the targets: that of the option before that of the report.
  func noise(_ option: NoiseOption?, _ report: FitReport?) -> Double? {
    guard let option else { return report?.noise }
    if let report, option.temperature != report.noise {
      ErrorLine.write(
        "warning: the temperature \(option.temperature) is used; that of the report is \(report.noise), in the "
          + "units of the targets")
    }
    return option.temperature
  }
}

/// Whose standard deviations error bars show.
enum Bars: String, ExpressibleByArgument, CaseIterable { case f, label }

extension PredictionsPlot.View: ExpressibleByArgument {}

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
      classes: the output of the true class, with points marked where another output is larger; or, of more \
      than 250 points, the confusion matrix, and in each class the spread of the margin: the true output less \
      the largest other.
      """)

  @OptionGroup var predictions: PredictionTableOptions

  @Option(
    parsing: .unconditional,
    help: "Temperature T in the units of the targets: bars are then those of a label. (default: bars of f)")
  var temperature: NoiseOption?

  @Option(help: "Whose bars: f of the variance var f; label of the variance var f + T, with T of the report.")
  var bars: Bars?

  @Option(help: "What of classes: points, or the confusion matrix. (default: by the number of points)")
  var view: PredictionsPlot.View?

  @OptionGroup(title: "Output") var picture: PictureOptions

  func validate() throws {
    if bars == .f, temperature != nil {
      throw ValidationError("'--bars f' and '--temperature' exclude each other")
    }
    if bars == .label, temperature == nil, predictions.report == nil {
      throw ValidationError(
        "'--bars label' needs the temperature: '--report <file>' or '--temperature <temperature>'")
    }
  }

  func run() throws {
    try picture.check(inputs: predictions.inputs)
    let (table, report) = try predictions.tables()
    let hasNoise = temperature != nil || bars == .label
    let noise = hasNoise ? predictions.noise(temperature, report) ?? 0 : 0
    try picture.write(PredictionsPlot(table, noise: noise, view: view).figure)
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
      Phi(mean / sqrt(var f + T)), and for more classes how often the most probable one is right, in ten \
      bins of probability.
      """)

  @OptionGroup var predictions: PredictionTableOptions

  @Option(
    parsing: .unconditional,
    help: """
      Temperature T of the fit in the units of the targets, the variance of the noise on labels. (default: \
      that of the report)
      """)
  var temperature: NoiseOption?

  @OptionGroup(title: "Output") var picture: PictureOptions

  func validate() throws {
    guard temperature != nil || predictions.report != nil else {
      throw ValidationError("Missing expected argument '--report <file>', or '--temperature <temperature>'")
    }
  }

  func run() throws {
    try picture.check(inputs: predictions.inputs)
    let (table, report) = try predictions.tables()
    let noise = predictions.noise(temperature, report) ?? 0
    try picture.write(CalibrationPlot(table, noise: noise).figure)
  }
}
