internal import RenormData
internal import Yams

/// Reads the entries of a YAML file, with the line of each.
enum YAMLEntries {
  /// - Throws: `SpecificationError` for a file that is not a mapping of keys to values, `DataError` for one
  ///   that cannot be read.
  static func read(_ path: String) throws -> [RawEntry] {
    let text = String(decoding: try FileContent(path: path).bytes, as: UTF8.self)
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
    return try entries(mapping, path)
  }

  private static func entries(_ mapping: Node.Mapping, _ path: String) throws(SpecificationError) -> [RawEntry]
  {
    var result: [RawEntry] = []
    for (key, value) in mapping {
      let place = place(key, path)
      guard case .scalar(let name) = key else {
        throw SpecificationError(place, "a key is not a word; accepted: the name of a parameter")
      }
      result.append(RawEntry(key: name.string, place: place, value: try self.value(value, path)))
    }
    return result
  }

  private static func value(_ node: Node, _ path: String) throws(SpecificationError) -> RawValue {
    let place = place(node, path)
    switch node {
    case .scalar(let scalar): return .scalar(scalar.string, place)
    case .sequence(let sequence):
      return .list(try sequence.map { (node) throws(SpecificationError) in try value(node, path) }, place)
    case .mapping(let mapping): return .mapping(try entries(mapping, path), place)
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
