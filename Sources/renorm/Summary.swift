import Renorm

/// The report of a fit in words, for a person.
struct Summary {
  private let report: Report

  init(_ report: Report) { self.report = report }

  var text: String {
    let (network, result) = (report.network, report.result)
    var lines = [network.title, network.data(report.data), solution]
    if let dropped = network.dropped { lines.append(dropped) }
    let train = result.train
    lines.append("training          error \(fourDigits(train.error))\(accuracy(train.accuracy))")
    if let test = result.test { lines.append(held(test)) }
    if let evidence = result.logEvidence { lines.append("log evidence      \(fourDigits(evidence))") }
    lines.append("time              \(fourDigits(report.timing.total)) s")
    return lines.joined(separator: "\n")
  }

  private var solution: String {
    let result = report.result
    let diagonal = result.orderParameter.matrix.diagonal
    let (low, high) = (fourDigits(diagonal.min() ?? 0), fourDigits(diagonal.max() ?? 0))
    let range = diagonal.count == 1 ? low : "diagonal \(low) to \(high)"
    guard !report.network.infiniteWidth else { return "order parameter   \(range)" }
    return "order parameter   \(range) (\(result.converged ? "converged" : "NOT CONVERGED"): gradient norm "
      + "\(fourDigits(result.gradientNorm)), \(result.evaluations) evaluations)"
  }

  private func held(_ test: Report.Test) -> String {
    guard let bias = test.bias, let error = test.generalizationError else {
      return "predictions       \(test.count) points, mean variance \(fourDigits(test.variance))"
    }
    return "held-out          \(test.count) points, generalization error \(fourDigits(error)) = bias "
      + "\(fourDigits(bias)) + variance \(fourDigits(test.variance))\(accuracy(test.accuracy))"
  }

  private func accuracy(_ value: Double?) -> String {
    value.map { ", accuracy \(fourDigits(100 * $0)) %" } ?? ""
  }
}
