/// What the first line of a text table is.
enum HeaderKind: Equatable {
  /// The first row.
  case none
  /// Headings: text only, or text and the numbers 0, 1, 2, ... or 1, 2, 3, ... with which data frames name
  /// their columns.
  case headings
  /// Headings with one field fewer than the rows, as R writes them above rows with names.
  case oneFewer
  /// The numbers 0, 1, 2, ... alone, with which data frames name all columns.
  case counting

  /// Judges the first line by its fields and those of the second. Any mixture of text and numbers that is no
  /// heading is a line of data.
  init(_ first: [UnsafeBufferPointer<UInt8>], _ second: [UnsafeBufferPointer<UInt8>]) {
    let parsed = first.map { DecimalNumber.parse($0) }
    let numbers = parsed.filter { $0 != .notANumber && $0 != .empty }
    let counts = Self.counts(first.filter { DecimalNumber.parse($0) != .notANumber && !$0.isEmpty })
    let isOneFewer = second.count == first.count + 1
    if numbers.isEmpty {
      // Numbers with a decimal comma are no headings, but numbers to be refused.
      guard parsed.contains(.notANumber), !first.contains(where: { DecimalNumber.hasDecimalComma($0) }) else {
        self = .none
        return
      }
      // Rows of text alone: the first is a heading where it is unlike the second.
      self = isOneFewer ? .oneFewer : .headings
    } else if parsed.contains(.notANumber) {
      self = numbers.count >= 3 && counts != nil ? (isOneFewer ? .oneFewer : .headings) : .none
    } else if isOneFewer, counts != nil {
      self = .oneFewer
    } else if counts == 0, parsed.dropFirst().contains(.empty) == false,
      parsed.first == .empty || numbers.count >= 3 || Self.haveFractions(second)
    {
      self = numbers.count > 1 || parsed.first == .empty ? .counting : .none
    } else {
      self = .none
    }
  }

  /// The number that the fields count from, 0 or 1; nil where they do not count.
  private static func counts(_ fields: [UnsafeBufferPointer<UInt8>]) -> Int? {
    let texts = fields.map { CSVTable.text($0) }
    guard let first = texts.first, let start = Int(first), start == 0 || start == 1 else { return nil }
    return texts.enumerated().allSatisfy { $1 == "\(start + $0)" } ? start : nil
  }

  /// Whether all fields are numbers with a decimal point.
  private static func haveFractions(_ fields: [UnsafeBufferPointer<UInt8>]) -> Bool {
    fields.count == 2
      && fields.allSatisfy { field in
        guard case .finite = DecimalNumber.parse(field) else { return false }
        return field.contains(UInt8(ascii: "."))
      }
  }
}
