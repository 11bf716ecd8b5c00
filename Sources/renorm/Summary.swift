import RenormFiles

/// The report of a fit in words, for a person.
struct Summary {
  private let report: FitRecord

  init(_ report: FitRecord) { self.report = report }

  var text: String {
    let network = report.network
    var lines = [network.title, network.keys.data(report.data), solution]
    if let dropped = network.dropped { lines.append(dropped) }
    let train = report.train
    lines.append("training          error \(fourDigits(train.error))\(accuracy(train.accuracy))")
    if let test = report.test { lines.append(held(test)) }
    if let evidence = report.logEvidence { lines.append("log evidence      \(fourDigits(evidence))") }
    lines.append("time              \(fourDigits(report.timing.total)) s")
    return lines.joined(separator: "\n")
  }

  private var solution: String {
    let (order, convergence) = (report.solution.orderParameter, report.solution.convergence)
    let diagonal = order.diagonal
    let (low, high) = (fourDigits(diagonal.min() ?? 0), fourDigits(diagonal.max() ?? 0))
    let range = diagonal.count == 1 ? low : "diagonal \(low) to \(high)"
    guard report.network.width != nil else { return "order parameter   \(range)" }
    return "order parameter   \(range) (\(convergence.converged ? "converged" : "NOT CONVERGED"): gradient norm "
      + "\(fourDigits(convergence.gradientNorm)), \(report.solution.search.evaluations) evaluations)"
  }

  private func held(_ test: TestRecord) -> String {
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
