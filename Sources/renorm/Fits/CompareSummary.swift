import Foundation
import RenormFiles
import RenormNextOrder
import RenormSampling

/// A comparison in words and a table, for a person.
struct CompareSummary {
  private let report: CompareRecord
  private let comparison: Comparison
  /// That of the theory past leading order; nil where it was not asked for.
  private let corrected: Comparison?

  /// That of infinite width; nil for one hidden layer.
  private let infiniteWidth: Comparison?

  init(
    _ report: CompareRecord, _ comparison: Comparison, corrected: Comparison?, infiniteWidth: Comparison? = nil
  ) {
    self.infiniteWidth = infiniteWidth
    self.report = report
    self.comparison = comparison
    self.corrected = corrected
  }

  /// Entries of the order parameter that are printed.
  private static let shownEntries = 10

  var text: String {
    let network = report.network
    var lines = [network.title, network.keys.data(report.data)]
    if let dropped = network.dropped { lines.append(dropped) }
    lines += [report.sampler.line, SampleSummary.convergence(report.sampled), ""]
    lines += table
    if let means = comparison.means { lines += ["", "mean predictions  " + predictions(means)] }
    if let means = comparison.probabilities { lines.append("probabilities     " + predictions(means)) }
    if let means = corrected?.means { lines.append("  corrected       " + predictions(means)) }
    if let means = infiniteWidth?.means { lines.append("  infinite width  " + predictions(means)) }
    if let pruning = report.sampled.pruning {
      lines += ["", "units kept        error of single networks, theory, sampled"]
      lines += pruning.enumerated().map { k, row in
        "  \(fourDigits(row.kept))".padded(18)
          + (report.pruning.map { fourDigits($0[k].theory) } ?? "-").padded(12)
          + SampleSummary.estimate(row.error)
      }
    }
    lines += ["", "verdict           \(report.verdict.text)"]
    if let judgement = report.correctedVerdict { lines.append("  corrected       \(judgement.text)") }
    if let next = report.theory.nextOrder { lines.append("next order        \(trust(next))") }
    lines += SampleSummary.readouts(report.sampled)
    if let condensed = report.theory.condensed { lines.append(Summary.neuron(condensed)) }
    if let note = report.theory.nextOrderNote { lines.append("next order        \(note)") }
    lines += [
      "time              \(fourDigits(report.timing.total)) s"
    ]
    return lines.joined(separator: "\n")
  }

  private var table: [String] {
    func row(_ fields: [String]) -> String {
      fields[0].padding(toLength: 24, withPad: " ", startingAt: 0)
        + fields.dropFirst().map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    }
    func z(_ entry: Comparison.Entry) -> String {
      entry.isJudged ? entry.z.map { String(format: "%.1f", $0) } ?? "-" : "-"
    }
    func fields(
      _ entry: Comparison.Entry, _ other: Comparison.Entry?, _ infinite: Comparison.Entry?
    ) -> [String] {
      [
        entry.name, fourDigits(entry.theory), fourDigits(entry.sampled),
        entry.standardError.isFinite ? String(format: "%.2g", entry.standardError) : "-", z(entry),
      ] + (other.map { [fourDigits($0.theory), z($0)] } ?? [])
        + (infinite.map { [fourDigits($0.theory)] } ?? [])
    }
    var lines = [
      row(
        ["", "theory", "sampled", "error", "z"] + (corrected == nil ? [] : ["corrected", "z"])
          + (infiniteWidth == nil ? [] : ["infinite"]))
    ]
    let order = comparison.orderParameter
    func shown(_ comparison: Comparison?) -> [Comparison.Entry]? {
      comparison.map { Array($0.orderParameter.prefix(Self.shownEntries)) + $0.scores }
    }
    let (others, infinite) = (shown(corrected), shown(infiniteWidth))
    for (index, entry) in (order.prefix(Self.shownEntries) + comparison.scores).enumerated() {
      lines.append(row(fields(entry, others?[index], infinite?[index])))
    }
    if order.count > Self.shownEntries {
      let largest = order.compactMap(\.z).map(abs).max() ?? 0
      lines.insert(
        "(\(order.count - Self.shownEntries) more entries of the order parameter; the largest |z| of all is "
          + String(format: "%.1f)", largest), at: 1 + Self.shownEntries)
    }
    return lines
  }

  /// How far the theory can be trusted, as it says itself.
  private func trust(_ next: NextOrderSummary) -> String {
    let isUndecided = next.isUndecided(isOdd: report.theory.formulation != .saddle)
    return String(format: "delta %.2g, sigma %.2g", next.delta, next.sigma)
      + (next.trust.map { ": \($0.advice)" } ?? "")
      + (isUndecided ? " (undecided within the noise of \(next.draws) draws)" : "")
  }

  private func predictions(_ means: Comparison.Means) -> String {
    var text = "rms difference \(fourDigits(means.rmsDifference))"
    if means.rmsStandardError.isFinite { text += " (sampling error \(fourDigits(means.rmsStandardError)))" }
    guard !means.zScores.isEmpty else { return text }
    return text
      + String(
        format: "; z: rms %.2f, largest %.1f, %.1f %% beyond 2", means.zRMS, means.zMax, 100 * means.partBeyond2
      )
  }
}

/// The verdict in a line.
struct VerdictText {
  private let comparison: Comparison

  init(_ comparison: Comparison) { self.comparison = comparison }

  var text: String {
    let count = "\(comparison.comparisons) comparison\(comparison.comparisons == 1 ? "" : "s")"
    let threshold = String(format: "%.2f", comparison.threshold)
    switch comparison.verdict {
    case .notConverged:
      return "none: the chains have not converged; see the warnings"
    case .biased:
      return "none: unadjusted Langevin dynamics is biased by its step size; --sampler collapsed or full judges"
    case .nothingToJudge:
      return "none: no number has a sampling error to judge it by"
    case .agrees:
      return "theory agrees within sampling error (\(count), none beyond |z| = \(threshold))"
    case .deviates(let name, let relative):
      let scale = entry(name)?.scaleName.map { " of \($0)" } ?? ""
      let off = relative.isFinite ? "off by \(percent(relative)) percent\(scale)" : "off"
      return "theory \(off) at this width: \(name) \(values(name)) (\(count), threshold |z| = \(threshold))"
    }
  }

  private func percent(_ relative: Double) -> String {
    String(format: relative < 0.0995 ? "%.2g" : "%.0f", 100 * relative)
  }

  private func entry(_ name: String) -> Comparison.Entry? {
    (comparison.entries + [comparison.means?.largest, comparison.probabilities?.largest].compactMap(\.self))
      .first { $0.name == name }
  }

  /// Theory and sampled value of a quantity.
  private func values(_ name: String) -> String {
    if let entry = entry(name) {
      return "\(fourDigits(entry.theory)), sampled \(fourDigits(entry.sampled))"
        + String(format: " +- %.2g", entry.standardError)
    }
    let found = name == "class probabilities" ? comparison.probabilities : comparison.means
    guard let means = found else { return "" }
    return
      "differ by \(fourDigits(means.rmsDifference)) rms, sampling error \(fourDigits(means.rmsStandardError))"
  }
}
