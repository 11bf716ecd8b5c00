/// NPZ: NumPy arrays `x_train`, `y_train`, `x_test`, `y_test`, or `x` and `y`, in either case of letters.
enum NPZFormat: DataFormat {
  static let name = "NPZ"

  private enum Role: CaseIterable {
    case inputs, targets, heldOutInputs, heldOutTargets

    /// Accepted names, the preferred one first.
    var names: [String] {
      switch self {
      case .inputs: ["x_train", "x"]
      case .targets: ["y_train", "y"]
      case .heldOutInputs: ["x_test"]
      case .heldOutTargets: ["y_test"]
      }
    }
  }

  static func recognize(_ content: FileContent) -> Recognition {
    let magic: UInt32? = content.bytes.number(UInt32.self, at: 0)
    return magic == 0x0403_4B50 || magic == 0x0605_4B50 ? .certain : .no(hint: nil)
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let archive = try NPZArchive(content, accepted: DataFormats.accepted)
    var result = FileArrays(summaries: [])
    var found: [Role: SourceArray] = [:]
    let names = arrayNames(archive)
    // Other arrays are left compressed, unless an inspection wants to list them.
    for name in archive.names {
      let role = names.first { $0.value == name }?.key
      guard role != nil || request.isInspection else {
        result.summaries.append(.init(name: name, type: "", shape: []))
        continue
      }
      let (header, bytes) = try archive.headerAndContent(name)
      result.summaries.append(.init(name: name, type: header.description, shape: header.shape))
      guard let role, !(request.isInspection && header.elementType == nil) else { continue }
      found[role] = SourceArray(
        array: try header.array(in: bytes, path: content.path, name: name), name: name)
    }
    result.examples = .init(inputs: found[.inputs], targets: found[.targets])
    if found[.heldOutInputs] != nil || found[.heldOutTargets] != nil {
      result.heldOut = .init(inputs: found[.heldOutInputs], targets: found[.heldOutTargets])
    }
    return result
  }

  /// The array of the archive that plays each role.
  private static func arrayNames(_ archive: NPZArchive) -> [Role: String] {
    var result: [Role: String] = [:]
    for role in Role.allCases {
      for wanted in role.names where result[role] == nil {
        result[role] =
          archive.names.first { $0 == wanted } ?? archive.names.first { $0.lowercased() == wanted }
      }
    }
    return result
  }
}
