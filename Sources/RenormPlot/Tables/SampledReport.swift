internal import Foundation
internal import RenormData

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
  let width: Int?
  let infiniteWidth: Bool?
  let alpha: Double?
  let temperature: Double?
  let lambda0: Double?
  let lambda1: Double?
  let trainCount: Int?
  let test: Test
  /// The file, for messages.
  fileprivate var path = ""

  private enum CodingKeys: String, CodingKey {
    case architecture, width, infiniteWidth, alpha, temperature, lambda0, lambda1, trainCount, test
  }

  /// Reads a report.
  ///
  /// - Throws: `DataError` for a file that cannot be read, `PlotError.unreadable` for one that is no such
  ///   report.
  public init(path: String) throws {
    let content = try FileContent(path: path).bytes
    do {
      self = try JSONDecoder().decode(SampledReport.self, from: Data(content))
    } catch let error as DecodingError {
      throw PlotError.unreadable(path: path, reason: "not a report of `renorm sample`: \(error.summary)")
    }
    self.path = path
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
      case .parameter(.width): report.width.map(Double.init)
      case .parameter(.temperature): report.temperature
      case .parameter(.lambda0): report.lambda0
      case .parameter(.lambda1): report.lambda1
      case .parameter(.trainCount): report.trainCount.map(Double.init)
      case .parameter: nil
      }
    guard let estimate else {
      throw .unreadable(path: report.path, reason: "the report of a sampled network has no \(result.option)")
    }
    guard let place, report.infiniteWidth != true || axis == .parameter(.temperature) else {
      throw .unreadable(
        path: report.path, reason: "the report has no \(axis.option), so the point has no place")
    }
    architecture = report.architecture
    x = place
    y = estimate.mean
    standardError = estimate.standardError
  }
}
