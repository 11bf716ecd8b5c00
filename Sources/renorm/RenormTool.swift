import ArgumentParser
import Foundation
import Renorm

/// The command-line tool: it parses, calls the library and prints.
@main
struct RenormTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renorm",
    abstract: "Bayesian one-hidden-layer networks of finite width, in the proportional regime.",
    discussion: """
      Finds the order parameter that renormalizes the kernel of a fully connected (fc), locally connected \
      (lcn) or convolutional (cnn) network of finite width, and predicts held-out data with it.

      Examples:
        renorm fit --architecture fc --width 100 --temperature 0.1 \\
          --train table.csv --test-fraction 0.2
        renorm fit --architecture cnn --width 60 --temperature 0.02 --mask 7 \\
          --train train-images-idx3-ubyte.gz \\
          --train-labels train-labels-idx1-ubyte.gz \\
          --test t10k-images-idx3-ubyte.gz \\
          --test-labels t10k-labels-idx1-ubyte.gz \\
          --classes 3,8 --train-count 200 --report fit.json --model fit.npz
        renorm predict --model fit.npz --data t10k-images-idx3-ubyte.gz \\
          --labels t10k-labels-idx1-ubyte.gz --predictions predictions.csv
        renorm compare --architecture fc --width 30 --temperature 0.1 \\
          --train table.csv --test-fraction 0.2 --report compare.json
        renorm tune --tune temperature=0.001:1,lambda1 --architecture fc \\
          --width 200 --temperature 0.1 --train table.csv --report tuned.json
        renorm fit --bank kernels.npz --width 100 --temperature 0.1
        renorm inspect table.csv
        renorm plot predictions predictions.csv --output predictions.svg

      Exit codes: 0 success, 64 wrong usage, 65 unusable data, 66 missing input, 69 gnuplot is not installed, \
      70 numerical failure (a fit or chains that did not converge among them), 73 output that cannot be \
      created, 74 input or output failed midway.
      """,
    version: RenormVersion.current,
    subcommands: [
      FitCommand.self, BankFitCommand.self, PredictCommand.self, SampleCommand.self, CompareCommand.self,
      TuneCommand.self, SweepCommand.self, PlotCommand.self, InspectCommand.self, DataCommand.self,
      ResNetCommand.self, WidthCommand.self, MixtureCommand.self,
    ])

  static func main() {
    StandardDescriptors.occupy()
    AddressSpace.require()
    // A file beyond `ulimit -f` then fails to be written, which is reported, and leaves nothing behind.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parsed()
      try command.run()
    } catch {
      fail(with: error)
    }
  }

  /// The command that was asked for; an option that nobody knows is named before one that is missing.
  private static func parsed() throws -> any ParsableCommand {
    var arguments = Array(CommandLine.arguments.dropFirst())
    // A bank has options of its own.
    if arguments.first == "fit", arguments.contains(where: { $0 == "--bank" || $0.hasPrefix("--bank=") }) {
      arguments[0] = BankFitCommand.configuration.commandName ?? "fit"
    }
    do {
      return try parseAsRoot(arguments)
    } catch {
      guard exitCode(for: error) != .success, let known = KnownOptions(RenormTool.self, arguments),
        let unknown = known.firstUnknown(in: arguments)
      else { throw error }
      throw ValidationError(unknown)
    }
  }
}
