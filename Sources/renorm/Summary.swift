import Foundation
import Renorm

/// The report in words, for a person.
struct Summary {
  let report: Report

  var text: String {
    var lines = [title, data, solution]
    if report.droppedRows + report.droppedColumns > 0 {
      lines.append(
        "dropped           the last \(report.droppedRows) rows and \(report.droppedColumns) columns of pixels, "
          + "which the stride does not reach")
    }
    lines.append("training          error \(number(report.train.error))\(accuracy(report.train.accuracy))")
    if let test = report.test { lines += held(test) }
    if let evidence = report.logEvidence { lines.append("log evidence      \(number(evidence))") }
    lines.append("time              \(number(report.timing.total)) s")
    return lines.joined(separator: "\n")
  }

  private var title: String {
    let width = report.width.map { "N = \($0), alpha = P/N = \(number(report.alpha))" } ?? "infinite width"
    return "network           \(report.architecture), \(report.activation), \(width), T = \(report.temperature), "
      + "lambda0 = \(report.lambda0), lambda1 = \(report.lambda1)"
  }

  private var data: String {
    var text = "training set      P = \(report.trainCount), "
    if let classes = report.data?.classes { text += "classes \(classes.map(String.init).joined(separator: ", "))" }
    else { text += "\(report.outputs) real-valued output\(report.outputs == 1 ? "" : "s")" }
    if report.positions > 1 {
      text += ", n = \(report.positions) positions (\(report.grid[0]) x \(report.grid[1]))"
    }
    return text
  }

  private var solution: String {
    let diagonal = report.orderParameter.matrix.diagonal
    let range =
      diagonal.count == 1
      ? number(diagonal[0]) : "diagonal \(number(diagonal.min() ?? 0)) to \(number(diagonal.max() ?? 0))"
    let state = report.converged ? "converged" : "NOT CONVERGED"
    let effort =
      report.infiniteWidth
      ? "" : " (\(state): gradient norm \(number(report.gradientNorm)), \(report.evaluations) evaluations)"
    return "order parameter   \(range)\(effort)"
  }

  private func held(_ test: Report.Test) -> [String] {
    guard let bias = test.bias, let error = test.generalizationError else {
      return ["predictions       \(test.count) points, mean variance \(number(test.variance))"]
    }
    return [
      "held-out          \(test.count) points, generalization error \(number(error)) = bias \(number(bias)) "
        + "+ variance \(number(test.variance))\(accuracy(test.accuracy))"
    ]
  }

  private func accuracy(_ value: Double?) -> String {
    value.map { ", accuracy \(number(100 * $0)) %" } ?? ""
  }

  /// Four significant digits.
  private func number(_ value: Double) -> String { String(format: "%.4g", value) }
}
