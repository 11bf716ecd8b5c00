/// Which arrays of an NPZ file play which part.
struct ArrayRoles {
  /// A part; the raw value is for inspections.
  enum Role: String, CaseIterable {
    case inputs
    case targets
    case heldOutInputs = "held-out inputs"
    case heldOutTargets = "held-out targets"

    var isTargets: Bool { self == .targets || self == .heldOutTargets }
    var isHeldOut: Bool { self == .heldOutInputs || self == .heldOutTargets }
  }

  /// The name of the array that plays each part; none for parts that nobody plays.
  private(set) var names: [Role: String] = [:]
  /// What a user should know; each is one line, without the path.
  private(set) var remarks: [String] = []

  /// Names that belong together, in small letters without underscores, hyphens and dots.
  private struct Family {
    let inputs: String
    let targets: [String]
    var heldOutInputs: String?
    var heldOutTargets: [String] = []
  }

  /// Names that tell training examples from held-out ones.
  private static let split: [Family] = ["x", "images", "data", "inputs", "features"].flatMap { inputs in
    let targets = inputs == "x" ? ["y"] : ["labels", "targets", "target", "y"]
    return [
      Family(
        inputs: "\(inputs)train", targets: targets.map { "\($0)train" }, heldOutInputs: "\(inputs)test",
        heldOutTargets: targets.map { "\($0)test" }),
      Family(
        inputs: "train\(inputs)", targets: targets.map { "train\($0)" }, heldOutInputs: "test\(inputs)",
        heldOutTargets: targets.map { "test\($0)" }),
    ]
  }

  /// Names of the only examples.
  private static let plain: [Family] = ["x", "data", "images", "inputs", "features"].map { inputs in
    Family(inputs: inputs, targets: ["y", "target", "targets", "labels", "label"])
  }

  /// Names that `numpy.savez` gives by itself.
  private static let numbered = [Family(inputs: "arr0", targets: ["arr1"])]

  /// - Parameters:
  ///   - wanted: the names that a user gives.
  ///   - request: whether labels are looked for, of which a file may hold nothing else, or held-out examples.
  /// - Throws: `DataError.missingArray` for a wanted array that is missing, and `.malformed` with a list of all
  ///   arrays where several could be meant.
  init(
    _ archive: NPZArchive, _ wanted: ArrayNames, _ request: ReadingRequest
  ) throws(DataError) {
    let (isLabels, isInspection) = (request.isLabels, request.isInspection)
    let isHeldOut = if case .fitted = request.targets { true } else { false }
    do {
      try findByName(archive, wanted)
    } catch {
      // An inspection lists the arrays itself, and says what is the matter.
      guard case .malformed(_, _, let reason) = error, isInspection || isHeldOut && wanted.test != nil else {
        throw error
      }
      names = [:]
      if isInspection { remarks.append(reason) }
    }
    for (role, name) in [
      (Role.inputs, wanted.train), (.targets, wanted.targets), (.heldOutInputs, wanted.test),
      (.heldOutTargets, wanted.testTargets),
    ] {
      guard let name else { continue }
      guard archive.names.contains(name) else {
        throw .missingArray(path: archive.path, wanted: [name], found: archive.names)
      }
      // An array plays one part.
      names = names.filter { $0.value != name }
      names[role] = name
    }
    if names.isEmpty, archive.names.count == 1 { names[isLabels ? .targets : .inputs] = archive.names[0] }
    if names[.inputs] == nil, names[.heldOutInputs] == nil, !isLabels, remarks.isEmpty {
      let reason =
        "none of its arrays has the name of inputs; it has \(Self.list(archive)); `train-array` and `target-array` "
        + "name them"
      guard isInspection else { throw .malformed(path: archive.path, place: nil, reason: reason) }
      remarks.append(reason)
    }
  }

  /// Finds the parts by common names, unless a user names the inputs.
  private mutating func findByName(_ archive: NPZArchive, _ wanted: ArrayNames) throws(DataError) {
    var spellings: [String: [String]] = [:]
    for name in archive.names { spellings[Self.plain(name), default: []].append(name) }
    let known = [Self.split, Self.plain].joined().flatMap {
      [$0.inputs] + $0.targets + [$0.heldOutInputs].compactMap(\.self) + $0.heldOutTargets
    }
    if wanted.isEmpty, let twice = known.lazy.compactMap({ spellings[$0] }).first(where: { $0.count > 1 }) {
      throw .malformed(
        path: archive.path, place: nil,
        reason:
          "its arrays \(DataError.listed(twice)) could play one part; `train-array` and `target-array` name those that "
          + "are meant")
    }
    func match(_ accepted: [String]) -> [String] {
      accepted.compactMap { name in
        archive.names.first { $0 == name } ?? archive.names.first { Self.plain($0) == name }
      }
    }
    for families in [Self.split, Self.plain, Self.numbered] {
      let found = families.filter { !match([$0.inputs] + [$0.heldOutInputs].compactMap(\.self)).isEmpty }
      guard wanted.train == nil else {
        // The rest of the family of the named inputs, if that is one.
        if let family = families.first(where: { wanted.train.map(Self.plain) == $0.inputs }) {
          take(family, match)
          return
        }
        continue
      }
      guard let family = found.first else { continue }
      guard found.count == 1, families.first?.inputs != "arr0" || archive.names.count <= 2 else {
        throw .malformed(
          path: archive.path, place: nil,
          reason:
            "several of its arrays could be the inputs: \(Self.list(archive)); `train-array` and `target-array` "
            + "name those that are meant")
      }
      let targets = Set(match(family.targets))
      guard targets.count <= 1 || wanted.targets != nil else {
        throw .malformed(
          path: archive.path, place: nil,
          reason:
            "several of its arrays could be the targets: \(Self.list(archive)); `target-array` names the one "
            + "that is meant")
      }
      take(family, match)
      return
    }
    // Labels alone.
    guard wanted.train == nil else { return }
    for families in [Self.split, Self.plain] {
      if let name = families.lazy.flatMap({ match($0.targets) }).first {
        names[.targets] = name
        return
      }
    }
  }

  private mutating func take(_ family: Family, _ match: ([String]) -> [String]) {
    names[.inputs] = match([family.inputs]).first
    names[.targets] = match(family.targets).first
    names[.heldOutInputs] = family.heldOutInputs.flatMap { match([$0]).first }
    names[.heldOutTargets] = match(family.heldOutTargets).first
  }

  /// A name without the differences of writing.
  private static func plain(_ name: String) -> String {
    name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
  }

  /// All arrays with their shapes, for a message.
  static func list(_ archive: NPZArchive) -> String {
    DataError.listed(
      archive.names.map { name in
        guard let (header, _) = try? archive.headerAndContent(name) else { return name }
        return "\(name) (\(TypedArray.describe(shape: header.shape)) of \(header.description))"
      })
  }
}
