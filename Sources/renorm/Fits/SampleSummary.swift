import Foundation
import RenormFiles

/// The report of a sampled network in words, for a person.
struct SampleSummary {
  private let report: SampleRecord

  init(_ report: SampleRecord) { self.report = report }

  var text: String {
    let (network, sampled) = (report.network, report.sampled)
    var lines = [
      network.title, network.keys.data(report.data), orderParameter,
      "training          loss \(Self.estimate(sampled.train.loss))",
    ]
    if let paths = sampled.paths {
      lines.append("paths             " + paths.map(Self.estimate).joined(separator: ", "))
    }
    lines += Self.readouts(sampled)
    if let test = sampled.test {
      let points = "held-out          \(test.count ?? 0) points, "
      if let nll = test.nll {
        lines.append("\(points)-log p \(Self.estimate(nll)) a point, Brier score \(Self.estimate(test.brier))")
        lines.append("                  mean variance of latents \(Self.estimate(test.variance))")
      } else {
        lines.append(points + "generalization error " + Self.estimate(test.generalizationError))
        lines.append(
          "                  bias \(Self.estimate(test.bias)), variance \(Self.estimate(test.variance))")
      }
      if let accuracy = test.accuracy { lines.append("                  accuracy \(Self.estimate(accuracy))") }
    }
    if let scales = sampled.nodeScales {
      if let value = scales.openFraction { lines.append("open units        " + Self.estimate(value)) }
      if let value = scales.meanLogScale { lines.append("mean log scale    " + Self.estimate(value)) }
    }
    if let pruning = sampled.pruning {
      lines.append("units kept        error of single networks")
      lines += pruning.map { "  \(fourDigits($0.kept))".padded(18) + Self.estimate($0.error) }
    }
    if let dropped = network.dropped { lines.append(dropped) }
    lines += [report.sampler.line, Self.convergence(report.sampled)]
    lines.append("time              \(fourDigits(report.timing.total)) s")
    return lines.joined(separator: "\n")
  }

  private var orderParameter: String {
    let (values, errors) = (report.sampled.orderParameter, report.sampled.orderParameterError)
    let diagonal = values.indices.compactMap { values[$0][$0] }
    let largest = errors.joined().compactMap(\.self).max()
    let error =
      largest.map { "\(diagonal.count == 1 ? " +- " : ", errors up to ")\(String(format: "%.2g", $0))" } ?? ""
    let range =
      diagonal.count == 1
      ? fourDigits(diagonal[0])
      : "diagonal \(fourDigits(diagonal.min() ?? 0)) to \(fourDigits(diagonal.max() ?? 0))"
    return "order parameter   \(range)\(error) (sampled lambda1 <v v>/N)"
  }

}

extension SampleSummary {
  /// R-hat and effective sample sizes of the worst number.
  static func convergence(_ sampled: SampledRecord) -> String {
    let rHat =
      sampled.diagnostics.values.contains(where: \.isStuck)
      ? "R-hat infinite"
      : sampled.diagnostics.values.compactMap(\.rHat).max().map { String(format: "R-hat up to %.3f", $0) }
    let size = sampled.diagnostics.values.flatMap { [$0.bulkESS, $0.tailESS] }.compactMap(\.self).min()
    let state = sampled.converged ? "converged" : "NOT CONVERGED"
    let found = [
      rHat, size.map { "effective draws at least \(Int($0))" },
    ]
    return "chains            " + ([state] + found.compactMap(\.self)).joined(separator: ", ")
  }

  /// The largest readouts, where they were recorded.
  static func readouts(_ sampled: SampledRecord) -> [String] {
    guard let sizes = sampled.readouts else { return [] }
    let alignment = sampled.alignment.map { ", alignment \(estimate($0))" } ?? ""
    return [
      "largest readouts  \(sizes.map(estimate).joined(separator: ", "))\(alignment) (deviations of the prior)"
    ]
  }

  /// A number with its error.
  static func estimate(_ estimate: EstimateRecord?) -> String {
    guard let estimate, let mean = estimate.mean else { return "unknown" }
    return fourDigits(mean) + (estimate.standardError.map { String(format: " +- %.2g", $0) } ?? "")
  }
}

extension SamplerRecord {
  /// How the sampler fared, in a line.
  var line: String {
    let acceptance = acceptance.map { String(format: ", acceptance %.2f", $0) } ?? ""
    return "sampler           \(name): \(chains) chains of \(samples) draws after \(warmup), "
      + "\(gradients) gradients, step size \(fourDigits(stepSize))\(acceptance), "
      + "\(divergences) divergence\(divergences == 1 ? "" : "s")"
  }
}
