/// Walks over the fields of a text table without copying them.
///
/// Fields end at the separator or the end of the line; one in double quotes may contain both, and a
/// double quote written twice. Lines that begin with `#` are comments.
struct CSVScanner {
  /// A field of a line.
  struct Field {
    /// The text, without the quotes around it; quotes inside are still doubled.
    let text: UnsafeBufferPointer<UInt8>
    let endsLine: Bool
    let quoteProblem: Bool
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let dialect: TextDialect
  /// The separator; nil for runs of blanks.
  private let separator: UInt8?
  private(set) var position: Int
  /// The line that `position` is in, from 1.
  private(set) var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// A scanner at the start of `bytes`, past a byte order mark; the dialect is found from the first lines.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.init(bytes, dialect: TextDialect(of: bytes))
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, dialect: TextDialect) {
    self.bytes = bytes
    self.dialect = dialect
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    separator = if case .byte(let byte) = dialect.separator { byte } else { nil }
    while isAtBlankLine { stepOverLineEnd() }
    skipLeadingBlanks()
  }

  var isAtEnd: Bool { position >= bytes.count }

  /// Whether only blank lines follow.
  var isAtBlankEnd: Bool {
    bytes[position...].allSatisfy { $0 == Self.newline || $0 == Self.carriageReturn || $0 == 0x20 }
  }

  /// Whether the line at `position` is empty.
  var isAtBlankLine: Bool {
    !isAtEnd && (bytes[position] == Self.newline || bytes[position] == Self.carriageReturn)
  }

  /// The next field; at the end of the file an empty one.
  mutating func next() -> Field {
    guard !isAtEnd else { return finish(position..<position) }
    if bytes[position] == Self.quote { return nextQuoted() }
    let start = position
    while position < bytes.count, !isFieldEnd { position += 1 }
    return finish(start..<position)
  }

  private mutating func nextQuoted() -> Field {
    position += 1
    let start = position
    var newlines = 0
    while position < bytes.count {
      if bytes[position] == Self.quote {
        guard position + 1 < bytes.count, bytes[position + 1] == Self.quote else { break }
        position += 1
      }
      if bytes[position] == Self.newline { newlines += 1 }
      position += 1
    }
    let end = position
    let isClosed = position < bytes.count
    if isClosed { position += 1 }
    let isClean = position >= bytes.count || isFieldEnd
    let field = finish(start..<end, problem: !isClosed || !isClean)
    line += newlines
    return field
  }

  private var isLineEnd: Bool {
    bytes[position] == Self.newline || bytes[position] == Self.carriageReturn
  }

  /// Steps over what ends the field.
  private mutating func finish(_ range: Range<Int>, problem: Bool = false) -> Field {
    var endsLine = true
    if separator == nil { skipSpaces() }
    if position < bytes.count {
      if isLineEnd {
        stepOverLineEnd()
      } else {
        endsLine = false
        if separator != nil { position += 1 }
      }
    }
    return Field(
      text: UnsafeBufferPointer(rebasing: bytes[range]), endsLine: endsLine, quoteProblem: problem)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// Whether the field ends at `position`, which is inside the bytes.
  private var isFieldEnd: Bool {
    let byte = bytes[position]
    if byte == Self.newline || byte == Self.carriageReturn { return true }
    return separator.map { byte == $0 } ?? Self.isBlank(byte)
  }

  /// Steps over blanks and tabs.
  mutating func skipSpaces() {
    while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
  }

  /// Blanks before the first field of a line are no separator.
  private mutating func skipLeadingBlanks() {
    if separator == nil { skipSpaces() }
  }

  /// Steps over lines that are comments; the last of them, without the mark.
  @discardableResult
  mutating func skipComments() -> UnsafeBufferPointer<UInt8>? {
    var last: UnsafeBufferPointer<UInt8>?
    while dialect.hasComments {
      var start = position
      while start < bytes.count, Self.isBlank(bytes[start]) { start += 1 }
      guard start < bytes.count, bytes[start] == UInt8(ascii: "#") else { break }
      position = start + 1
      while position < bytes.count, !isLineEnd { position += 1 }
      last = UnsafeBufferPointer(rebasing: bytes[(start + 1)..<position])
      if position < bytes.count { stepOverLineEnd() }
    }
    return last
  }

  private mutating func stepOverLineEnd() {
    let isCarriageReturn = bytes[position] == Self.carriageReturn
    position += 1
    if isCarriageReturn, position < bytes.count, bytes[position] == Self.newline { position += 1 }
    line += 1
    skipLeadingBlanks()
  }
}
