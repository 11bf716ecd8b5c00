/// A number read from the text of a field.
enum DecimalNumber: Equatable {
  case finite(Double)
  /// NaN, an infinity, or a number too large for a double.
  case notFinite(Double)
  /// Nothing but spaces.
  case empty
  case notANumber

  /// Reads a decimal number, correctly rounded; spaces around it are ignored.
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> DecimalNumber {
    let text = trimmed(text)
    guard let first = text.first else { return .empty }
    guard text.count <= longest else { return .notANumber }
    if let value = short(text) { return .finite(value) }
    if text.contains(where: isDigit) {
      // Swift would also read hexadecimal numbers, which no table means.
      guard text.allSatisfy(isPartOfNumber), let value = Double(String(decoding: text, as: UTF8.self)) else {
        return .notANumber
      }
      return value.isFinite ? .finite(value) : .notFinite(value)
    }
    let word = String(decoding: text, as: UTF8.self).lowercased()
    switch first == UInt8(ascii: "-") || first == UInt8(ascii: "+") ? word.dropFirst() : word[...] {
    case "nan": return .notFinite(.nan)
    case "inf", "infinity": return .notFinite(word.hasPrefix("-") ? -.infinity : .infinity)
    default: return .notANumber
    }
  }

  /// Whether a text is a number with a comma in place of the decimal point.
  static func hasDecimalComma(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count(where: { $0 == UInt8(ascii: ",") }) == 1, !text.contains(UInt8(ascii: ".")) else {
      return false
    }
    let point = text.map { $0 == UInt8(ascii: ",") ? UInt8(ascii: ".") : $0 }
    return point.withUnsafeBufferPointer { if case .finite = parse($0) { true } else { false } }
  }

  /// The most characters of a field.
  static let longest = 10_000

  /// A number of at most 15 digits without exponent, nil for any other text.
  ///
  /// Such a number is a quotient of two integers that doubles hold exactly, so one division rounds it
  /// correctly; it is many times faster than the general way, and nearly all numbers of tables are such.
  private static func short(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var mantissa = 0
    var digits = 0
    var fraction: Int?
    let isNegative = text[0] == UInt8(ascii: "-")
    for byte in text.dropFirst(isNegative || text[0] == UInt8(ascii: "+") ? 1 : 0) {
      if byte == UInt8(ascii: ".") {
        guard fraction == nil else { return nil }
        fraction = digits
      } else {
        guard isDigit(byte), digits < 15 else { return nil }
        mantissa = 10 * mantissa + Int(byte - UInt8(ascii: "0"))
        digits += 1
      }
    }
    guard digits > 0 else { return nil }
    let value = Double(mantissa) / powersOfTen[digits - (fraction ?? digits)]
    return isNegative ? -value : value
  }

  private static let powersOfTen: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: isDigit(byte)
    }
  }

  private static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var range = text.indices
    while let first = range.first, isSpace(text[first]) { range.removeFirst() }
    while let last = range.last, isSpace(text[last]) { range.removeLast() }
    return UnsafeBufferPointer(rebasing: text[range])
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}
