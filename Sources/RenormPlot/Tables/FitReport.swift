internal import Foundation
public import RenormFiles

/// What a picture of predictions needs of the report of a fit or a prediction (JSON).
public struct FitReport: Sendable {
  /// The variance of the noise on labels in the units of the targets: T, times the square of what they were
  /// divided by.
  public let noise: Double
  /// The classes in the order of the outputs; nil for regression, and where the report does not tell.
  public let classes: [ClassLabel]?
  /// Whether the report tells that targets are numbers.
  let isRegression: Bool
  private let outputs: Int
  private let path: String

  private struct Keys: Decodable {
    struct DataRecord: Decodable {
      let classes: [ClassLabel]?
      let targetScaling: TargetScaling?
    }

    let temperature: Double
    let outputs: Int
    let data: DataRecord?
  }

  /// Reads a report.
  ///
  /// - Throws: `DataError` for a file that cannot be read, `PlotError.unreadable` for one that is no such
  ///   report.
  public init(path: String) throws {
    let content = try FileContent(path: path).textBytes
    let keys: Keys
    do {
      keys = try JSONDecoder().decode(Keys.self, from: Data(content))
    } catch let error as DecodingError {
      throw PlotError.unreadable(path: path, reason: "not a report (JSON) of `renorm fit`: \(error.summary)")
    }
    noise = keys.temperature * (keys.data?.targetScaling?.squaredScale ?? 1)
    guard keys.temperature >= 0, noise.isFinite else {
      throw PlotError.unreadable(
        path: path, reason: "the temperature is \(keys.temperature), accepted is a number from 0")
    }
    classes = keys.data?.classes
    isRegression = keys.data != nil && classes == nil
    outputs = keys.outputs
    self.path = path
  }

  /// - Throws: `PlotError.unreadable` where the predictions are not those of the network.
  func check(outputs count: Int, of predictions: String) throws(PlotError) {
    guard count == outputs else {
      throw .unreadable(
        path: path,
        reason: "its network has \(outputs) outputs, but \(predictions) has \(count): the report is of another")
    }
  }
}
