import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormNextOrder

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict with a network that `renorm fit --model` has written.",
    discussion: """
      On the file that the fit held out, the same examples are taken as there, and the numbers are the same. \
      On any other file all examples are taken. Columns of a table are found by the headings of the training \
      file, the targets too; others are ignored.
      """)

  @Option(help: ArgumentHelp("The fitted network.", valueName: "file"), completion: .file())
  var model: String

  @Option(
    help: ArgumentHelp("Examples of the shape that the network was fitted on.", valueName: "file"),
    completion: .file())
  var data: String

  @Option(
    help: ArgumentHelp("Labels or targets, where --data holds none.", valueName: "file"), completion: .file())
  var labels: String?

  @Flag(help: "Take all examples, also of the file that the fit held out a part of.")
  var allExamples = false

  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try compute.check()
    guard [model, data, labels].count(where: { $0 == "-" }) < 2 else {
      throw ValidationError("standard input (-) can only be one of --model, --data and --labels")
    }
    try output.checkWritable(inputs: [model, data, labels])
    var progress = Progress(isQuiet: output.quiet)
    progress.begin(.load)
    let file = try ModelFile(reading: model, threads: compute.threads)
    if let supplied = file.posterior.network.supplied {
      return try predict(file, supplied, &progress)
    }
    guard let recipe = file.recipe else {
      throw RenormError.unsupported(
        what: "\(model): predicting files with a network that was not fitted from files",
        instead: "call Posterior.predict from Swift")
    }
    let examples = try recipe.loadHeldOut(file: data, labels: labels, allExamples: allExamples)
    progress.begin(.predict)
    let posterior = file.posterior
    let leading = try posterior.predict(examples.inputs, from: data, examples.indices)
    let order = file.nextOrder.map { Correction($0, compute) }
    let ordered = try OrderedPrediction(
      posterior, leading, at: examples.inputs, targets: examples.targets, order, compute, &progress)
    let prediction = ordered.shown ?? leading
    let timing = progress.end()

    var warnings =
      posterior.warnings + PredictionRounding(leading).warnings + ordered.warnings + examples.warnings
    let convergence = posterior.solution.convergence
    if !convergence.converged {
      warnings.append("the model did not converge: \(NotConverged(convergence: convergence))")
    }
    func record(_ prediction: Prediction) -> TestRecord {
      TestRecord(
        prediction, targets: examples.targets, classes: examples.classes,
        temperature: posterior.network.temperature, scaling: recipe.targetScaling)
    }
    let report = FitRecord(
      posterior, nextOrder: ordered.results(recipe.targetScaling), test: record(prediction),
      leadingTest: record(leading),
      data: DataRecord(recipe, sources: examples.sources, testIndices: examples.indices), timing: timing,
      memory: MemoryRecord(nil, peakResidentBytes: ProcessInfo.processInfo.peakResidentBytes),
      warnings: warnings)
    // Refuses numbers that are not finite before anything is written.
    let json = try RecordEncoder.json(report)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    try output.write(
      report: json,
      predictions: PredictionTable(
        prediction, targets: examples.targets, classes: examples.classes,
        temperature: posterior.network.temperature, scaling: recipe.targetScaling
      ).csv)
    if output.printsSummary() { try StandardOutput.write(Summary(report).text + "\n") }
    if let lost = LostPredictions(leading, single: output.predictions != nil) { throw lost }
  }

  /// Points whose kernels with the training set `--data` brings.
  private func predict(_ file: ModelFile, _ supplied: SuppliedKernels, _ progress: inout Progress) throws {
    guard labels == nil, !allExamples else {
      throw ValidationError("--labels and --all-examples have no meaning for a model of supplied kernels")
    }
    let training = file.posterior.training
    let heldOut = try HeldOutBankFile(
      reading: data, of: supplied, outputs: training.outputs, classes: training.classes)
    progress.begin(.predict)
    let posterior = try file.posterior(at: heldOut.kernels, threads: compute.threads)
    let prediction = try posterior.predict(heldOut.kernels.heldOutInputs)
    let warnings = posterior.warnings + PredictionRounding(prediction).warnings
    let report = FitRecord(
      posterior, nextOrder: nil,
      test: TestRecord(
        prediction, targets: heldOut.targets, classes: training.classes,
        temperature: posterior.network.temperature,
        scaling: nil),
      leadingTest: nil, data: nil, timing: progress.end(),
      memory: MemoryRecord(nil, peakResidentBytes: ProcessInfo.processInfo.peakResidentBytes),
      warnings: warnings)
    let json = try RecordEncoder.json(report)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    try output.write(
      report: json,
      predictions: PredictionTable(
        prediction, targets: heldOut.targets, classes: training.classes,
        temperature: posterior.network.temperature, scaling: nil
      ).csv)
    if output.printsSummary() { try StandardOutput.write(Summary(report).text + "\n") }
    if let lost = LostPredictions(prediction, single: output.predictions != nil) { throw lost }
  }
}
