import ArgumentParser
import RenormFiles
import RenormPlot

struct ProfilePlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Draw what a tuning goes by against one of its parameters.",
    discussion: """
      The profile, where the other parameters are tuned again at every point (`renorm tune --profile`), the \
      evaluations of the search, and the optimum.
      """)

  @Argument(
    help: ArgumentHelp("A report (JSON) of `renorm tune`.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var input: String

  @Option(help: "The parameter, such as temperature. (default: the first that was tuned)")
  var parameter: String?

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: [input])
    try picture.write(ProfilePlot(TuneRecord(path: input), path: input, parameter: parameter).figure)
  }
}
