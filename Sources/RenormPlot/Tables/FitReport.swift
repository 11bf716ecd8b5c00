internal import Renorm
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
  /// Whether means and variances are those of latents of a likelihood of classes, with which labels are not
  /// compared.
  let isOfLatents: Bool
  private let outputs: Int
  private let path: String

  /// Reads a report.
  ///
  /// - Throws: `DataError` for a file that cannot be read or is no such report, `PlotError.unreadable` for one
  /// without
  ///   a temperature or outputs.
  public init(path: String) throws {
    let report = try RecordReader.read(
      Both<NetworkRecord, TargetsRecord.Key>.self, path: path, accepted: "a report (JSON) of `renorm fit`")
    let data = report.second.data
    guard let temperature = report.first.temperature, let outputs = report.first.outputs else {
      throw PlotError.unreadable(path: path, reason: "the report does not tell temperature and outputs")
    }
    noise = temperature * (data?.targetScaling?.squaredScale ?? 1)
    guard temperature >= 0, noise.isFinite else {
      throw PlotError.unreadable(
        path: path, reason: "the temperature is \(temperature), accepted is a number from 0")
    }
    classes = data?.classes
    isRegression = data != nil && classes == nil
    isOfLatents =
      report.first.parameters[.likelihood].map { $0 != NetworkParameter.likelihood.defaultValue } ?? false
    self.outputs = outputs
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
