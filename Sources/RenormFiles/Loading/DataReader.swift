/// The files of a fit, read once for several choices of training examples.
package struct DataReader {
  private let opened: OpenedFiles
  private let selection: DataSelection

  /// Reads the files.
  ///
  /// - Throws: `DataError` for files that cannot be read or understood, and for selections that contradict
  ///   themselves or the files.
  package init(_ files: DataFiles, _ selection: DataSelection) throws(DataError) {
    try selection.validate()
    opened = try OpenedFiles(files, selection)
    self.selection = selection
  }

  /// The files that were read.
  package var sources: [DataSource] { opened.sources }

  /// Selects, labels and standardises the examples of one fit.
  ///
  /// - Parameters:
  ///   - trainCount: number of training examples; that of the reader's selection where nil.
  ///   - shuffleSeed: seed of the permutation; that of the reader's selection where nil.
  /// - Throws: `DataError`, as `LoadedData.load`.
  package func load(trainCount: Int? = nil, shuffleSeed: UInt32? = nil) throws(DataError) -> LoadedData {
    try LoadedData(opened, selecting(trainCount, shuffleSeed))
  }

  /// The number of training examples that `load` would select.
  ///
  /// - Throws: `DataError`, as `load` does for the selection of training examples.
  package func trainingCount(trainCount: Int? = nil, shuffleSeed: UInt32? = nil) throws(DataError) -> Int {
    try TrainingExamples(opened.train, selecting(trainCount, shuffleSeed)).indices.count
  }

  private func selecting(_ trainCount: Int?, _ shuffleSeed: UInt32?) throws(DataError) -> DataSelection {
    var selection = selection
    if let trainCount { selection.trainCount = trainCount }
    if let shuffleSeed { selection.shuffleSeed = shuffleSeed }
    try selection.validate()
    return selection
  }
}
