/// How the fields of a text table are separated.
struct TextDialect: Equatable {
  enum Separator: Equatable {
    case byte(UInt8)
    /// Runs of blanks and tabs, also before the first and after the last field.
    case blanks
  }

  var separator: Separator
  /// Whether lines that begin with `#` are comments.
  var hasComments = true

  /// The dialect of a text: the separator that cuts the first lines into equally many fields, of which most are
  /// numbers. A comma inside a number counts as a decimal point here, so that such tables are understood well
  /// enough to be refused for it.
  init(of bytes: UnsafeBufferPointer<UInt8>) {
    let candidates: [Separator] = [
      .byte(UInt8(ascii: ",")), .byte(UInt8(ascii: ";")), .byte(UInt8(ascii: "\t")), .blanks,
    ]
    var best: (separator: Separator, share: Double)?
    for candidate in candidates {
      guard let share = Self.numberShare(bytes, TextDialect(separator: candidate)) else { continue }
      if share > best?.share ?? -1 { best = (candidate, share) }
    }
    separator = best?.separator ?? Self.mostFrequent(bytes)
  }

  /// The most frequent of comma, semicolon and tab in the first line, outside quotes.
  private static func mostFrequent(_ bytes: UnsafeBufferPointer<UInt8>) -> Separator {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in bytes {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if !isQuoted, byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
      if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let best = counts.indices.max { counts[$0] < counts[$1] || (counts[$0] == counts[$1] && $0 > $1) } ?? 0
    return .byte(candidates[best])
  }

  init(separator: Separator, hasComments: Bool = true) {
    self.separator = separator
    self.hasComments = hasComments
  }

  private static let sampledLines = 6
  /// Bytes after which two lines are enough.
  private static let sampledBytes = 1 << 20

  /// The share of numbers among the fields of the first lines; nil where the lines have unequal numbers of
  /// fields, but for headings with one fewer, or one field each.
  private static func numberShare(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: TextDialect) -> Double? {
    var scanner = CSVScanner(bytes, dialect: dialect)
    var counts: [Int] = []
    var (numbers, fields) = (0.0, 0.0)
    while counts.count < (scanner.position > sampledBytes ? 2 : sampledLines) {
      scanner.skipComments()
      guard !scanner.isAtEnd, !scanner.isAtBlankLine else { break }
      var count = 0
      while true {
        let field = scanner.next()
        if field.quoteProblem { return nil }
        count += 1
        fields += 1
        // For the reader to refuse.
        if count > CSVTable.largestColumnCount { return nil }
        switch DecimalNumber.parse(field.text) {
        case .finite, .notFinite: numbers += 1
        case .notANumber where DecimalNumber.hasDecimalComma(field.text): numbers += 0.9
        case .empty, .notANumber: break
        }
        if field.endsLine { break }
      }
      counts.append(count)
    }
    guard let first = counts.first, let last = counts.last, last > 1 else { return nil }
    // A ragged row is for the reader to refuse, so one may differ.
    guard counts.dropFirst().count(where: { $0 != last }) <= 1,
      first == last || first == last - 1 || first > last && counts.count > 2
    else {
      return nil
    }
    return numbers / fields
  }
}
