import ArgumentParser

@main
struct Tool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "renorm-benchmarks",
    abstract: "Speed of the solver beside plain BLAS and LAPACK.",
    discussion: "Reads MNIST and CIFAR-10 files from the folder in the environment variable RENORM_DATA.",
    subcommands: [KernelsCommand.self, EvaluationsCommand.self, GridCommand.self, SweepCommand.self])
}
