import ArgumentParser
import Foundation
import Renorm
import RenormNextOrder
import RenormSweep

extension BestPoints.Criterion: ExpressibleByArgument {}
extension Trust: ExpressibleByArgument {}

struct SweepBestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "best",
    abstract: "Find the best parameters of a sweep, and compare finite with infinite width at their best.",
    discussion: """
      Repeats (points that differ in the shuffle seed alone) are averaged, and the best is chosen among the \
      parameters with the most repeats: where some failed, the rest may be the easier training sets. What is \
      chosen on the test examples looks better there than it is: give the sweep a validation-fraction, and \
      choose with --validation. Finite width is called better or worse than infinite width only beyond twice \
      the error of their difference, paired over repeats; a single repeat has no known error.
      """)

  @Argument(help: "Folder of the results.", completion: .directory) var folder: String
  @Option(
    help: "generalization-error, nll (-log p of labels), brier, accuracy, or evidence (of the training set).")
  var by = BestPoints.Criterion.generalizationError
  @Flag(help: "Choose on the validation examples, and report the test examples.") var validation = false
  @Option(
    help: """
      Leave out parameters of which a repeat has this class of trust, such as sample; for sweeps with \
      'order: next'. May be repeated.
      """)
  var excludeClass: [Trust] = []

  func run() throws {
    let store = try SweepStore(reading: folder)
    let records = try store.finishedRecords()
    let failed = records.count { $0.failure != nil }
    if failed > 0 { ErrorLine.write("warning: \(failed) points failed and are left out") }
    if by == .evidence, let remark = Self.temperatures(records) {
      throw ValidationError("\(folder): \(remark)")
    }
    if validation, by == .evidence {
      throw ValidationError("--by evidence needs no validation examples: it is that of the training set")
    }
    if validation, !records.contains(where: { $0.scored?.validation != nil }) {
      throw ValidationError(
        "\(folder): the sweep has no validation examples; run it with the key 'validation-fraction', "
          + "or choose on the test examples without --validation")
    }
    let classes = records.compactMap { $0.scored?.nextOrder?.summary?.trust }
    guard excludeClass.isEmpty || !classes.isEmpty else {
      throw ValidationError(
        "\(folder): no point has a class of trust; run the sweep with the key 'order: next'")
    }
    let left = classes.count { excludeClass.contains($0) }
    if left > 0 {
      let names = Set(excludeClass).sorted().map(\.rawValue).joined(separator: ", ")
      ErrorLine.write(
        "warning: parameters with the \(left) points of class \(names) are left out")
    }
    guard let best = BestPoints(records, by: by, onValidation: validation, excluding: Set(excludeClass)) else {
      guard left == 0 else {
        throw ValidationError("\(folder): nothing is left without the excluded classes")
      }
      throw ValidationError("\(folder): \(Self.missing(by)); accepted: \(Self.others(by))")
    }
    try StandardOutput.write(BestText(best: best, onValidation: validation).text)
  }

  /// Why the evidence does not choose among these points; nil where it does. With another likelihood than
  /// Gaussian noise it falls with 1/T whatever the data.
  private static func temperatures(_ records: [PointRecord]) -> String? {
    let networks = records.map(\.parameters.network).filter {
      $0[.likelihood] != nil && $0[.likelihood] != NetworkParameter.likelihood.defaultValue
    }
    guard let first = networks.first, Set(networks.map(\.temperature)).count > 1 else { return nil }
    return "the evidence does not choose a temperature with the likelihood '\(first.likelihood)', which is "
      + "normalised over labels at T = 1 only; accepted: --by nll"
  }

  private static func missing(_ criterion: BestPoints.Criterion) -> String {
    switch criterion {
    case .generalizationError: "no finished point has test examples"
    case .accuracy:
      "no finished point has an accuracy: the targets are real numbers, or there are no test examples"
    case .nll:
      "no finished point has a -log p of test labels: there are none, or an earlier version computed it"
    case .brier:
      "no finished point has a Brier score: the targets are real numbers, or there are no test examples"
    case .evidence: "no finished point has a log evidence (there is none for relu at finite width)"
    }
  }

  private static func others(_ criterion: BestPoints.Criterion) -> String {
    BestPoints.Criterion.allCases.filter { $0 != criterion }.map { "--by \($0.rawValue)" }.joined(
      separator: ", ")
  }
}

/// The best points in words and tables.
struct BestText {
  let best: BestPoints
  let onValidation: Bool

  var text: String {
    var lines: [String] = []
    let examples =
      best.criterion == .evidence
      ? "the training set" : onValidation ? "the validation examples" : "the test examples"
    lines.append("best \(name) on \(examples)")
    if !onValidation, best.criterion != .evidence {
      lines.append(
        "chosen and reported on the same examples, so a little too good; a validation-fraction avoids that")
    }
    for candidate in best.overall {
      lines.append(
        "P = \(candidate.record.parameters.trainCount): \(describe(candidate)), \(name) \(value(candidate))"
          + (hasRepeats ? ", \(repeats(candidate))" : ""))
    }
    for section in best.sections { lines += [""] + table(section) }
    return lines.joined(separator: "\n") + "\n"
  }

  private var name: String {
    switch best.criterion {
    case .generalizationError: "generalization error"
    case .accuracy: "accuracy"
    case .nll: "-log p of labels"
    case .brier: "Brier score"
    case .evidence: "log evidence"
    }
  }

  private func value(_ candidate: BestPoints.Candidate) -> String {
    number(candidate.value) + (candidate.error.map { " +- \(number($0))" } ?? "")
  }

  /// Whether any parameters were computed more than once.
  private var hasRepeats: Bool {
    (best.overall + best.sections.flatMap(\.widths)).contains { $0.repeats > 1 }
  }

  private func repeats(_ candidate: BestPoints.Candidate) -> String {
    "\(candidate.repeats) repeat\(candidate.repeats == 1 ? "" : "s")"
  }

  private func describe(_ candidate: BestPoints.Candidate) -> String {
    let network = candidate.record.parameters.network
    return
      ([network.architecture, network.width.units.map { "N = \($0)" } ?? "infinite width"] + others(network)
      + Self.numbers.compactMap { parameter in
        network[parameter].map { "\(Self.label(parameter)) = \($0.text)" }
      }).joined(separator: ", ")
  }

  /// The parameters of every network that have a column of their own, beside the width.
  private static let numbers = Network.numbers.filter { $0 != .width }

  /// A letter where formulas have one without an index, else the key.
  private static func label(_ parameter: NetworkParameter) -> String {
    guard let symbol = parameter.symbol, symbol.index == nil else { return parameter.key }
    return symbol.letter
  }

  private func table(_ section: BestPoints.Section) -> [String] {
    let numbers = Self.numbers.filter { parameter in
      section.widths.contains { $0.record.parameters.network[parameter] != nil }
    }
    var rows = [
      ["width"] + numbers.map(Self.label) + ["other"] + (hasRepeats ? ["repeats"] : [])
        + (onValidation ? ["validation"] : [])
        + ["error", "bias", "variance", "accuracy", "nll", "evidence"]
    ]
    for candidate in section.widths {
      let network = candidate.record.parameters.network
      let edges = best.edges(candidate)
      var row = ["\(network.width)"]
      row += numbers.map { (network[$0]?.text ?? "") + (edges.contains($0) ? "*" : "") }
      row.append(
        others(network).joined(separator: " ") + (edges.contains { !numbers.contains($0) } ? "*" : ""))
      if hasRepeats { row.append("\(candidate.repeats)") }
      if onValidation { row.append(value(candidate)) }
      row += [candidate.test?.generalizationError, candidate.test?.bias, candidate.test?.variance]
        .map { $0.map(number) ?? "" }
      row += [candidate.test?.accuracy, candidate.test?.nll, candidate.logEvidence].map { $0.map(number) ?? "" }
      rows.append(row)
    }
    let lines = tableLines(rows) { $0.padded($1) }.map { "  " + $0 }
    var result = ["\(section.architecture), P = \(section.trainCount)"] + lines.map(trimmedEnd)
    if section.widths.contains(where: { !best.edges($0).isEmpty }) {
      result.append("  * at the end of its values: a better one may lie beyond")
    }
    if let sentence = sentence(section) { result.append(sentence) }
    return result
  }

  /// Everything that has no column of its own: components that are not the usual ones, and the activation, each
  /// with its parameters.
  private func others(_ network: NetworkDescription) -> [String] {
    var parts: [String] = []
    for parameter in Network.parameters where !Network.numbers.contains(parameter) {
      guard parameter != .architecture, let value = network[parameter] else { continue }
      switch value {
      case .name(let name):
        if parameter == .activation || value != parameter.defaultValue { parts.append(name) }
      case .extent(let extent):
        if parameter != .stride || value != network[.mask] { parts.append("\(parameter.key) \(extent)") }
      case .padding(let padding):
        if value != parameter.defaultValue { parts.append("padding \(padding)") }
      case .count, .list:
        if value != parameter.defaultValue { parts.append("\(parameter.key) \(value.text)") }
      case .number, .width, .matrix:
        // It follows the name of its component in the table.
        parts.append((parts.popLast().map { "\($0) " } ?? "") + value.text)
      }
    }
    return parts
  }

  /// What the data say about finite width.
  private func sentence(_ section: BestPoints.Section) -> String? {
    guard let finite = section.bestFinite(best.criterion), let infinite = section.infinite,
      let units = finite.record.parameters.network.width.units
    else { return nil }
    var text =
      "\(section.architecture), P = \(section.trainCount): the best finite width, N = \(units), has \(name) "
      + "\(value(finite)), the best infinite width \(value(infinite)): " + comparison(finite, infinite)
    if finite.repeats != infinite.repeats {
      text += " These are means over \(repeats(finite)) and \(repeats(infinite)): compare with care."
    }
    if onValidation, let x = finite.testValue, let y = infinite.testValue {
      text += " On the test examples: \(number(x)) against \(number(y))."
    }
    return text
  }

  /// Whether a difference is one: only beyond its error, paired over repeats on the same training sets.
  private func comparison(_ finite: BestPoints.Candidate, _ infinite: BestPoints.Candidate) -> String {
    guard let difference = finite.difference(to: infinite, best.criterion) else {
      return "they share no repeat, so they cannot be compared."
    }
    let (scale, unit): (Double, String) =
      switch best.criterion {
      case .generalizationError, .brier: (infinite.value == 0 ? 0 : 100 / abs(infinite.value), "percent")
      case .accuracy: (100, "percentage points")
      case .evidence, .nll: (1, "(natural logarithm)")
      }
    func size(_ value: Double) -> String { String(format: "%.2g", abs(scale * value)) }
    let direction = difference.mean < 0 ? "lower" : "higher"
    let amount = difference.mean == 0 ? "equal" : "\(size(difference.mean)) \(unit) \(direction)"
    guard let error = difference.error else {
      return "\(amount) in a single repeat, whose error is not known; several values of shuffle-seed show it."
    }
    let measured = "(\(amount), +- \(size(error)), paired over \(difference.repeats) repeats)"
    return
      switch difference.verdict
    {
    case .better: "finite width is better \(measured)."
    case .worse: "finite width is worse \(measured)."
    case .same, .unknown: "no difference beyond the error \(measured)."
    }
  }

  private func trimmedEnd(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
