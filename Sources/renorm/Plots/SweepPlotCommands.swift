import ArgumentParser
import RenormPlot

/// The options that choose points of a sweep's table.
struct SweepTableOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A sweep's table (CSV), or a folder with table.csv.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var input: String

  @Option(
    help: ArgumentHelp(
      """
      Draw points with this value only, for example architecture=cnn or width=infinite. May be repeated: \
      conditions on one parameter are alternatives.
      """, valueName: "parameter=value"),
    completion: .list(SweepParameter.allCases.map { "\($0.option)=" }))
  var filter: [String] = []

  func filters() throws -> [SweepFilter] {
    try filter.map { (text) throws(PlotError) in try SweepFilter(text) }
  }
}

extension SweepAxis: ExpressibleByArgument {
  public init?(argument: String) { self.init(option: argument) }
  public var defaultValueDescription: String { option }
  public static var allValueStrings: [String] { options }
  public static var defaultCompletionKind: CompletionKind { .list(options) }
}

/// A result as options name it; the parser would show an enumeration by the names in a table.
struct ResultOption: ExpressibleByArgument {
  let result: SweepResult

  init(_ result: SweepResult) { self.result = result }

  init?(argument: String) {
    guard let result = SweepResult(option: argument) else { return nil }
    self.result = result
  }

  var defaultValueDescription: String { result.option }
  static var allValueStrings: [String] { SweepResult.allCases.map(\.option) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// A parameter whose values are numbers, as options name it.
struct NumberParameterOption: ExpressibleByArgument {
  let parameter: SweepParameter

  init(_ parameter: SweepParameter) { self.parameter = parameter }

  init?(argument: String) {
    guard let parameter = SweepParameter(option: argument) else { return nil }
    self.parameter = parameter
  }

  var defaultValueDescription: String { parameter.option }
  static var allValueStrings: [String] {
    SweepParameter.allCases.filter { $0.isNumber && $0 != .shuffleSeed }.map(\.option)
  }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// Parameters separated by commas.
struct ParameterList: ExpressibleByArgument {
  let parameters: [SweepParameter]

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    parameters = names.compactMap { SweepParameter(option: $0.filter { !$0.isWhitespace }) }
    guard parameters.count == names.count else { return nil }
  }

  static var defaultCompletionKind: CompletionKind {
    .list(SweepParameter.allCases.filter { $0 != .shuffleSeed }.map(\.option))
  }
}

struct ErrorPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "error",
    abstract: "Draw a result of a sweep against width, load or another parameter.",
    discussion: """
      One curve for every combination of the other parameters that vary. Results at infinite width are dashed \
      lines of the same colour; repeats over shuffle seeds are averaged, with bars of the standard error. With \
      --best-over temperature,lambda1 every width stands with its best temperature and prior.
      """)

  @OptionGroup var table: SweepTableOptions

  @Option(help: "Horizontal axis.")
  var x = SweepAxis.parameter(.width)

  @Option(help: "Result.")
  var y = ResultOption(.generalizationError)

  @Option(
    help: ArgumentHelp(
      "Take the best values of these parameters at every x, after averaging repeats.",
      valueName: "parameter,..."))
  var bestOver: ParameterList?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Reports of `renorm sample` (JSON), drawn as points with error bars.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var sampled: [String] = []

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    let filters = try table.filters()
    try picture.check(inputs: [table.input] + sampled)
    let curves = try ErrorCurves(
      SweepTable(path: table.input), y.result, against: x, filters: filters,
      bestOver: bestOver?.parameters ?? [],
      sampled: sampled.map { try SampledReport(path: $0) })
    try picture.write(curves.figure)
  }
}

struct HeatMapPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heatmap",
    abstract: "Draw a result of a sweep over two parameters, with the best point marked.",
    discussion: """
      Repeats over shuffle seeds are averaged. Every parameter other than the two axes must have one value: \
      choose it with --filter.
      """)

  @OptionGroup var table: SweepTableOptions

  @Option(help: "Horizontal axis.")
  var x = NumberParameterOption(.temperature)

  @Option(help: "Vertical axis.")
  var y = NumberParameterOption(.lambda1)

  @Option(help: "Result.")
  var value = ResultOption(.generalizationError)

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    let filters = try table.filters()
    try picture.check(inputs: [table.input])
    try picture.write(
      HeatMap(
        SweepTable(path: table.input), value.result, x: x.parameter, y: y.parameter, filters: filters
      ).figure)
  }
}
