import ArgumentParser
import RenormPlot

struct OrderParameterPlotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order-parameter",
    abstract: "Draw the order parameter of a local network, and its diagonal on the image.",
    discussion: """
      Shown is the change from infinite width, where the order parameter is the identity (with a correlated \
      readout: its covariance S). The mean training image is drawn where the input is a model.
      """)

  @Argument(
    help: ArgumentHelp("A model (NPZ) or a report (JSON) of `renorm fit`.", valueName: "file"),
    completion: .file(extensions: ["npz", "json"]))
  var input: String

  @Option(
    help:
      "Scale of the colours: symlog, logarithmic on both sides of zero, shows small elements beside large ones."
  )
  var scale = SignedScale.Kind.linear

  @OptionGroup(title: "Output") var picture: PictureOptions

  func run() throws {
    try picture.check(inputs: [input])
    try picture.write(OrderParameterPlot(OrderParameterSource(path: input), scale: scale).figure)
  }
}
