internal import Foundation
internal import RenormFiles

/// What a sampled network gave, from the report of `renorm sample` (JSON).
public struct SampledReport: Decodable, Sendable {
  struct Estimate: Decodable {
    let mean: Double
    let standardError: Double?
  }

  struct Test: Decodable {
    let bias: Estimate?
    let variance: Estimate?
    let generalizationError: Estimate?
    let accuracy: Estimate?
  }

  let architecture: String
  let activation: String?
  let width: Int?
  let alpha: Double?
  let temperature: Double?
  let lambda0: Double?
  let lambda1: Double?
  let mask: [Int]?
  let stride: [Int]?
  let readout: String?
  let lengthScale: Double?
  let trainCount: Int?
  let test: Test
  /// The file, for messages.
  fileprivate var path = ""

  private enum CodingKeys: String, CodingKey {
    case architecture, activation, width, alpha, temperature, lambda0, lambda1, mask, stride, readout,
      lengthScale
    case trainCount, test
  }

  /// Reads a report.
  ///
  /// - Throws: `DataError` for a file that cannot be read, `PlotError.unreadable` for one that is no such
  ///   report.
  public init(path: String) throws {
    let content = try FileContent(path: path).textBytes
    do {
      self = try JSONDecoder().decode(SampledReport.self, from: Data(content))
    } catch let error as DecodingError {
      throw PlotError.unreadable(path: path, reason: "not a report of `renorm sample`: \(error.summary)")
    }
    self.path = path
  }

  /// The value of a parameter as a table has it; nil where the report does not say.
  func value(_ parameter: SweepParameter) -> SweepValue? {
    func text(_ extent: [Int]?) -> SweepValue? {
      extent.map { .text($0.map(String.init).joined(separator: "x")) }
    }
    return switch parameter.column {
    case "architecture": .text(architecture)
    case "activation": activation.map { .text($0) }
    case "width": width.map { .number(Double($0)) }
    case "temperature": temperature.map { .number($0) }
    case "lambda0": lambda0.map { .number($0) }
    case "lambda1": lambda1.map { .number($0) }
    case "mask": text(mask)
    case "stride": text(stride)
    case "readout": readout.map { .text($0) }
    case "lengthScale": lengthScale.map { .number($0) }
    case "trainCount": trainCount.map { .number(Double($0)) }
    default: nil
    }
  }

  /// Refuses a network that differs from all points of its architecture, in other parameters than the given
  /// ones.
  ///
  /// - Throws: `PlotError.unsuitable` with the parameter.
  func check(against points: [SweepPoint], without free: [SweepParameter]) throws(PlotError) {
    let alike = points.filter { $0.parameters[.architecture] == .text(architecture) }
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
    let estimate: SampledReport.Estimate? =
      switch result {
      case .bias: report.test.bias
      case .variance: report.test.variance
      case .generalizationError: report.test.generalizationError
      case .accuracy: report.test.accuracy
      case .logEvidence, .trainError, .trainAccuracy: nil
      }
    let place: Double? =
      switch axis {
      case .alpha: report.alpha
      case .parameter(let parameter): report.value(parameter)?.number
      }
    guard let estimate else {
      throw .unreadable(path: report.path, reason: "the report of a sampled network has no \(result.option)")
    }
    guard let place else {
      throw .unreadable(
        path: report.path, reason: "the report has no \(axis.option), so the point has no place")
    }
    architecture = report.architecture
    x = place
    y = estimate.mean
    standardError = estimate.standardError
  }
}
