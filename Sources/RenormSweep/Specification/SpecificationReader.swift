internal import Renorm
internal import RenormFiles

/// Gives entries the meaning of their keys.
struct SpecificationReader {
  private(set) var entries: [SweepKey: RawEntry] = [:]
  private let root: SpecificationPlace

  init(_ all: [RawEntry], root: SpecificationPlace) throws(SpecificationError) {
    self.root = root
    for entry in all {
      guard let key = SweepKey(rawValue: entry.key) else {
        throw SpecificationError(
          entry.place,
          "unknown key '\(entry.key)'; accepted: " + SweepKey.allCases.map(\.rawValue).joined(separator: ", "))
      }
      guard entries.updateValue(entry, forKey: key) == nil else {
        throw SpecificationError(
          entry.place,
          "'\(entry.key)' is given more than once; accepted: every key once, several values as a list")
      }
    }
    for key in [SweepKey.architecture, .temperature, .train] where entries[key] == nil {
      throw SpecificationError(root, "the key '\(key.rawValue)' is missing")
    }
    if let widths = entries[.widths],
      let other = [SweepKey.width, .alpha, .infiniteWidth].first(where: { entries[$0] != nil })
    {
      throw SpecificationError(
        widths.place,
        "'widths' and '\(other.rawValue)' both set widths; accepted: one of them ('infinite' is a width of a layer)"
      )
    }
    guard [SweepKey.width, .widths, .alpha, .infiniteWidth].contains(where: { entries[$0] != nil }) else {
      throw SpecificationError(root, "no width; accepted: 'width', 'alpha' or 'infinite-width: true'")
    }
    if entries[.width] != nil, let alpha = entries[.alpha] {
      throw SpecificationError(alpha.place, "'width' and 'alpha' both set the width; accepted: one of them")
    }
  }

  var places: [SweepKey: SpecificationPlace] { entries.mapValues(\.place) }

  /// The text of a single value; nil where the key was not given.
  func scalar(_ key: SweepKey) throws(SpecificationError) -> (text: String, place: SpecificationPlace)? {
    guard let entry = entries[key] else { return nil }
    switch entry.value {
    case .scalar(let text, let place):
      guard !text.isEmpty else { throw SpecificationError(entry.place, "\(key.rawValue) has no value") }
      return (text, place)
    case .list(let values, _) where values.count == 1:
      if case .scalar(let text, let place) = values[0] { return (text, place) }
      throw SpecificationError(entry.place, "\(key.rawValue) is not a parameter to sweep; accepted: one value")
    default:
      throw SpecificationError(entry.place, "\(key.rawValue) is not a parameter to sweep; accepted: one value")
    }
  }

  func flag(_ key: SweepKey) throws(SpecificationError) -> Bool {
    guard let (text, place) = try scalar(key) else { return false }
    guard text == "true" || text == "false" else { throw key.refused(text, place, "true or false") }
    return text == "true"
  }

  // MARK: Axes

  /// - Parameter resolve: where files are that the specification names.
  func axes(_ resolve: (String) -> String) throws(SpecificationError) -> [SweepSpecification.Axis] {
    let hasInfinite = try flag(.infiniteWidth)
    // What runs beside another list may come back to a value.
    let zipped = Set(try entries[.zip].map(zipGroups)?.flatMap(\.keys) ?? [])
    let isAllZipped = try scalar(.combine)?.0 == "zip"
    var result: [SweepSpecification.Axis] = []
    for key in SweepKey.axes {
      var axis = try entries[key].map { (entry) throws(SpecificationError) in
        try self.axis(key, entry, resolve, repeats: isAllZipped || zipped.contains(key))
      }
      let isWidth = key == .width && entries[.alpha] == nil || key == .alpha && axis != nil
      if hasInfinite, isWidth, let place = entries[.infiniteWidth]?.place {
        let own = axis?.values ?? []
        if !own.contains(.width(.infinite)) {
          axis = .init(key: key, values: own + [.width(.infinite)], places: (axis?.places ?? []) + [place])
        }
      }
      if let axis { result.append(axis) }
    }
    guard result.contains(where: { [.width, .widths, .alpha].contains($0.key) }) else {
      throw SpecificationError(
        entries[.infiniteWidth]?.place ?? root, "no width; accepted: 'width', 'alpha' or 'infinite-width: true'"
      )
    }
    return result
  }

  /// - Parameter repeats: whether values may be given more than once.
  private func axis(
    _ key: SweepKey, _ entry: RawEntry, _ resolve: (String) -> String, repeats: Bool
  ) throws(SpecificationError) -> SweepSpecification.Axis {
    let raw = try values(key, entry)
    guard !raw.isEmpty else {
      throw SpecificationError(entry.place, "\(key.rawValue) has no values; accepted: at least one")
    }
    var values: [ParameterValue] = []
    var places: [SpecificationPlace] = []
    var seen: Set<ParameterValue> = []
    for (text, place, isRounded) in raw {
      var value = try key.axisValue(text, place)
      if let file = value.matrix { value = .matrix(MatrixValue(source: resolve(file.source))) }
      if !seen.insert(value).inserted, !repeats {
        // Whole numbers of a range may coincide.
        if isRounded { continue }
        throw SpecificationError(place, "\(key.rawValue): \(text) is given twice; accepted: different values")
      }
      values.append(value)
      places.append(place)
    }
    return .init(key: key, values: values, places: places)
  }

  /// The texts of an axis, and whether each comes from a range.
  private func values(
    _ key: SweepKey, _ entry: RawEntry
  ) throws(SpecificationError) -> [(String, SpecificationPlace, Bool)] {
    switch entry.value {
    case .scalar(let text, let place): return [(text, place, false)]
    case .list(let values, let place) where key.isList:
      return try lists(key, values, place)
    case .list(let values, _):
      return try values.map { (value) throws(SpecificationError) in
        guard case .scalar(let text, let place) = value else {
          throw SpecificationError(value.place, "\(key.rawValue): a list in a list; accepted: plain values")
        }
        return (text, place, false)
      }
    case .mapping(let members, let place):
      guard members.count == 1, let range = AxisRange(rawValue: members[0].key) else {
        throw SpecificationError(
          place,
          "\(key.rawValue): unknown form of values; accepted: a value, a list, linspace: [a, b, n], "
            + "logspace: [a, b, n]")
      }
      guard key.takesRange else {
        throw SpecificationError(place, "\(key.rawValue) takes no range; accepted: a value or a list")
      }
      return try range.values(key, members[0].value).map { number in
        (key.isInteger ? text(ofInteger: number) : "\(number)", place, key.isInteger)
      }
    }
  }

  /// The texts of an axis of lists: a plain list is one value, a list of lists, or of texts with commas,
  /// several.
  private func lists(
    _ key: SweepKey, _ values: [UntypedValue], _ place: SpecificationPlace
  ) throws(SpecificationError) -> [(String, SpecificationPlace, Bool)] {
    func text(_ value: UntypedValue) throws(SpecificationError) -> String {
      switch value {
      case .scalar(let text, _): return text
      case .list(let parts, _):
        return try parts.map { (part) throws(SpecificationError) in try text(part) }.joined(separator: ",")
      case .mapping(_, let place):
        throw SpecificationError(place, "\(key.rawValue) takes no range; accepted: lists of values")
      }
    }
    let isNested = values.contains { value in
      if case .scalar(let text, _) = value { text.contains(",") } else { true }
    }
    guard isNested else { return [(try text(.list(values, place)), place, false)] }
    return try values.map { (value) throws(SpecificationError) in (try text(value), value.place, false) }
  }

  private func text(ofInteger number: Double) -> String {
    Int(exactly: number.rounded()).map(String.init) ?? "\(number)"
  }

  // MARK: Combination

  func zips(_ axes: [SweepSpecification.Axis]) throws(SpecificationError) -> [[SweepKey]] {
    var groups: [(keys: [SweepKey], place: SpecificationPlace)] = []
    if let (text, place) = try scalar(.combine) {
      guard text == "grid" || text == "zip" else { throw SweepKey.combine.refused(text, place, "grid or zip") }
      if text == "zip" {
        if let zip = entries[.zip] {
          throw SpecificationError(
            zip.place, "'combine: zip' and 'zip' contradict each other; accepted: one of them")
        }
        groups.append((axes.filter { $0.values.count > 1 }.map(\.key), place))
      }
    }
    if let entry = entries[.zip] { groups += try zipGroups(entry) }
    groups = groups.filter { $0.keys.count > 1 }
    var seen: Set<SweepKey> = []
    for (keys, place) in groups {
      for key in keys where !seen.insert(key).inserted {
        throw SpecificationError(place, "zip: '\(key.rawValue)' is named twice; accepted: every key once")
      }
      let chosen = try keys.map { (key: SweepKey) throws(SpecificationError) -> SweepSpecification.Axis in
        guard let axis = axes.first(where: { $0.key == key }) else {
          throw SpecificationError(
            place, "zip: '\(key.rawValue)' has no values here; accepted: keys that are given")
        }
        return axis
      }
      if chosen.contains(where: { $0.values.count != chosen[0].values.count }) {
        let counts = chosen.map { "\($0.key.rawValue) has \($0.values.count)" }.joined(separator: ", ")
        throw SpecificationError(place, "zip of unequal lengths: \(counts); accepted: equal numbers of values")
      }
    }
    return groups.map { group in SweepKey.axes.filter(group.keys.contains) }
  }

  private func zipGroups(
    _ entry: RawEntry
  ) throws(SpecificationError) -> [(keys: [SweepKey], place: SpecificationPlace)] {
    let accepted = "lists of swept keys, such as [[temperature, lambda1]]"
    func names(_ value: UntypedValue) throws(SpecificationError) -> [String] {
      switch value {
      case .scalar(let text, _): return text.split(separator: ",").map { String($0).trimmed }
      case .list(let parts, _):
        var all: [String] = []
        for part in parts { all += try names(part) }
        return all
      case .mapping(_, let place): throw SpecificationError(place, "zip is not a list; accepted: \(accepted)")
      }
    }
    // A plain list of names is one group; a list of lists, or of texts with commas, is several.
    var groups = [entry.value]
    if case .list(let parts, _) = entry.value {
      let isNested = parts.contains { part in
        if case .scalar(let text, _) = part { text.contains(",") } else { true }
      }
      if isNested { groups = parts }
    }
    return try groups.map {
      (group: UntypedValue) throws(SpecificationError) -> ([SweepKey], SpecificationPlace) in
      let keys = try names(group).map { (name: String) throws(SpecificationError) -> SweepKey in
        guard let key = SweepKey(rawValue: name), key.isAxis else {
          throw SpecificationError(
            group.place, "zip: '\(name)' is not a parameter to sweep; accepted: \(accepted)")
        }
        return key
      }
      guard keys.count > 1 else {
        throw SpecificationError(group.place, "zip of fewer than two keys; accepted: \(accepted)")
      }
      return (keys, group.place)
    }
  }
}
