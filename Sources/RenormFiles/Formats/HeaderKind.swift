/// What the first line of a text table is.
enum HeaderKind: Equatable {
  /// The first row.
  case none
  /// Headings: text only, or text and the numbers 0, 1, 2, ... or 1, 2, 3, ..., in any order, with
  /// which data frames name their columns.
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
      // A row of data may have whole numbers in any order beside a class.
      let rowIsNumbers = zip(parsed, second).allSatisfy {
        $0 != .notANumber || DecimalNumber.parse($1) != .notANumber
      }
      let isRegular =
        counts != nil || Self.haveEqualSteps(numbers) || rowIsNumbers && Self.areShuffledCounts(numbers)
      self = numbers.count >= 3 && isRegular ? (isOneFewer ? .oneFewer : .headings) : .none
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

  /// The number that the fields count from, 0 or 1; nil where they do not count. Data frames count in whole
  /// numbers, `0,1,2`, or in floating point, `0.0,1.0,2.0`.
  private static func counts(_ fields: [UnsafeBufferPointer<UInt8>]) -> Int? {
    guard let text = fields.first.map({ CSVTable.text($0) }) else { return nil }
    let end = text.hasSuffix(".0") ? ".0" : ""
    guard let start = Int(text.dropLast(end.count)), start == 0 || start == 1 else { return nil }
    return fields.enumerated().allSatisfy { CSVTable.text($1) == "\(start + $0)\(end)" } ? start : nil
  }

  /// Whether numbers are 0, 1, 2, ... or 1, 2, 3, ... in another order.
  private static func areShuffledCounts(_ fields: [DecimalNumber]) -> Bool {
    let values = fields.compactMap { if case .finite(let value) = $0 { value } else { nil } }.sorted()
    guard values.count == fields.count, let first = values.first, first == 0 || first == 1 else { return false }
    return values.enumerated().allSatisfy { $1 == first + Double($0) }
  }

  /// Whether numbers grow by equal steps.
  private static func haveEqualSteps(_ fields: [DecimalNumber]) -> Bool {
    let values = fields.compactMap { if case .finite(let value) = $0 { value } else { nil } }
    guard values.count == fields.count, values.count > 2, let first = values.first, let last = values.last,
      last > first
    else { return false }
    let step = (last - first) / Double(values.count - 1)
    let unit = 1e-9 * max(abs(first), abs(last))
    return values.enumerated().allSatisfy { abs(first + Double($0) * step - $1) <= unit }
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
