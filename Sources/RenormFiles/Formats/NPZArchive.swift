/// The named arrays of an NPZ file, as `numpy.savez` and `numpy.savez_compressed` write it.
///
/// Arrays are decompressed when they are asked for.
package struct NPZArchive: Sendable {
  /// The path it was read from.
  package let path: String
  /// The names of the arrays, in the order of the file.
  package let names: [String]

  private let bytes: [UInt8]
  private let directory: ZipDirectory
  private let entries: [String: ZipDirectory.Entry]

  /// Reads the archive at `path`.
  ///
  /// - Throws: `DataError` for a file that is missing, cannot be read, or is not an NPZ archive.
  package static func read(_ path: String) throws(DataError) -> NPZArchive {
    try NPZArchive(FileContent(path: path))
  }

  /// - Parameter accepted: the formats that a message offers for an archive without arrays.
  init(
    _ content: FileContent, accepted: String = "NPZ archives of NumPy arrays"
  ) throws(DataError) {
    path = content.path
    bytes = content.bytes
    do {
      directory = try ZipDirectory(content.bytes)
    } catch {
      throw .malformed(path: content.path, place: nil, reason: "not an NPZ archive: \(error.reason)")
    }
    var names: [String] = []
    var entries: [String: ZipDirectory.Entry] = [:]
    for entry in directory.entries {
      // NumPy opens members without the ending too, by what they begin with.
      let hasEnding = entry.name.hasSuffix(".npy")
      guard hasEnding || directory.begins(entry, with: NPYHeader.magic, in: bytes) else { continue }
      let name = hasEnding ? String(entry.name.dropLast(4)) : entry.name
      guard entries.updateValue(entry, forKey: name) == nil else {
        throw .malformed(path: content.path, place: nil, reason: "array \(name) occurs twice")
      }
      names.append(name)
    }
    guard !names.isEmpty || directory.entries.isEmpty else {
      throw .foreignFormat(
        path: content.path, name: ForeignFormat.archiveName(entries: directory.entries.map(\.name)),
        accepted: accepted)
    }
    try Self.checkProportion(entries.values.map(\.size), content)
    self.names = names
    self.entries = entries
  }

  /// As for gzip: no arrays are that empty, and a small file is not to take minutes.
  private static func checkProportion(_ sizes: [Int], _ content: FileContent) throws(DataError) {
    var total = 0
    for size in sizes { total = total.addingReportingOverflow(size).overflow ? .max : total + size }
    guard total > Gzip.freeSize, total / Gzip.largestRatio > content.bytes.count else { return }
    throw .malformed(
      path: content.path, place: nil,
      reason:
        "its arrays are more than \(Gzip.largestRatio) times as large as the file, as no data are; "
        + "accepted when saved without compression")
  }

  /// The array called `name`.
  ///
  /// - Throws: `DataError.missingArray` where there is none of that name, and other cases where its bytes
  ///   are damaged or of a type that is not supported.
  package func array(_ name: String) throws(DataError) -> TypedArray {
    let (header, content) = try headerAndContent(name)
    return try header.array(in: content, path: path, name: name)
  }

  /// The header of the array called `name` and all its bytes, header included.
  func headerAndContent(_ name: String) throws(DataError) -> (NPYHeader, ArraySlice<UInt8>) {
    guard let entry = entries[name] else {
      throw .missingArray(path: path, wanted: [name], found: names)
    }
    let content: ArraySlice<UInt8>
    do {
      content = try directory.content(of: entry, in: bytes)
    } catch {
      throw .malformed(path: path, place: nil, reason: "array \(name): \(error.reason)")
    }
    switch NPYHeader.parse(content) {
    case .success(let header): return (header, content)
    case .failure(let problem):
      throw .malformed(path: path, place: nil, reason: "array \(name): \(problem.reason)")
    }
  }
}
