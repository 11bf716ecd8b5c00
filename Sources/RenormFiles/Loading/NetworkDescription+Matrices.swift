public import Renorm

extension NetworkDescription {
  /// The description with the matrices of the files that it names.
  ///
  /// - Throws: `DataError` for a file that is missing, is no NPY file or holds no square matrix of finite
  ///   numbers.
  public func readingMatrices() throws(DataError) -> NetworkDescription {
    var result = self
    for parameter in Network.parameters {
      guard let value = self[parameter]?.matrix, value.matrix == nil else { continue }
      result[parameter] = .matrix(try MatrixValue(reading: value.source))
    }
    return result
  }
}

extension MatrixValue {
  /// A square matrix from an NPY file.
  ///
  /// - Throws: `DataError`, as `NetworkDescription.readingMatrices`.
  public init(reading path: String) throws(DataError) {
    let content = try FileContent(path: path) { NPYFormat.announcedSize(of: $0) }
    guard case .certain = NPYFormat.recognize(content) else {
      throw .unknownFormat(path: path, accepted: "NPY", hints: [])
    }
    let arrays = try NPYFormat.read(content, ReadingRequest(targets: .none, isLabels: false))
    guard let array = arrays.examples.inputs?.array, array.shape.count == 2, array.shape[0] == array.shape[1],
      array.count > 0, let matrix = array.matrix()
    else {
      throw .unusableArray(
        path: path, array: nil, shape: arrays.summaries.first?.shape ?? [], use: "a covariance",
        accepted: "a square matrix")
    }
    guard matrix.elements.allSatisfy(\.isFinite) else {
      throw .malformed(path: path, place: nil, reason: "the covariance holds NaN or infinity")
    }
    self.init(source: path, matrix: matrix)
  }
}
