import ArgumentParser
import RenormFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: """
      Show what would be read from a dataset file: format, shape, columns and arrays taken, classes, range of \
      values, NaN count.
      """)

  @Argument(help: "A dataset file.", completion: .file()) var file: String

  @Option(
    parsing: .unconditional,
    help: "Column of the targets in a CSV file: its heading, or its index from 0, -1 the last. (default: -1)")
  var targetColumn: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Columns of a CSV file to leave out.", valueName: "name,name,..."))
  var dropColumns: ColumnList?

  @Option(help: ArgumentHelp("Array of inputs in an NPZ file.", valueName: "name"))
  var trainArray: String?

  @Option(help: ArgumentHelp("Array of their targets or labels in an NPZ file.", valueName: "name"))
  var targetArray: String?

  @Option(
    help: ArgumentHelp("Order of pixels: \(ImageLayout.accepted). (default: nchw)", valueName: "nchw|nhwc"),
    completion: .list(ImageLayout.allCases.map(\.rawValue)))
  var layout: ImageLayout?

  func run() throws {
    let selection = DataSelection(
      targetColumn: targetColumn, droppedColumns: dropColumns?.columns,
      arrays: ArrayNames(train: trainArray, targets: targetArray), layout: layout)
    try StandardOutput.write("\(Inspection(path: file, selection))\n")
  }
}
