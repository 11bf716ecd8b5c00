import Foundation
import Renorm
import RenormFiles
import RenormNextOrder

/// A command that ends in a fit with its report: `fit`, and `tune` at its optimum.
protocol FittingCommand: DatasetCommand {
  var orderOptions: OrderOptions { get }
  var orderDraws: OrderDraws { get }
  var solver: SolverOptions { get }
  var modelOutput: ModelOutput { get }
}

extension FittingCommand {
  var outputFiles: [(option: String, path: String?)] {
    [("--model", modelOutput.model), ("--arrays", modelOutput.arrays)]
  }

  /// How far in 1/N the fit goes, after the checks of outputs that need data but no work.
  func order(of network: Network, _ data: LoadedData) throws -> Correction? {
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
    return order
  }

  /// Fits, predicts, and writes what was asked for.
  ///
  /// - Parameters:
  ///   - found: what a user should know besides.
  ///   - report: the text of the report.
  ///   - summary: lines before the summary.
  func fit(
    _ network: Network, _ data: LoadedData, _ order: Correction?, _ progress: inout Progress,
    warnings found: [String] = [], summary: [String] = [],
    report text: (FitRecord) throws -> String = { try RecordEncoder.json($0) }
  ) throws {
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
      networkOptions.warnings + found + posterior.warnings
      + (posterior.solution.convergence.converged ? leading.map { PredictionRounding($0).warnings } ?? [] : [])
      + ordered.warnings + data.warnings
    let report = FitRecord(
      posterior, nextOrder: ordered.results(data.recipe.targetScaling), note: ordered.missing,
      test: record(prediction), leadingTest: record(leading), data: DataRecord(data), timing: timing,
      memory: MemoryRecord(plan, peakResidentBytes: ProcessInfo.processInfo.peakResidentBytes),
      warnings: warnings)
    // Refuses numbers that are not finite before anything is written.
    let json = try text(report)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let model = modelOutput.model {
      try ModelFile(
        posterior: posterior, recipe: data.recipe, nextOrder: ordered.settings
      ).write(to: model)
    }
    if let arrays = modelOutput.arrays {
      try FitArrays(posterior, at: data.test?.inputs, leading).write(to: arrays)
    }
    try output.write(
      report: json,
      predictions: prediction.map {
        PredictionTable(
          $0, targets: data.test?.targets, classes: data.test?.classes, temperature: network.temperature,
          scaling: data.recipe.targetScaling
        ).csv
      })
    if output.printsSummary(besides: [modelOutput.model, modelOutput.arrays]) {
      try StandardOutput.write((summary + [Summary(report).text]).joined(separator: "\n") + "\n")
    }
    try posterior.checkConverged(maximumIterations: solver.maxIterations)
    let statesSingle = output.predictions != nil || modelOutput.arrays != nil
    if let lost = LostPredictions(leading, single: statesSingle) { throw lost }
  }
}
