import ArgumentParser

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Fit many networks over temperature, priors, width and data size.",
    discussion: """
      A sweep is described by a YAML file, or by the same keys as options:

        train: train-images-idx3-ubyte.gz
        train-labels: train-labels-idx1-ubyte.gz
        test: t10k-images-idx3-ubyte.gz
        test-labels: t10k-labels-idx1-ubyte.gz
        classes: [3, 8]
        test-count: 500
        train-count: 200
        architecture: [fc, cnn]
        mask: 7
        width: [20, 100, infinite]
        temperature: {logspace: [0.001, 1, 10]}
        lambda1: [0.1, 1, 10]

      Networks that share kernels are computed from them one after the other, each starting from its \
      neighbour. Each finished point is safe on disk: `renorm sweep run` again after a crash, and it goes on.
      """,
    subcommands: [
      SweepPlanCommand.self, SweepRunCommand.self, SweepExtendCommand.self, SweepStatusCommand.self,
      SweepBestCommand.self, SweepExportCommand.self,
    ])
}
