import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormSweep

struct TuneCommand: FittingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Find the best temperature, priors and length scales, and fit there.",
    discussion: """
      Takes the options of `renorm fit`, whose values are the first start, and `--tune`, the parameters to vary:

        renorm tune --tune temperature=0.001:1,lambda1,length-scale=0.2:10 \\
          --architecture cnn --mask 7 --readout exponential --length-scale 1 \\
          --width 60 --temperature 0.02 --train train.npz --report tuned.json

      Without bounds a parameter varies by a factor of 100 to both sides of its value, where the network takes that. \
      With --output every evaluation is kept, and the same command goes on after an interrupt.
      """)

  @Option(
    name: .customLong("tune"),
    help: ArgumentHelp(
      "Parameters to vary, with their bounds: temperature, lambda0, lambda1, lambda-bias, length-scale, "
        + "filter-length-scale, activation-slope, node-parameter.", valueName: "name=low:high,..."))
  var tuned: String

  @Option(
    help: """
      What decides: evidence (the largest log evidence), k-fold or validation (the least generalization error \
      on held-out parts of the training set).
      """)
  var by = CriterionName.evidence

  @Option(parsing: .unconditional, help: "Number of parts for --by k-fold. (default: 5)")
  var folds: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the training examples held out for --by validation. (default: 0.2)", valueName: "fraction"))
  var validationFraction: Double?

  @Option(parsing: .unconditional, help: "Number of starts: the given values, then draws within the bounds.")
  var starts = 3

  @Option(parsing: .unconditional, help: "Seed of starts and held-out parts (0 to 4294967295).")
  var seed: UInt32 = 0

  @Option(parsing: .unconditional, help: "Largest number of evaluations of what decides.")
  var maxEvaluations = 300

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Points of a profile of every parameter, the others tuned again at each, for `renorm plot profile`. \
      (default: none)
      """, valueName: "points"))
  var profile = 0

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Folder that keeps every evaluation, to go on after an interrupt.", valueName: "folder"),
    completion: .directory)
  var folder: String?

  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Order in 1/N") var orderOptions: OrderOptions
  @OptionGroup(title: "Order in 1/N") var orderDraws: OrderDraws
  @OptionGroup(title: "Data") var dataOptions: DataOptions
  @OptionGroup(title: "Computation") var compute: ComputeOptions
  // Groups of one title are one section of the help.
  @OptionGroup(title: "Computation") var solver: SolverOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var modelOutput: ModelOutput

  func validate() throws {
    if folds != nil, by != .kFold { throw ValidationError("--folds is for --by k-fold") }
    if validationFraction != nil, by != .validation {
      throw ValidationError("--validation-fraction is for --by validation")
    }
  }

  func run() throws {
    var progress = Progress(isQuiet: output.quiet)
    let (network, data) = try prepare(&progress)
    let tuning = try Tuning(
      network, parameters(network), by: criterion,
      options: TuningOptions(
        starts: starts, seed: seed, maximumEvaluations: maxEvaluations, profilePoints: profile,
        fit: solver.fitOptions(compute)))
    let order = try order(of: network, data)
    let result = try tune(tuning, data, &progress)
    let record = TuningRecord(
      result, seed: seed, count: data.train.targets.elements.count, scaling: data.recipe.targetScaling)
    try fit(
      result.network, data, order, &progress, warnings: result.warnings, summary: [TuningSummary(record).text]
    ) { try RecordEncoder.json(TuneRecord($0, record)) }
  }

  private var criterion: TuningCriterion {
    switch by {
    case .evidence: .evidence
    case .kFold: .folds(folds ?? 5)
    case .validation: .heldOut(fraction: validationFraction ?? 0.2)
    }
  }

  /// A factor of 100 to both sides, as far as the network takes it.
  private static let reach = 100.0

  /// The value farthest from `start` towards `end` that the network takes, to 1e-6.
  private static func end(
    _ start: Double, _ end: Double, _ parameter: NetworkParameter, _ network: Network
  ) -> Double {
    if (try? network.with(parameter, end)) != nil { return end }
    var (taken, refused) = (start, end)
    while abs(refused / taken - 1) > 1e-6 {
      let middle = (taken * refused).squareRoot()
      if (try? network.with(parameter, middle)) != nil { taken = middle } else { refused = middle }
    }
    return taken
  }

  /// - Throws: `ValidationError` for text that is no list of parameters with bounds.
  private func parameters(_ network: Network) throws -> [TunedParameter] {
    try tuned.split(separator: ",", omittingEmptySubsequences: false).map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let accepted = network.numbers.map(\.key).joined(separator: ", ")
      guard let parameter = Network.parameters.first(where: { $0.key == parts[0] || $0.column == parts[0] })
      else {
        throw ValidationError("--tune: '\(parts[0])' is no parameter; accepted: \(accepted)")
      }
      guard parts.count > 1 else {
        guard let value = network.number(parameter) else {
          throw ValidationError("--tune: this network has no \(parameter.key); accepted: \(accepted)")
        }
        return try TunedParameter(
          parameter, from: Self.end(value, value / Self.reach, parameter, network),
          to: Self.end(value, value * Self.reach, parameter, network))
      }
      let bounds = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
      guard bounds.count == 2, let low = bounds[0], let high = bounds[1] else {
        throw ValidationError(
          "--tune: '\(parts[1])' are no bounds of \(parameter.key); accepted: \(parameter.key)=low:high")
      }
      return try TunedParameter(parameter, from: low, to: high)
    }
  }

  private func tune(_ tuning: Tuning, _ data: LoadedData, _ progress: inout Progress) throws -> TuningResult {
    let store = try folder.map { try TuningStore($0, tuning, sources: data.sources) }
    defer { store?.close() }
    let signals = store.map { store in
      // A file of the store is renamed into place when it is complete, so the process may end anywhere.
      InterruptSignals { number in
        store.leave()
        ErrorLine.write(
          "interrupted: \(store.count) evaluations are done and safe in \(store.path); the same command goes on"
        )
        _exit(128 + number)
      }
    }
    defer { signals?.cancel() }
    var failure: (any Error)?
    // Closures that are kept for a while cannot hold an inout.
    let shown = TuningProgress(progress)
    let result = try tuning.run(
      on: data.train, known: store?.evaluations ?? [], progress: { shown.progress.show($0) },
      evaluated: { evaluation in
        shown.note(evaluation, tuning)
        do {
          try store?.write(evaluation)
          return true
        } catch {
          failure = error
          return false
        }
      })
    progress = shown.progress
    if let failure { throw failure }
    return result
  }
}

/// The value of `--by`.
enum CriterionName: String, ExpressibleByArgument, CaseIterable {
  case evidence
  case kFold = "k-fold"
  case validation
}

/// What is shown while a tuning runs.
private final class TuningProgress {
  var progress: Progress

  init(_ progress: Progress) { self.progress = progress }

  func note(_ evaluation: TuningEvaluation, _ tuning: Tuning) {
    let values = zip(tuning.parameters, evaluation.values(of: tuning.parameters)).map {
      "\($0.parameter.key) \(fourDigits($1))"
    }.joined(separator: ", ")
    let value = evaluation.value.map { "\(tuning.criterion.words) \(fourDigits($0))" } ?? "failed"
    progress.note("tuning: evaluation \(evaluation.index + 1): \(value) at \(values)")
  }
}

/// Where a tuning has ended, in words.
private struct TuningSummary {
  let record: TuningRecord

  init(_ record: TuningRecord) { self.record = record }

  var text: String {
    let name = record.criterion == "evidence" ? "log evidence" : "generalization error (\(record.criterion))"
    let best = record.parameters.map { parameter in
      let spread = parameter.width.map { " (x/÷ \(String(format: "%.2g", exp(min($0, 50)))))" } ?? ""
      let remark = parameter.edge == nil ? spread : " (end of its range)"
      return "\(parameter.name) = \(fourDigits(parameter.value))\(remark)"
    }.joined(separator: ", ")
    let agreed = record.searches.count { $0.end == .converged || $0.end == .joined }
    return "tuned             \(best)\n"
      + "by                \(name) \(fourDigits(record.value)), \(record.evaluations.count) evaluations, "
      + "\(agreed) of \(record.searches.count) searches converged"
  }
}
