import ArgumentParser
import RenormPlot

struct NeuronsPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neurons",
    abstract: "Draw the laws of the largest readout of a network and of all others.",
    discussion: """
      Where one hidden unit has condensed, its readout stands far from those of all others. Lines are the \
      theory of `--order condensed`, histograms sampled networks. A report of `renorm compare` has both; of \
      `renorm fit` and `renorm sample` give both reports of one network, or one of them.

      Example:
        renorm compare --order condensed ... --report compare.json
        renorm plot neurons compare.json --output neurons.png
      """)

  @Argument(
    help: ArgumentHelp(
      "Reports (JSON): one of `renorm compare --order condensed`; or of `renorm fit --order condensed`, "
        + "`renorm sample`, or one of each.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var inputs: [String]

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: inputs)
    try picture.write(NeuronsPlot(paths: inputs).figure)
  }
}
