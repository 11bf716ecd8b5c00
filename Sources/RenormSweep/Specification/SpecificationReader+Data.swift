internal import Renorm
internal import RenormFiles

extension SpecificationReader {
  func files(_ resolve: (String) -> String) throws(SpecificationError) -> DataFiles {
    func path(_ key: SweepKey) throws(SpecificationError) -> String? {
      try scalar(key).map { resolve($0.text) }
    }
    return DataFiles(
      train: try path(.train) ?? "", trainLabels: try path(.trainLabels), test: try path(.test),
      testLabels: try path(.testLabels))
  }

  func selection() throws(SpecificationError) -> DataSelection {
    DataSelection(
      classes: try classes(), classification: try flag(.classification), testCount: try count(.testCount),
      testFraction: try fraction(.testFraction), validationFraction: try fraction(.validationFraction),
      validationCount: try validationCount(), standardize: try standardization(),
      grayscale: try flag(.grayscale), pixelStep: try pixelStep(),
      shape: try shape(), targetColumn: try scalar(.targetColumn)?.text,
      droppedColumns: try texts(.dropColumns, "headings or numbers of columns")?.map(\.text),
      arrays: try arrays(), layout: try layout(), targets: try targets())
  }

  private func arrays() throws(SpecificationError) -> ArrayNames? {
    let names = ArrayNames(
      train: try scalar(.trainArray)?.text, targets: try scalar(.targetArray)?.text,
      test: try scalar(.testArray)?.text, testTargets: try scalar(.testTargetArray)?.text)
    return names == ArrayNames() ? nil : names
  }

  private func layout() throws(SpecificationError) -> ImageLayout? {
    try scalar(.layout).map { (text, place) throws(SpecificationError) in
      guard let layout = ImageLayout(text: text) else {
        throw SweepKey.layout.refused(text, place, ImageLayout.accepted)
      }
      return layout
    }
  }

  private func targets() throws(SpecificationError) -> TargetMode? {
    if try flag(.standardizeTargets) { return .standardize }
    return try flag(.centerTargets) ? .center : nil
  }

  private func pixelStep() throws(SpecificationError) -> Int? {
    try scalar(.pixelStep).map { (text, place) throws(SpecificationError) in
      try SweepKey.pixelStep.positiveCount(text, place, "a positive number of pixels")
    }
  }

  private func count(_ key: SweepKey) throws(SpecificationError) -> Int? {
    try scalar(key).map { (text, place) throws(SpecificationError) in
      try key.positiveCount(text, place, "a positive number of examples")
    }
  }

  private func validationCount() throws(SpecificationError) -> Int? {
    if let entry = entries[.validationCount], entries[.validationFraction] == nil {
      throw SpecificationError(entry.place, "validation-count needs 'validation-fraction'")
    }
    return try count(.validationCount)
  }

  private func fraction(_ key: SweepKey) throws(SpecificationError) -> Double? {
    try scalar(key).map { (text, place) throws(SpecificationError) in
      guard let value = Double(text), value > 0, value < 1 else {
        throw key.refused(text, place, "a number between 0 and 1")
      }
      return value
    }
  }

  private func standardization() throws(SpecificationError) -> StandardizationMode {
    guard let (text, place) = try scalar(.standardize) else { return .global }
    guard let mode = StandardizationMode(rawValue: text) else {
      throw SweepKey.standardize.refused(
        text, place, StandardizationMode.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return mode
  }

  private func shape() throws(SpecificationError) -> ImageShape? {
    try scalar(.shape).map { (text, place) throws(SpecificationError) in
      let sizes = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0 < 1 << 20 }) else {
        throw SweepKey.shape.refused(text, place, "CxHxW, such as 3x32x32")
      }
      return ImageShape(channels: sizes[0], height: sizes[1], width: sizes[2])
    }
  }

  private func classes() throws(SpecificationError) -> [ClassLabel]? {
    let accepted = "two or more different labels, such as [3, 8]"
    guard let entry = entries[.classes], let texts = try texts(.classes, accepted) else { return nil }
    let labels = texts.map { ClassLabel(text: $0.text) }
    if let empty = texts.first(where: { $0.text.isEmpty }) {
      throw SweepKey.classes.refused("", empty.place, accepted)
    }
    guard labels.count >= 2, Set(labels).count == labels.count else {
      throw SpecificationError(
        entry.place, .classes, is: labels.map(\.description).joined(separator: ", "), accepted: accepted)
    }
    return labels
  }

  /// The texts of a list, or of a text with commas.
  private func texts(
    _ key: SweepKey, _ accepted: String
  ) throws(SpecificationError) -> [(text: String, place: SpecificationPlace)]? {
    guard let entry = entries[key] else { return nil }
    let refused = { SpecificationError($0, "\(key.rawValue) is not a list; accepted: \(accepted)") }
    switch entry.value {
    case .scalar(let text, let place):
      return text.split(separator: ",", omittingEmptySubsequences: false).map { (String($0).trimmed, place) }
    case .list(let parts, _):
      var texts: [(String, SpecificationPlace)] = []
      for part in parts {
        guard case .scalar(let text, let place) = part else { throw refused(part.place) }
        texts.append((text, place))
      }
      return texts
    case .mapping(_, let place): throw refused(place)
    }
  }
}
