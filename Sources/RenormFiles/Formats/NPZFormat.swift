/// NPZ: named NumPy arrays. Which of them play a part a user says, or their names (`ArrayRoles`).
enum NPZFormat: DataFormat {
  static let name = "NPZ"

  static func recognize(_ content: FileContent) -> Recognition {
    let magic: UInt32? = content.bytes.number(UInt32.self, at: 0)
    return magic == 0x0403_4B50 || magic == 0x0605_4B50 ? .certain : .no(hint: nil)
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let archive = try NPZArchive(content, accepted: DataFormats.accepted)
    var result = FileArrays(summaries: [])
    var wanted = request.arrays
    // Held-out examples have the names of the training examples, unless they are given others.
    func known(_ name: String?) -> String? { name.flatMap { archive.names.contains($0) ? $0 : nil } }
    if wanted.test == nil { wanted.test = known(request.trainArrays.train) }
    if wanted.testTargets == nil { wanted.testTargets = known(request.trainArrays.targets) }
    let roles = try ArrayRoles(archive, wanted, request)
    var found: [ArrayRoles.Role: SourceArray] = [:]
    // Other arrays are left compressed, unless an inspection wants to list them.
    for name in archive.names {
      let role = roles.names.first { $0.value == name }?.key
      guard role != nil || request.isInspection else {
        result.summaries.append(.init(name: name, type: "", shape: []))
        continue
      }
      let (header, bytes) = try archive.headerAndContent(name)
      result.summaries.append(
        .init(name: name, type: header.description, shape: header.shape, role: role?.rawValue))
      guard let role, !(request.isInspection && header.elementType == nil && !header.isText) else { continue }
      let source = try header.source(in: bytes, path: content.path, name: name)
      guard source.texts == nil || role.isTargets || request.isLabels else {
        throw .unusableArray(
          path: content.path, array: name, shape: header.shape, use: "inputs",
          accepted: "an array of numbers, not "
            + "of type \(header.description)")
      }
      found[role] = source
    }
    result.examples = .init(inputs: found[.inputs], targets: found[.targets])
    if found[.heldOutInputs] != nil || found[.heldOutTargets] != nil {
      result.heldOut = .init(inputs: found[.heldOutInputs], targets: found[.heldOutTargets])
    }
    result.warnings = roles.remarks
    if request.isLabels { result.labels = found[.targets] ?? found[.inputs] }
    return result
  }
}
