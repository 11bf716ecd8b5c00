import ArgumentParser
import Renorm
import RenormData
import RenormSampling

struct SampleCommand: ParsableCommand {
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

  func run() throws {
    let network = try networkOptions.network()
    try compute.check()
    let files = dataOptions.files
    try output.checkWritable(
      files: samplerFiles.outputs + [("--similarity", similarity.similarity)],
      inputs: [files.train, files.trainLabels, files.test, files.testLabels])
    var progress = Progress(isQuiet: output.quiet)
    progress.begin(.load)
    let data = try LoadedData.load(files, dataOptions.selection)
    try output.checkPredictions(of: data.test?.count)
    let run = SamplingRun(
      samplerOptions, samplerFiles, threads: compute.threads, memoryLimit: compute.memoryLimit?.bytes,
      similarity: try similarity.points(data.train))
    let sampled = try run(network, data, &progress)
    let timing = progress.end()

    let warnings =
      networkOptions.warnings + samplerOptions.warnings + similarity.warnings + run.warnings
      + sampled.warnings + data.warnings
    let report = try SampleReport(
      network, data, sampled, SamplerRecord(samplerOptions, sampled.draws), timing: timing, warnings: warnings)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let path = samplerFiles.draws { try DrawsFile(sampled).write(to: path) }
    if let path = similarity.similarity { try SimilarityFile(network, data.train, sampled).write(to: path) }
    try output.write(
      report: JSONText.of(report),
      predictions: data.test.map { test in
        let points = PointEstimates(sampled.estimates.predictions)
        return PredictionTable(
          prediction: points.prediction, targets: test.targets, classes: test.classes,
          further: [("meanError", points.meanError)]
        ).csv
      })
    if output.printsSummary { try StandardOutput.write(SampleSummary(report).text + "\n") }
    guard report.sampled.converged else { throw NotConvergedChains(sampled: report.sampled) }
  }
}

/// A run of the sampler with progress, and with a checkpoint where one is asked for.
struct SamplingRun {
  let options: SamplerOptions
  let files: SamplerFiles
  let threads: Int?
  let memoryLimit: Int?
  let similarity: SimilarityPoints?

  init(
    _ options: SamplerOptions, _ files: SamplerFiles, threads: Int?, memoryLimit: Int?,
    similarity: SimilarityPoints? = nil
  ) {
    self.options = options
    self.files = files
    self.threads = threads
    self.memoryLimit = memoryLimit
    self.similarity = similarity
  }

  /// What a user should know about the method; each is one line.
  var warnings: [String] {
    options.sampler == .langevin
      ? [
        "unadjusted Langevin dynamics is biased by its step size; compare with a smaller one, or with "
          + "--sampler full"
      ]
      : []
  }

  private func samplingOptions(_ network: Network, _ data: LoadedData) throws(RenormError) -> SamplingOptions {
    try options.options(network, data.train, threads: threads, memoryLimit: memoryLimit)
  }

  /// Checks what can be checked before any work.
  func check(_ network: Network, _ data: LoadedData) throws {
    try network.checkSampling(
      data.train, predicting: data.test, similarity: similarity, sampler: options.sampler,
      options: samplingOptions(network, data), checkpoint: files.checkpointFile(data))
  }

  /// Samples; an interrupted run with a checkpoint ends the process here.
  func callAsFunction(_ network: Network, _ data: LoadedData, _ progress: inout Progress) throws
    -> SampledNetwork
  {
    let options = try samplingOptions(network, data)
    let checkpoint = try files.checkpointFile(data)
    let interruption = Interruption()
    progress.begin(.sample)
    func sample() throws -> SampledNetwork? {
      try network.sample(
        data.train, predicting: data.test, similarity: similarity, sampler: self.options.sampler,
        options: options, checkpoint: checkpoint, stop: interruption.stop
      ) { progress.show($0) }
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
