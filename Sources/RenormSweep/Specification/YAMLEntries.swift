internal import RenormFiles
internal import Yams

/// Reads the entries of a YAML file, with the line of each.
enum YAMLEntries {
  /// The most values that a file may have; aliases of aliases make a few lines into any number of them.
  private static let largestCount = 1_000_000

  /// - Throws: `SpecificationError` for a file that is not a mapping of keys to values, `DataError` for one
  ///   that cannot be read.
  static func read(_ path: String) throws -> [RawEntry] {
    let text = String(decoding: try FileContent(path: path).textBytes, as: UTF8.self)
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw Self.error(error, path)
    }
    guard case .mapping(let mapping)? = root else {
      throw SpecificationError(
        .file(path: path),
        "not a sweep; accepted: lines of the form 'key: value', such as 'temperature: [0.1, 1]'")
    }
    var count = 0
    return try entries(mapping, path, &count)
  }

  /// - Parameter count: values read so far.
  private static func entries(
    _ mapping: Node.Mapping, _ path: String, _ count: inout Int
  ) throws(SpecificationError) -> [RawEntry] {
    var result: [RawEntry] = []
    for (key, value) in mapping {
      let place = place(key, path)
      guard case .scalar(let name) = key else {
        throw SpecificationError(place, "a key is not a word; accepted: the name of a parameter")
      }
      result.append(RawEntry(key: name.string, place: place, value: try self.value(value, path, &count)))
    }
    return result
  }

  private static func value(
    _ node: Node, _ path: String, _ count: inout Int
  ) throws(SpecificationError) -> UntypedValue {
    let place = place(node, path)
    count += 1
    guard count <= largestCount else {
      throw SpecificationError(
        place, "more than \(largestCount) values in one file; accepted: fewer, or ranges")
    }
    switch node {
    case .scalar(let scalar): return .scalar(scalar.string, place)
    case .sequence(let sequence):
      var values: [UntypedValue] = []
      for node in sequence { values.append(try value(node, path, &count)) }
      return .list(values, place)
    case .mapping(let mapping): return .mapping(try entries(mapping, path, &count), place)
    case .alias: throw SpecificationError(place, "an alias without a value; accepted: plain values")
    }
  }

  private static func place(_ node: Node, _ path: String) -> SpecificationPlace {
    node.mark.map { .line(path: path, $0.line) } ?? .file(path: path)
  }

  private static func error(_ error: YamlError, _ path: String) -> SpecificationError {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      SpecificationError(.line(path: path, mark.line), "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      SpecificationError(
        .line(path: path, context.mark.line),
        "'\(keys.first ?? "")' is given more than once; accepted: every key once, several values as a list")
    default: SpecificationError(.file(path: path), "not YAML")
    }
  }
}
