import ArgumentParser
import RenormFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what the readers see in a dataset file: format, shape, classes, range of values, NaN count.")

  @Argument(help: "A dataset file.") var file: String

  @Option(
    parsing: .unconditional,
    help: "Column of the targets in a CSV file: its heading, or its index from 0, -1 the last. (default: -1)")
  var targetColumn: String?

  func run() throws { try StandardOutput.write("\(Inspection(path: file, targetColumn: targetColumn))\n") }
}
