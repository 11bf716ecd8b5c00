import ArgumentParser
import RenormSweep

struct SweepExtendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extend",
    abstract: "Let a sweep grow: keep its points, and compute those that a larger specification adds.",
    discussion: """
      The specification must have all points of the sweep, on the same data; axes may have more values. The \
      table is that of the larger sweep run at once: a finished point is computed again where its search \
      starts from another neighbour there. `renorm sweep run` with the larger specification and the same \
      --output does the same.
      """)

  @Argument(help: "Folder of the results.", completion: .directory) var folder: String
  @Argument(help: "The larger specification, a YAML file.", completion: .file()) var specification: String
  @Option(parsing: .unconditional, help: "Processes to use, as in `renorm sweep run`.") var jobs: Int?
  @Option(help: ArgumentHelp("Compute part I of N only, as in `renorm sweep run`.", valueName: "I/N"))
  var shard: String?
  @Flag(help: "Stop at the first point that fails.") var failFast = false
  @Flag(help: "Print neither summary nor progress.") var quiet = false

  func run() throws {
    // Threads and memory of a process are those of the store.
    guard try SweepStore.description(of: folder) != nil else { throw StoreError.noSweep(path: folder) }
    var arguments = ["--output=\(folder)"]
    if let jobs { arguments.append("--jobs=\(jobs)") }
    if let shard { arguments.append("--shard=\(shard)") }
    if failFast { arguments.append("--fail-fast") }
    if quiet { arguments.append("--quiet") }
    try SweepRunCommand.parse(arguments + ["--", specification]).run()
  }
}
