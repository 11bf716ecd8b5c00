import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormNextOrder

struct FitCommand: DatasetCommand {
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

  var outputFiles: [(option: String, path: String?)] {
    [("--model", modelOutput.model), ("--arrays", modelOutput.arrays)]
  }

  func run() throws {
    var progress = Progress(isQuiet: output.quiet)
    let (network, data) = try prepare(&progress)
    let order = try orderOptions.options(
      draws: ("--draws", orderDraws.draws), network, outputs: data.train.outputs, compute)
    if modelOutput.arrays != nil {
      let space = try network.orderParameterSpace(on: data.train.shape, outputs: data.train.outputs)
      // Means couple outputs that else have eigenvalues of their own.
      let isWhole =
        space.index == .positionAndOutput || space.index == .output && !network.activation.isOdd
      try FitArrays.checkMemory(
        order: data.train.count * (isWhole ? space.outputs : 1),
        points: data.test?.count ?? 0, outputs: data.train.outputs)
    }
    var plan: MemoryPlan?
    let posterior = try network.fit(data.train, options: solver.fitOptions(compute)) { event in
      progress.show(event)
      if case .computingKernels(let chosen) = event { plan = chosen }
    }
    progress.begin(.predict)
    let leading = try data.test.map {
      try posterior.predict(
        $0.inputs, from: dataOptions.files.test ?? dataOptions.files.train, data.testIndices)
    }
    let ordered = try OrderedPrediction(
      posterior, leading, at: data.test?.inputs, targets: data.test?.targets, order, compute, &progress,
      maximumIterations: solver.maxIterations)
    let timing = progress.end()

    let prediction = ordered.shown
    func record(_ prediction: Prediction?) -> TestRecord? {
      prediction.map {
        TestRecord(
          $0, targets: data.test?.targets, classes: data.test?.classes, temperature: network.temperature,
          scaling: data.recipe.targetScaling)
      }
    }
    let warnings =
      networkOptions.warnings + posterior.warnings
      + (posterior.solution.convergence.converged ? leading.map { PredictionRounding($0).warnings } ?? [] : [])
      + ordered.warnings + data.warnings
    let report = FitRecord(
      posterior, nextOrder: ordered.results(data.recipe.targetScaling), note: ordered.missing,
      test: record(prediction), leadingTest: record(leading), data: DataRecord(data), timing: timing,
      memory: MemoryRecord(plan, peakResidentBytes: ProcessInfo.processInfo.peakResidentBytes),
      warnings: warnings)
    // Refuses numbers that are not finite before anything is written.
    let json = try RecordEncoder.json(report)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let model = modelOutput.model {
      try ModelFile(
        posterior: posterior, recipe: data.recipe, nextOrder: ordered.isCorrected ? ordered.next?.settings : nil
      ).write(to: model)
    }
    if let arrays = modelOutput.arrays {
      try FitArrays(posterior, at: data.test?.inputs, leading).write(to: arrays)
    }
    try output.write(
      report: json,
      predictions: prediction.map {
        PredictionTable(
          $0, targets: data.test?.targets, classes: data.test?.classes, scaling: data.recipe.targetScaling
        ).csv
      })
    if output.printsSummary(besides: [modelOutput.model, modelOutput.arrays]) {
      try StandardOutput.write(Summary(report).text + "\n")
    }
    try posterior.checkConverged(maximumIterations: solver.maxIterations)
    let statesSingle = output.predictions != nil || modelOutput.arrays != nil
    if let lost = LostPredictions(leading, single: statesSingle) { throw lost }
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
