import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormNextOrder

struct FitCommand: FittingCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Find the order parameter of a network on a training set, and predict held-out data.",
    discussion: """
      Without --classes, the labels of IDX and CIFAR-10 files mean classification over all classes present; \
      names and truth values mean it in any file; numbers in CSV, NPY and NPZ files mean regression unless \
      --classification is given.
      """)

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Order in 1/N") var orderOptions: OrderOptions
  @OptionGroup(title: "Order in 1/N") var orderDraws: OrderDraws
  @OptionGroup(title: "Data") var dataOptions: DataOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  // Groups of one title are one section of the help.
  @OptionGroup(title: "Computation") var solver: SolverOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var modelOutput: ModelOutput

  func run() throws {
    var progress = Progress(isQuiet: output.quiet)
    let (network, data) = try prepare(&progress)
    let order = try order(of: network, data)
    try fit(network, data, order, &progress)
  }
}

/// The options that end the search for the order parameter.
struct SolverOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Norm of the gradient at which the order parameter has converged.")
  var tolerance = 1e-8

  @Option(parsing: .unconditional, help: "Largest number of steps of the solver.")
  var maxIterations = 500

  /// These options with what a computation may take.
  func fitOptions(_ compute: ComputeOptions) -> FitOptions {
    FitOptions(
      tolerance: tolerance, maximumIterations: maxIterations, threads: compute.threads,
      memoryLimit: compute.memoryLimit?.bytes)
  }
}

/// The options that name the files of a fitted network.
struct ModelOutput: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the fitted network for `renorm predict`, as NPZ.", valueName: "file"),
    completion: .file())
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Write the renormalized kernel, its eigenvalues, the order parameter with its positions, and the "
        + "covariance of the predictions, as NPZ; at leading order.", valueName: "file"))
  var arrays: String?
}
