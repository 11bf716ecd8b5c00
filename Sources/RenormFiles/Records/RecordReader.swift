internal import Foundation

/// Reads every report (JSON).
package enum RecordReader {
  /// Reads a record, or those keys of one that a caller needs.
  ///
  /// - Parameter accepted: what the file should be, for messages: "a report (JSON) of a sampled network".
  /// - Throws: `DataError` for a file that cannot be read; `.malformed` with the key and what is accepted for
  /// one that is
  ///   no such record, or of a newer version.
  package static func read<Record: Decodable>(
    _ type: Record.Type, path: String, accepted: String
  ) throws(DataError) -> Record {
    try read(type, bytes: FileContent(path: path).textBytes, path: path, accepted: accepted)
  }

  /// The same from the bytes of the file.
  package static func read<Record: Decodable>(
    _ type: Record.Type, bytes: some Sequence<UInt8>, path: String, accepted: String
  ) throws(DataError) -> Record {
    do {
      return try JSONDecoder().decode(Versioned<Record>.self, from: Data(bytes)).record
    } catch let error as NewerVersion {
      throw .malformed(
        path: path, place: .key("reportVersion"),
        reason:
          "is \(error.version), accepted are versions up to \(RecordFormat.version); "
          + "a newer renorm has written it"
      )
    } catch let error as DecodingError {
      throw error.dataError(path: path, accepted: accepted)
    } catch {
      throw .malformed(path: path, place: nil, reason: "\(error)")
    }
  }
}

extension FitRecord {
  /// Reads a report.
  ///
  /// - Throws: `DataError` with file, key and what is accepted.
  public init(path: String) throws(DataError) {
    self = try RecordReader.read(
      Self.self, path: path, accepted: "a report (JSON) of `renorm fit` or `renorm predict`")
  }
}

extension SampleRecord {
  /// Reads a report.
  ///
  /// - Throws: `DataError` with file, key and what is accepted.
  public init(path: String) throws(DataError) {
    self = try RecordReader.read(Self.self, path: path, accepted: "a report (JSON) of `renorm sample`")
  }
}

extension CompareRecord {
  /// Reads a report.
  ///
  /// - Throws: `DataError` with file, key and what is accepted.
  public init(path: String) throws(DataError) {
    self = try RecordReader.read(Self.self, path: path, accepted: "a report (JSON) of `renorm compare`")
  }
}

/// Two records whose keys stand in one object.
package struct Both<First: Decodable, Second: Decodable>: Decodable {
  package let first: First
  package let second: Second

  package init(from decoder: any Decoder) throws {
    first = try First(from: decoder)
    second = try Second(from: decoder)
  }
}

/// A record that is read only where its version is known, so that a newer one is not called damaged.
private struct Versioned<Record: Decodable>: Decodable {
  let record: Record

  private enum CodingKeys: String, CodingKey { case reportVersion }

  init(from decoder: any Decoder) throws {
    let version = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
      Int.self, forKey: .reportVersion)
    if let version, version > RecordFormat.version { throw NewerVersion(version: version) }
    record = try Record(from: decoder)
  }
}

private struct NewerVersion: Error { let version: Int }

extension DecodingError {
  /// What is wrong with a file, with the key and what is accepted there.
  fileprivate func dataError(path: String, accepted: String) -> DataError {
    let (place, reason) = summary
    return .malformed(
      path: path, place: place.map { .key($0) }, reason: "\(reason ?? "is missing"); accepted is \(accepted)")
  }

  /// What is wrong in words, for JSON inside another file.
  var inOneLine: String {
    let (key, reason) = summary
    return (key.map { "key '\($0)': " } ?? "") + (reason ?? "is missing")
  }

  /// The key, nil for the whole file, and what is wrong there, nil for a key that is missing.
  fileprivate var summary: (key: String?, reason: String?) {
    func name(_ path: [any CodingKey]) -> String? {
      let text = path.reduce("") { text, key in
        if let index = key.intValue { return "\(text)[\(index)]" }
        return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
      }
      return text.isEmpty ? nil : text
    }
    switch self {
    case .keyNotFound(let key, let context): return (name(context.codingPath + [key]), nil)
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return (name(context.codingPath), "is not \(Self.words(type))")
    case .dataCorrupted(let context):
      guard let key = name(context.codingPath) else { return (nil, "is not JSON") }
      return (key, context.debugDescription.trimmingCharacters(in: CharacterSet(charactersIn: ".")))
    @unknown default: return (nil, "is not the JSON that was expected")
    }
  }

  private static func words(_ type: any Any.Type) -> String {
    switch type {
    case is String.Type: "text"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
