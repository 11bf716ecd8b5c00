internal import Renorm
public import RenormFiles

/// What a sampled network gave, from the report of `renorm sample` (JSON), or from that of another program with
/// the keys `architecture` and `test` at least.
public struct SampledReport: Sendable {
  let network: NetworkRecord
  let test: SampledTestRecord
  /// The file, for messages.
  fileprivate let path: String

  /// Reads a report.
  ///
  /// - Throws: `DataError` for a file that cannot be read or is no such report.
  public init(path: String) throws(DataError) {
    let accepted = "a report (JSON) of `renorm sample`"
    let report = try RecordReader.read(
      Both<NetworkRecord, SampledScoresRecord>.self, path: path, accepted: accepted)
    guard let test = report.second.test else {
      throw .malformed(
        path: path, place: .key("test"), reason: "is missing; accepted is \(accepted) with held-out examples")
    }
    (network, self.test, self.path) = (report.first, test, path)
  }

  /// The value of a parameter as a table has it; nil where the report does not say.
  func value(_ parameter: SweepParameter) -> SweepValue? {
    if parameter == .trainCount { return network.trainCount.map { .number(Double($0)) } }
    let row = Network.parameters.first { $0.column == parameter.column }
    let value = row.flatMap { network.value($0) }
    return switch value {
    case .name(let name): .text(name)
    case .number(let number): .number(number)
    case .count(let count): .number(Double(count))
    case .extent(let extent): .text("\(extent)")
    case .list: .text(value?.text ?? "")
    case .width(let width): .number(width.units.map(Double.init) ?? .infinity)
    case .padding(let padding): .text("\(padding)")
    case .matrix(let matrix): .text(matrix.source)
    case nil: nil
    }
  }

  /// Refuses a network that differs from all points of its architecture, in other parameters than the given
  /// ones.
  ///
  /// - Throws: `PlotError.unsuitable` with the parameter.
  func check(against points: [SweepPoint], without free: [SweepParameter]) throws(PlotError) {
    let alike = points.filter { $0.parameters[.architecture] == .text(network.architecture) }
    for parameter in SweepParameter.allCases where !free.contains(parameter) {
      let known = alike.values(parameter)
      guard let value = value(parameter), !known.isEmpty, !known.contains(value) else { continue }
      throw .unsuitable(
        "\(path) was sampled at \(parameter.option) \(value.plain), but the points drawn have "
          + known.map(\.plain).joined(separator: ", "))
    }
  }
}

/// A sampled result at its place on an axis.
struct SampledPoint: Equatable, Sendable {
  let architecture: String
  let x: Double
  let y: Double
  let standardError: Double?

  /// - Throws: `PlotError.unreadable` where the report has no such result, or no place on the axis.
  init(_ report: SampledReport, _ axis: SweepAxis, _ result: SweepResult) throws(PlotError) {
    let estimate: EstimateRecord? =
      switch result {
      case .bias: report.test.bias
      case .variance: report.test.variance
      case .generalizationError: report.test.generalizationError
      case .accuracy: report.test.accuracy
      case .logEvidence, .trainError, .trainAccuracy, .delta, .sigma, .nll, .brier, .expectedCalibrationError:
        nil
      }
    let place: Double? =
      switch axis {
      case .alpha: report.network.alpha
      case .parameter(let parameter): report.value(parameter)?.number
      }
    guard let estimate, let mean = estimate.mean else {
      throw .unreadable(path: report.path, reason: "the report of a sampled network has no \(result.option)")
    }
    guard let place else {
      throw .unreadable(
        path: report.path, reason: "the report has no \(axis.option), so the point has no place")
    }
    architecture = report.network.architecture
    x = place
    y = mean
    standardError = estimate.standardError
  }
}
