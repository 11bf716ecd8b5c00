import ArgumentParser
import Renorm
import RenormFiles
import RenormSampling

struct SampleCommand: DatasetCommand {
  static let configuration = CommandConfiguration(
    commandName: "sample",
    abstract: "Sample the posterior of a network of finite width, without the theory.",
    discussion: """
      Every number comes with its Monte Carlo standard error, and with R-hat and effective sample sizes, which \
      say whether the chains have converged. The draws depend on the seed, not on the number of threads.

      Classes and targets are read as by `renorm fit`.
      """)

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Data") var dataOptions: DataOptions
  @OptionGroup(title: "Sampling") var samplerOptions: SamplerOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var samplerFiles: SamplerFiles
  @OptionGroup(title: "Output") var similarity: SimilarityOptions

  var outputFiles: [(option: String, path: String?)] {
    samplerFiles.outputs + [("--similarity", similarity.similarity)]
  }

  func run() throws {
    var progress = Progress(isQuiet: output.quiet)
    let (network, data) = try prepare(&progress)
    let run = try SamplingRun(
      network, data, samplerOptions, samplerFiles, compute, similarity: similarity.points(data.train))
    let scaling = data.recipe.targetScaling
    let sampled = try run(&progress).restored(by: scaling)
    let timing = progress.end()

    let warnings =
      networkOptions.warnings + samplerOptions.warnings + similarity.warnings + run.warnings
      + sampled.warnings + data.warnings
    let report = try SampleRecord(
      network, data, sampled.record, samplerOptions.record(sampled.draws), timing: timing, warnings: warnings)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let path = samplerFiles.draws { try sampled.drawsRecord.write(to: path) }
    if let path = similarity.similarity { try sampled.similarityRecord(network, data.train).write(to: path) }
    try output.write(
      report: RecordEncoder.json(report),
      predictions: data.test.map { test in
        PredictionTable(
          sampled.prediction, targets: scaling?.restore(test.targets) ?? test.targets, classes: test.classes,
          temperature: sampled.prediction.logProbabilities.map { _ in network.temperature },
          further: [PredictionTable.Column("meanError", sampled.meanErrors)]
        ).csv
      })
    if output.printsSummary(besides: samplerFiles.outputs.map(\.path) + [similarity.similarity]) {
      try StandardOutput.write(SampleSummary(report).text + "\n")
    }
    guard report.sampled.converged else { throw NotConvergedChains(sampled: report.sampled) }
  }
}

/// A run of the sampler with progress, and with a checkpoint where one is asked for.
struct SamplingRun {
  private let job: SamplingJob
  private let checkpoint: CheckpointFile?
  /// What a user should know about the method; each is one line.
  let warnings: [String]

  /// Checks what can be checked before any work.
  init(
    _ network: Network, _ data: LoadedData, _ options: SamplerOptions, _ files: SamplerFiles,
    _ compute: ComputeOptions, similarity: SimilarityPoints? = nil
  ) throws {
    let sampler = try options.sampler(for: network, on: data.train)
    checkpoint = try files.checkpointFile(data)
    job = try SamplingJob(
      network, data.train, predicting: data.test, similarity: similarity, kept: options.kept?.values ?? [],
      sampler: sampler, options: options.draws(compute), checkpoint: checkpoint)
    warnings =
      sampler.method.isBiased
      ? [
        "unadjusted Langevin dynamics is biased by its step size; compare with a smaller one, or with "
          + "--sampler full"
      ]
      : []
  }

  /// Samples; an interrupted run with a checkpoint ends the process here.
  func callAsFunction(_ progress: inout Progress) throws -> SampledNetwork {
    let interruption = Interruption()
    progress.begin(.sample)
    func sample() throws -> SampledNetwork? {
      try job.run(stop: interruption.stop) { progress.show($0) }
    }
    // Without a checkpoint there is nothing to save, and signals act at once.
    guard let checkpoint else {
      guard let sampled = try sample() else { preconditionFailure("a run that nobody stops has stopped") }
      return sampled
    }
    if let sampled = try interruption.listening(sample) { return sampled }
    _ = progress.end()
    ErrorLine.write("interrupted; the same command continues from \(checkpoint.path)")
    interruption.end()
  }
}
