import ArgumentParser
import RenormPlot

struct DensitiesPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "densities",
    abstract: "Draw drawn ResNets over the densities of the log-Gaussian law and of infinite width.",
    discussion: """
      Example:
        renorm resnet simulate --n 100 --d 100 --alpha 0.7 --lambda 0.7 \\
          --nout 10 --report resnet.json
        renorm plot densities resnet.json --output resnet.png
      """)

  @Argument(
    help: ArgumentHelp("A report (JSON) of `renorm resnet simulate`.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var input: String

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: [input])
    try picture.write(ResNetDensitiesPlot(path: input).figure)
  }
}

struct PruningPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pruning",
    abstract: "Draw what is lost when units of networks are dropped, beside the theory.",
    discussion: """
      Points are sampled, lines theory, one curve for each report. All are of one kind: losses against the \
      threshold (`renorm mogp prune --eps`), losses against the fraction kept (--kappa), or errors of networks \
      after training (`renorm sample` and `renorm compare` with --kept).

      Example:
        renorm mogp prune --law gbfry --alpha 0.3 --tau 5 \\
          --eps 1e-4,1e-3,1e-2 --report prune.json
        renorm plot pruning prune.json --output prune.png
      """)

  @Argument(
    help: ArgumentHelp("Reports (JSON).", valueName: "file"), completion: .file(extensions: ["json"]))
  var inputs: [String]

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: inputs)
    try picture.write(PruningPlot(paths: inputs).figure)
  }
}

struct SlopesPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slopes",
    abstract: "Draw measured slopes in the width against the exponents of the theory.",
    discussion: """
      Example:
        renorm width table --report table.json
        renorm plot slopes table.json --output slopes.png
      """)

  @Argument(
    help: ArgumentHelp("Reports (JSON) of `renorm width measure` or `renorm width table`.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var inputs: [String]

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: inputs)
    try picture.write(SlopesPlot(paths: inputs).figure)
  }
}

struct WidthsPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "widths",
    abstract: "Draw estimates of correlation functions against the width, beside the theory's exponents.",
    discussion: """
      Example:
        renorm width measure --quantity ntk-var --report variance.json
        renorm plot widths variance.json --output widths.png
      """)

  @Argument(
    help: ArgumentHelp("Reports (JSON) of `renorm width measure`.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var inputs: [String]

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: inputs)
    try picture.write(WidthsPlot(paths: inputs).figure)
  }
}
