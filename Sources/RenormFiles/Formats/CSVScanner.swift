/// Walks over the fields of a text table without copying them.
///
/// Fields end at the separator or the end of the line; one in double quotes may contain both, and a
/// double quote written twice.
struct CSVScanner {
  /// A field of a line.
  struct Field {
    /// The text, without the quotes around it; quotes inside are still doubled.
    let text: UnsafeBufferPointer<UInt8>
    let endsLine: Bool
    let quoteProblem: Bool
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let separator: UInt8
  private(set) var position: Int
  /// The line that `position` is in, from 1.
  private(set) var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// A scanner at the start of `bytes`, past a byte order mark.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    separator = Self.separator(of: bytes)
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
    while position < bytes.count, bytes[position] != separator, !isLineEnd { position += 1 }
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
    let isClean = position >= bytes.count || bytes[position] == separator || isLineEnd
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
    if position < bytes.count {
      if bytes[position] == separator {
        endsLine = false
        position += 1
      } else {
        let isCarriageReturn = bytes[position] == Self.carriageReturn
        position += 1
        if isCarriageReturn, position < bytes.count, bytes[position] == Self.newline { position += 1 }
        line += 1
      }
    }
    return Field(
      text: UnsafeBufferPointer(rebasing: bytes[range]), endsLine: endsLine, quoteProblem: problem)
  }

  /// The most frequent of comma, semicolon and tab in the first line, outside quotes.
  private static func separator(of bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    var counts = [0, 0, 0]
    var isQuoted = false
    for byte in bytes {
      if byte == quote { isQuoted.toggle() }
      if !isQuoted, byte == newline || byte == carriageReturn { break }
      if !isQuoted, let index = candidates.firstIndex(of: byte) { counts[index] += 1 }
    }
    let best = counts.indices.max { counts[$0] < counts[$1] || (counts[$0] == counts[$1] && $0 > $1) } ?? 0
    return candidates[best]
  }
}
