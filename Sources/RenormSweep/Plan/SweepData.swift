public import RenormFiles

/// The data of a sweep, read once for all of its points.
public struct SweepData {
  /// The files that were read.
  public var sources: [DataSource] { reader.sources }
  private let reader: DataReader

  /// Reads the files of a specification.
  ///
  /// - Throws: `DataError`.
  public init(_ specification: SweepSpecification) throws(DataError) {
    reader = try DataReader(specification.files, specification.selection)
  }

  /// The examples of one group of points.
  ///
  /// - Throws: `DataError`.
  public func load(trainCount: Int?, shuffleSeed: UInt32?) throws(DataError) -> LoadedData {
    try reader.load(trainCount: trainCount, shuffleSeed: shuffleSeed)
  }

  func trainingCount(trainCount: Int?, shuffleSeed: UInt32?) throws(DataError) -> Int {
    try reader.trainingCount(trainCount: trainCount, shuffleSeed: shuffleSeed)
  }
}
