import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormSweep

/// `renorm fit --bank`: a fit of kernels that another program computed. It has no data to prepare and no
/// activation, so its options are its own.
struct BankFitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit-bank",
    abstract: "Fit kernels that another program computed (renorm fit --bank).",
    discussion: """
      The NPZ file has the arrays kernels (n, n, P, P), or (n, P, P) for kernels of i = j alone, and y (P) or \
      (P, D); for held-out points cross (n, n, P*, P), diagonal (n, n, P*) and y_test; means (n, P) and \
      means_test (n, P*) where features have means.

      Several values of --width, --temperature or --lambda1, separated by commas, give a table of all \
      combinations instead of a report; so does a YAML file with these keys, as those of a sweep (--grid).
      """, shouldDisplay: false)

  @Option(help: ArgumentHelp("The kernels and targets.", valueName: "file"), completion: .file())
  var bank: String

  @Option(help: ArgumentHelp("N, hidden units; 'infinite' for the infinite width.", valueName: "N,N,..."))
  var width: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("T, the variance of the noise.", valueName: "T,T,..."))
  var temperature: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Prior precision of the readout.", valueName: "l,l,..."))
  var lambda1: String?

  @Option(
    help: ArgumentHelp(
      "gaussian, or softmax where y has labels of classes, one integer an example.", valueName: "likelihood"),
    completion: .list(Likelihoods.builtIn.names))
  var likelihood = GaussianLikelihood().name

  @Option(
    help: ArgumentHelp(NetworkParameter.approximation.help, valueName: "approximation"),
    completion: .list(LikelihoodApproximation.allCases.map(\.rawValue)))
  var approximation: String?

  @Option(
    help: ArgumentHelp(
      "Widths, temperatures and lambda1 as lists or ranges, in place of these options.", valueName: "file.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var grid: String?

  @Option(
    help: ArgumentHelp("Write the fitted network for `renorm predict`, as NPZ.", valueName: "file"),
    completion: .file())
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Write the results of all combinations as CSV; - for standard output.", valueName: "file"),
    completion: .file())
  var table: String?

  @OptionGroup(title: "Solver") var solver: SolverOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try compute.check()
    try output.checkWritable(files: [("--model", model)], inputs: [bank])
    try OutputOptions.checkWritable([("--table", table)], inputs: [bank] + [grid].compactMap(\.self))
    let points = try points()
    guard points.count == 1 || model == nil && output.report == nil && output.predictions == nil else {
      throw ValidationError(
        "--model, --report and --predictions hold one fit; take one width, temperature and lambda1")
    }
    var progress = Progress(isQuiet: output.quiet)
    progress.begin(.load)
    let file = try Examples(BankFile(reading: bank), chosenLikelihood())
    let networks = try points.map { point in
      try file.kernels.network(
        width: point.width, temperature: point.temperature, lambda1: point.lambda1, likelihood: file.likelihood)
    }
    if networks.count > 1 || table != nil || grid != nil {
      try writeTable(networks, file, &progress)
    } else {
      try fit(networks[0], file, &progress)
    }
  }

  /// What is fitted: numbers, or with a likelihood of classes their labels.
  private struct Examples {
    let kernels: SuppliedKernels
    let likelihood: any Likelihood
    let training: Dataset
    let heldOutTargets: Matrix?

    init(_ file: BankFile, _ likelihood: any Likelihood) throws {
      (kernels, self.likelihood) = (file.kernels, likelihood)
      if likelihood is GaussianLikelihood {
        (training, heldOutTargets) = (try file.training, file.heldOutTargets)
      } else {
        (training, heldOutTargets) = try file.classified()
      }
    }

    var classes: [ClassLabel]? { training.classes }
  }

  private func chosenLikelihood() throws -> any Likelihood {
    let values: ParameterValues = approximation.map { [.approximation: .name($0)] } ?? [:]
    let likelihood = try Likelihoods.builtIn.named(likelihood, values)
    guard approximation == nil || !(likelihood is GaussianLikelihood) else {
      throw ValidationError("--approximation has no meaning with the likelihood '\(likelihood.name)'")
    }
    return likelihood
  }

  private func fit(_ network: Network, _ file: Examples, _ progress: inout Progress) throws {
    var plan: MemoryPlan?
    let posterior = try network.fit(file.training, options: solver.fitOptions(compute)) { event in
      progress.show(event)
      if case .computingKernels(let chosen) = event { plan = chosen }
    }
    progress.begin(.predict)
    let prediction =
      file.kernels.heldOutCount > 0 ? try posterior.predict(file.kernels.heldOutInputs) : nil
    let timing = progress.end()
    let test = prediction.map {
      TestRecord(
        $0, targets: file.heldOutTargets, classes: file.classes, temperature: network.temperature, scaling: nil)
    }
    let warnings =
      posterior.warnings
      + (posterior.solution.convergence.converged
        ? prediction.map { PredictionRounding($0).warnings } ?? [] : [])
    let report = FitRecord(
      posterior, nextOrder: nil, test: test, leadingTest: nil, data: nil, timing: timing,
      memory: MemoryRecord(plan, peakResidentBytes: ProcessInfo.processInfo.peakResidentBytes),
      warnings: warnings)
    let json = try RecordEncoder.json(report)
    warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let model { try ModelFile(posterior: posterior, recipe: nil).write(to: model) }
    try output.write(
      report: json,
      predictions: prediction.map {
        PredictionTable(
          $0, targets: file.heldOutTargets, classes: file.classes, temperature: network.temperature,
          scaling: nil
        ).csv
      })
    if output.printsSummary(besides: [model]) { try StandardOutput.write(Summary(report).text + "\n") }
    try posterior.checkConverged(maximumIterations: solver.maxIterations)
    if let lost = LostPredictions(prediction, single: output.predictions != nil) { throw lost }
  }

  /// Kernels are arranged once for all combinations of one kind; each fit starts from the one before.
  private func writeTable(_ networks: [Network], _ file: Examples, _ progress: inout Progress) throws {
    let isClassification = file.classes != nil
    let columns: [ResultColumn] =
      [
        .infiniteWidth, .converged, .orderParameter, .orderParameterMin, .orderParameterMax, .logEvidence,
        .bias,
        .variance, .generalizationError,
      ] + (isClassification ? [.nll, .brier, .accuracy] : [])
    var rows: [[ResultTable.Cell]] = []
    var failures = 0
    for isInfinite in [false, true] {
      let members = networks.filter { ($0.width == .infinite) == isInfinite }
      guard let first = members.first else { continue }
      let family = try KernelFamily(first, file.training, options: solver.fitOptions(compute)) {
        progress.show($0)
      }
      let points = try family.heldOut(file.kernels.heldOutInputs)
      var last: Solution?
      for member in members {
        let (result, prediction) = try family.member(member, at: points, from: last)
        last = result.solution
        if !result.solution.convergence.converged || LostPredictions(prediction, single: false) != nil {
          failures += 1
        }
        let scores = file.heldOutTargets.map {
          prediction.scores(targets: $0, isClassification: isClassification)
        }
        let diagonal = result.orderParameter.diagonal
        var numbers: [Double?] = [
          diagonal.reduce(0, +) / Double(diagonal.count), diagonal.min(), diagonal.max(), result.logEvidence,
          scores?.bias, prediction.count > 0 ? prediction.meanVariance : nil, scores?.generalizationError,
        ]
        if isClassification {
          let labels = file.heldOutTargets.map {
            prediction.labelScores(targets: $0, isClassification: true, temperature: member.temperature)
          }
          numbers += [labels?.nll, labels?.brier, scores?.accuracy]
        }
        rows.append(
          [
            member.width.units.map(ResultTable.Cell.count) ?? ResultTable.Cell.none,
            .number(member.temperature), .number(member.lambda1),
            .flag(isInfinite), .flag(result.solution.convergence.converged),
          ] + numbers.map { $0.map(ResultTable.Cell.number) ?? ResultTable.Cell.none })
      }
    }
    _ = progress.end()
    let parameters = [NetworkParameter.width, .temperature, .lambda1].map(\.column)
    let text = ResultTable(columns: parameters + columns.map(\.rawValue), rows: rows).csv
    if let table { try OutputOptions.write(text, to: table) } else { try StandardOutput.write(text) }
    if failures > 0 {
      throw RenormError.numericalFailure(
        what: "\(failures) of \(networks.count) fits did not converge, or lost their variances to rounding",
        advice: "fit one of them for the reason, or take higher temperatures")
    }
  }

  private func points() throws -> [(width: Width, temperature: Double, lambda1: Double)] {
    if let grid {
      guard width == nil, temperature == nil, lambda1 == nil else {
        throw ValidationError("--grid stands in the place of --width, --temperature and --lambda1")
      }
      return try BankGrid(contentsOf: grid).points.map { ($0.width, $0.temperature, $0.lambda1) }
    }
    guard let width, let temperature else {
      throw ValidationError(
        "Missing expected arguments '--width <N,N,...>' and '--temperature <T,T,...>', or '--grid'")
    }
    func values<Value>(_ text: String, _ option: String, _ make: (String) -> Value?) throws -> [Value] {
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        guard let value = make(String(part)) else {
          throw ValidationError(
            "The value '\(part)' is invalid for '\(option)'; accepted: a number, or several with commas")
        }
        return value
      }
    }
    let widths = try values(width, "--width") { NetworkParameter.width.domain.value($0)?.width }
    let temperatures = try values(temperature, "--temperature") { Double($0) }
    let precisions = try values(lambda1 ?? "1", "--lambda1") { Double($0) }
    return widths.flatMap { width in
      precisions.flatMap { lambda1 in temperatures.map { (width, $0, lambda1) } }
    }
  }
}
