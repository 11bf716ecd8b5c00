import Foundation
import RenormFiles
import RenormNextOrder

/// The report of a fit in words, for a person.
struct Summary {
  private let report: FitRecord

  init(_ report: FitRecord) { self.report = report }

  var text: String {
    let network = report.network
    var lines = [network.title, network.keys.data(report.data), solution]
    if let readout = report.solution.readoutPrior {
      lines.append(
        "readout prior     rank \(readout.rank), effective rank \(fourDigits(readout.effectiveRank))")
    }
    if let dropped = network.dropped { lines.append(dropped) }
    let train = report.train
    let fitness =
      train.error.map { "error \(fourDigits($0))" } ?? train.nll.map { "-log p \(fourDigits($0)) a point" }
    lines.append("training          \(fitness ?? "")\(accuracy(train.accuracy))")
    if let test = report.test { lines.append(held(test)) }
    if let evidence = report.logEvidence { lines.append("log evidence      \(fourDigits(evidence))") }
    if let next = report.nextOrder { lines.append("\(trust(next))") }
    if let condensed = report.condensed { lines.append(Self.neuron(condensed)) }
    if let note = report.nextOrderNote { lines.append("leading order     \(note)") }
    lines.append("time              \(fourDigits(report.timing.total)) s")
    return lines.joined(separator: "\n")
  }

  private var solution: String {
    let (order, convergence) = (report.solution.orderParameter, report.solution.convergence)
    let diagonal = order.diagonal
    let (low, high) = (fourDigits(diagonal.min() ?? 0), fourDigits(diagonal.max() ?? 0))
    let range = diagonal.count == 1 ? low : "diagonal \(low) to \(high)"
    guard report.network.width != nil else { return "order parameter   \(range)" }
    let shown: String
    if let layers = report.solution.layers {
      shown = "q = \(listed(layers.orderParameters)), paths p = \(listed(layers.paths))"
    } else {
      shown = range
    }
    let state = convergence.converged ? "converged" : "NOT CONVERGED"
    return "order parameter   \(shown) (\(state): gradient norm "
      + "\(fourDigits(convergence.gradientNorm)), \(report.solution.search.evaluations) evaluations)"
  }

  private func listed(_ values: [Double]) -> String { values.map(fourDigits).joined(separator: ", ") }

  private func held(_ test: TestRecord) -> String {
    var text: String
    if let bias = test.bias, let error = test.generalizationError {
      text =
        "held-out          \(test.count) points, generalization error \(fourDigits(error)) = bias "
        + "\(fourDigits(bias)) + variance \(fourDigits(test.variance))\(accuracy(test.accuracy))"
    } else if test.nll != nil {
      text =
        "held-out          \(test.count) points, mean variance of latents \(fourDigits(test.variance))"
        + accuracy(test.accuracy)
    } else {
      return "predictions       \(test.count) points, mean variance \(fourDigits(test.variance))"
    }
    if let nll = test.nll {
      text += "\nlabels            -log p \(fourDigits(nll)) a point"
      if let error = test.expectedCalibrationError { text += ", calibration error \(fourDigits(error))" }
    }
    return text
  }

  /// The explicit neuron of `--order condensed`.
  static func neuron(_ condensed: CondensedSummary) -> String {
    guard let readout = condensed.readout, let deviation = condensed.readoutDeviation,
      let ratio = condensed.logRatio, let alignment = condensed.alignment, let nodes = condensed.nodes
    else { return "condensed neuron  none: the mixture is exact for linear activations" }
    var numbers = "\(fourDigits(readout)) +- \(String(format: "%.2g", deviation))"
    var logs = "log Z1/Z0 \(String(format: "%.3g", ratio))"
    if let second = condensed.secondReadout, let deviation = condensed.secondReadoutDeviation,
      let ratio = condensed.secondLogRatio
    {
      numbers += ", second \(fourDigits(second)) +- \(String(format: "%.2g", deviation))"
      logs += ", log Z2/Z1 \(String(format: "%.3g", ratio))"
    }
    let alone = String(format: "%.2f", alignment)
    let line = "condensed neuron  largest readout \(numbers), alignment \(alone), \(logs) (\(nodes) nodes)"
    guard let cumulant = condensed.bulkCumulant else { return line }
    return line + "\nbulk cumulant     delta \(withError(cumulant.delta, cumulant.standardError)), means to "
      + "\(String(format: "%.2g", cumulant.meanError)) of a deviation (\(cumulant.draws) draws\(cumulant.isAdded ? "" : "; left out"))"
  }

  /// What leading order is off by, and what to do.
  private func trust(_ next: NextOrderSummary) -> String {
    let noise = next.standardErrors?.sigma.map { " +- \(String(format: "%.1g", $0))" } ?? ""
    var parts = ["means by \(twoDigits(next.sigma))\(noise) posterior standard deviations"]
    if let shift = next.biasShift, let bias = (report.leading?.test ?? report.test)?.bias, bias > 0 {
      parts.append("bias by \(twoDigits(-100 * shift / bias)) %")
    }
    if let shift = next.evidenceShift { parts.append("log evidence by \(twoDigits(-shift))") }
    let error = next.standardErrors.map { " +- \(String(format: "%.1g", $0.delta))" } ?? ""
    let off =
      "leading order     off in \(parts.joined(separator: ", ")) (delta \(twoDigits(next.delta))\(error)); "
    let isUndecided = next.isUndecided(isOdd: report.solution.formulation != .saddle)
    let more = isUndecided ? " (undecided within the noise of \(next.draws) draws)" : ""
    switch (next.trust, next.order) {
    case (nil, _): return off + "this is the mixture alone, half of the next order: take --order next"
    case (.sample?, _):
      let isCovered =
        report.network.architecture == "fc" && report.network.activation == "erf"
        && report.solution.layers == nil
      let condensed = isCovered ? ", or take --order condensed, which does not expand" : ""
      return off + "\(Trust.sample.advice) with renorm sample\(condensed)\(more)"
    case (let trust?, .leading): return off + "take --order next: \(trust.advice)\(more)"
    case (let trust?, _): return off + "the numbers above are corrected: \(trust.advice)\(more)"
    }
  }

  private func accuracy(_ value: Double?) -> String {
    value.map { ", accuracy \(fourDigits(100 * $0)) %" } ?? ""
  }
}
