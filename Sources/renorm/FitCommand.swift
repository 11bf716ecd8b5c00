import ArgumentParser
import Renorm
import RenormData

struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Find the order parameter of a network on a training set, and predict held-out data.",
    discussion: """
      Without --classes, the labels of IDX and CIFAR-10 files mean classification over all classes present; \
      the targets of CSV, NPY and NPZ files mean regression unless --classification is given.
      """)

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Data") var dataOptions: DataOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  // Groups of one title are one section of the help.
  @OptionGroup(title: "Computation") var solver: SolverOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var modelOutput: ModelOutput

  func run() throws {
    let network = try networkOptions.network()
    try compute.check()
    let files = dataOptions.files
    try output.checkWritable(
      files: [("--model", modelOutput.model)],
      inputs: [files.train, files.trainLabels, files.test, files.testLabels])
    var progress = Progress(isQuiet: output.quiet)
    progress.begin(.load)
    let data = try LoadedData.load(files, dataOptions.selection)
    try output.checkPredictions(of: data.test?.count)
    var plan: MemoryPlan?
    let posterior = try network.fit(
      data.train,
      options: FitOptions(
        tolerance: solver.tolerance, maximumIterations: solver.maxIterations, threads: compute.threads,
        memoryLimit: compute.memoryLimit?.bytes)
    ) { event in
      progress.show(event)
      if case .computingKernels(let chosen) = event { plan = chosen }
    }
    progress.begin(.predict)
    let prediction = try data.test.map {
      try posterior.predict($0.inputs, from: files.test ?? files.train, data.testIndices)
    }
    let timing = progress.end()

    let test = prediction.map {
      Report.Test($0, targets: data.test?.targets, classes: data.test?.classes)
    }
    let warnings = networkOptions.warnings + posterior.warnings + data.warnings
    let report = Report(
      posterior, recipe: data.recipe, sources: data.sources, test: test,
      testIndices: data.test.map { _ in data.testIndices }, plan: plan, timing: timing, warnings: warnings)
    // Refuses numbers that are not finite before anything is written.
    let json = try report.json()
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let model = modelOutput.model {
      try ModelFile(posterior: posterior, recipe: data.recipe).write(to: model)
    }
    try output.write(
      report: json,
      predictions: prediction.map {
        PredictionTable(prediction: $0, targets: data.test?.targets, classes: data.test?.classes).csv
      })
    if output.printsSummary(besides: [modelOutput.model]) { try StandardOutput.write(Summary(report).text + "\n") }
    let convergence = posterior.solution.convergence
    guard convergence.converged else {
      throw NotConverged(convergence: convergence, maximumIterations: solver.maxIterations)
    }
  }
}

/// The options that end the search for the order parameter.
struct SolverOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Norm of the gradient at which the order parameter has converged.")
  var tolerance = 1e-8

  @Option(parsing: .unconditional, help: "Largest number of steps of the solver.")
  var maxIterations = 500
}

/// The option that names the file of a fitted network.
struct ModelOutput: ParsableArguments {
  @Option(help: ArgumentHelp("Write the fitted network for `renorm predict`, as NPZ.", valueName: "file"))
  var model: String?
}
