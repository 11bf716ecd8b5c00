import ArgumentParser
import Renorm
import RenormFiles
import RenormNextOrder
import RenormSampling

struct CompareCommand: DatasetCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract:
      "Check the theory of a network against its sampled posterior: order parameter, errors, predictions.",
    discussion: """
      Fits the network as `renorm fit` does and samples it as `renorm sample` does, and puts every number of \
      the theory beside the sampled one with its standard error and z = (theory - sampled) / error. With \
      --order next the theory past leading order is a third column, with a verdict of its own.

      The verdict judges all z-scores together: the theory deviates where one is beyond the quantile of \
      Student's distribution at level 0.01 divided by their number (Bonferroni), so that an exact theory \
      passes in about 99 of 100 comparisons. Nothing is judged while the chains have not converged, nor with \
      --sampler langevin, whose step size biases the draws. The exit code is 0 whatever the verdict, and 70 \
      where the chains have not converged; the results are written all the same.
      """)

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Order in 1/N") var orderOptions: OrderOptions
  @OptionGroup(title: "Order in 1/N") var orderDraws: CompareOrderDraws
  @OptionGroup(title: "Data") var dataOptions: DataOptions
  @OptionGroup(title: "Sampling") var samplerOptions: SamplerOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  // Groups of one title are one section of the help.
  @OptionGroup(title: "Computation") var solver: SolverOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var samplerFiles: SamplerFiles

  var outputFiles: [(option: String, path: String?)] { samplerFiles.outputs }

  func run() throws {
    var progress = Progress(isQuiet: output.quiet)
    let (network, data) = try prepare(&progress)
    let order = try orderOptions.options(
      draws: ("--order-draws", orderDraws.orderDraws), network, outputs: data.train.outputs, compute)
    // Before the fit, which may take hours: a wrong option of sampling should not be found after it.
    let run = try SamplingRun(network, data, samplerOptions, samplerFiles, compute)
    let posterior = try network.fit(data.train, options: solver.fitOptions(compute)) { progress.show($0) }
    try posterior.checkConverged(maximumIterations: solver.maxIterations)
    progress.begin(.predict)
    let scaling = data.recipe.targetScaling
    let leading = try data.test.map {
      try posterior.predict(
        $0.inputs, from: dataOptions.files.test ?? dataOptions.files.train, data.testIndices)
    }
    let ordered = try OrderedPrediction(
      posterior, leading, at: data.test?.inputs, targets: data.test?.targets, order, compute, &progress)
    let prediction = leading?.restored(by: scaling)
    let sampled = try run(&progress).restored(by: scaling)
    // All in the units of the targets.
    let test = data.test.map { test in
      Dataset(
        shape: test.shape, inputs: test.inputs, targets: scaling?.restore(test.targets) ?? test.targets,
        classes: test.classes)
    }
    let timing = progress.end()

    let comparison = Comparison(posterior, prediction, sampled, test: test)
    let corrected = ordered.corrected.map { theory in
      (
        prediction: ordered.shown?.restored(by: scaling),
        comparison: Comparison(
          theory.orderParameter, paths: theory.paths, ordered.shown?.restored(by: scaling), sampled, test: test)
      )
    }
    let infinite = try infiniteWidth(network, data).map {
      Comparison($0.posterior, $0.prediction?.restored(by: scaling), sampled, test: test)
    }
    let pruned: PrunedTheory? =
      if let kept = samplerOptions.kept?.values, let leading, let test = data.test {
        try PrunedTheory(posterior, leading, test: test, kept: kept)?.scaled(by: scaling?.squaredScale ?? 1)
      } else { nil }
    func record(_ prediction: Prediction?) -> TestRecord? {
      prediction.map {
        TestRecord(
          $0, targets: test?.targets, classes: test?.classes,
          temperature: network.temperature * (scaling?.squaredScale ?? 1), scaling: nil)
      }
    }
    let warnings =
      networkOptions.warnings + samplerOptions.warnings + posterior.warnings
      + (leading.map { PredictionRounding($0).warnings } ?? []) + ordered.warnings + run.warnings
      + sampled.warnings + data.warnings
    let report = try comparison.record(
      posterior, nextOrder: ordered.results(scaling), note: ordered.missing, test: record(prediction),
      corrected: corrected.map {
        (comparison: $0.comparison, test: record($0.prediction), verdict: VerdictText($0.comparison).text)
      }, infiniteWidth: infinite, pruned: pruned, data, sampled, samplerOptions.record(sampled.draws),
      verdict: VerdictText(comparison).text, timing: timing, warnings: warnings)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let path = samplerFiles.draws { try sampled.drawsRecord.write(to: path) }
    try output.write(
      report: RecordEncoder.json(report),
      predictions: test.flatMap { test in
        prediction.map { Self.table($0, corrected?.prediction, sampled, test).csv }
      })
    if output.printsSummary(besides: samplerFiles.outputs.map(\.path)) {
      try StandardOutput.write(
        CompareSummary(report, comparison, corrected: corrected?.comparison, infiniteWidth: infinite).text
          + "\n")
    }
    guard report.sampled.converged else { throw NotConvergedChains(sampled: report.sampled) }
    if let lost = LostPredictions(leading, single: output.predictions != nil) { throw lost }
  }

  /// The network at infinite width, beside which deep ones and those with a node prior are put; nil for others,
  /// and where the scales have no mean, so that there is no such network.
  private func infiniteWidth(
    _ network: Network, _ data: LoadedData
  ) throws -> (posterior: Posterior, prediction: Prediction?)? {
    guard network.depth > 1 || network.nodePrior.law?.mean.isFinite == true else { return nil }
    let posterior = try network.with(width: .infinite).fit(data.train, options: solver.fitOptions(compute))
    return (posterior, try data.test.map { try posterior.predict($0.inputs) })
  }

  /// Mean and variance of the theory, then those sampled, the error of the sampled mean, and z; then mean and
  /// variance past leading order.
  private static func table(
    _ theory: Prediction, _ corrected: Prediction?, _ network: SampledNetwork, _ test: Dataset
  ) -> PredictionTable {
    let (sampled, errors) = (network.prediction, network.meanErrors)
    let z = Matrix(rows: theory.count, columns: theory.mean.columns) { point, output in
      (theory.mean[point, output] - sampled.mean[point, output]) / errors[point, output]
    }
    return PredictionTable(
      theory, targets: test.targets, classes: test.classes,
      temperature: theory.logProbabilities.map { _ in 1 },
      further: [
        PredictionTable.Column("sampledMean", sampled.mean),
        PredictionTable.Column("sampledVariance", sampled.variance),
        PredictionTable.Column("meanError", errors), PredictionTable.Column("z", z),
      ]
        + (corrected.map {
          [
            PredictionTable.Column("correctedMean", $0.mean),
            PredictionTable.Column("correctedVariance", $0.variance),
          ]
        } ?? []))
  }
}
