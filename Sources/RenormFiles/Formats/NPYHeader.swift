/// The header of an NPY file: magic, version, and a Python dictionary with element type, order and shape.
struct NPYHeader {
  /// Element type as NumPy writes it, for example `<f8`.
  let description: String
  let fortranOrder: Bool
  let shape: [Int]
  /// Offset of the elements.
  let size: Int

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Parses the header at the start of `bytes`; a text says what is wrong with it.
  static func parse(_ bytes: ArraySlice<UInt8>) -> Result<NPYHeader, Problem> {
    let lengthSize = bytes.count > 6 && bytes[bytes.startIndex + 6] == 1 ? 2 : 4
    let start = magic.count + 2 + lengthSize
    guard bytes.starts(with: magic), bytes.count >= start else {
      return .failure(Problem(reason: "no NPY header"))
    }
    let version = bytes[bytes.startIndex + 6]
    guard (1...3).contains(version) else {
      return .failure(Problem(reason: "NPY version \(version) is not supported; accepted are 1, 2 and 3"))
    }
    let lengthStart = bytes.startIndex + magic.count + 2
    let length = bytes[lengthStart..<lengthStart + lengthSize].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= largestLength else {
      return .failure(
        Problem(reason: "an NPY header of \(length) bytes; accepted are at most \(largestLength)"))
    }
    guard length <= bytes.count - start else {
      return .failure(Problem(reason: "the file ends inside the NPY header"))
    }
    let text = String(decoding: bytes.dropFirst(start).prefix(length), as: UTF8.self)
    guard let header = parse(text: text, size: start + length) else {
      let shown = DataError.shown(text.filter { $0 != "\n" })
      return .failure(Problem(reason: "NPY header '\(shown)' cannot be understood"))
    }
    return .success(header)
  }

  /// As of NumPy.
  private static let largestLength = 10_000

  struct Problem: Error {
    let reason: String
  }

  /// The element type and byte order, nil for types that are not numbers or too unusual.
  var elementType: (type: ElementType, order: ByteOrder)? {
    guard let mark = description.first, "<>|=".contains(mark),
      let type = ElementType(rawValue: String(description.dropFirst()))
    else { return nil }
    return (type, mark == ">" ? .bigEndian : .littleEndian)
  }

  /// Parses `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
  private static func parse(text: String, size: Int) -> NPYHeader? {
    guard let description = value(of: "descr", in: text), let order = value(of: "fortran_order", in: text),
      let shapeText = value(of: "shape", in: text), shapeText.hasPrefix("("),
      let end = shapeText.firstIndex(of: ")"), order.hasPrefix("True") || order.hasPrefix("False")
    else { return nil }
    var shape: [Int] = []
    for item in shapeText[..<end].dropFirst().split(separator: ",") {
      let digits = item.filter { $0 != " " && $0 != "L" }  // Python 2 wrote long integers as 3L
      if digits.isEmpty { continue }
      guard let length = Int(digits) else { return nil }
      shape.append(length)
    }
    return NPYHeader(
      description: unquoted(description), fortranOrder: order.hasPrefix("True"), shape: shape, size: size)
  }

  /// The text from the value of `key` on.
  private static func value(of key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      let label = "\(quote)\(key)\(quote)"
      var rest = text[...]
      while !rest.isEmpty {
        if rest.hasPrefix(label) {
          let after = rest.dropFirst(label.count).drop { $0 == " " }
          // A field of a structured type may have any name.
          if after.first == ":" { return after.dropFirst().drop { $0 == " " } }
        }
        rest = rest.dropFirst()
      }
    }
    return nil
  }

  /// The text between the quotes that `text` begins with; structured types, which are lists, up to `]`.
  private static func unquoted(_ text: Substring) -> String {
    guard let quote = text.first, quote == "'" || quote == "\"" else {
      return String(text.prefix { $0 != "]" }) + "]"
    }
    return String(text.dropFirst().prefix { $0 != quote })
  }
}

extension NPYHeader {
  /// Bytes of one character, their order, and characters of one element of an array of texts (`U`, `S`); nil
  /// for other types.
  private var textType: (characterSize: Int, isBigEndian: Bool, length: Int)? {
    let marks = description.prefix { "<>|=".contains($0) }
    let rest = description.dropFirst(marks.count)
    guard let kind = rest.first, kind == "U" || kind == "S", let length = Int(rest.dropFirst()), length > 0
    else {
      return nil
    }
    return (kind == "U" ? 4 : 1, marks == ">", length)
  }

  /// Whether the elements are texts.
  var isText: Bool { textType != nil }

  /// The array that follows this header in `bytes`, of numbers or texts.
  ///
  /// `name` is nil for a file that is only this array.
  func source(in bytes: ArraySlice<UInt8>, path: String, name: String?) throws(DataError) -> SourceArray {
    guard isText else { return SourceArray(array: try array(in: bytes, path: path, name: name), name: name) }
    return SourceArray(texts: try texts(in: bytes, path: path, name: name), shape: shape, name: name)
  }

  /// The texts that follow this header: those of one axis, or of one column.
  private func texts(in bytes: ArraySlice<UInt8>, path: String, name: String?) throws(DataError) -> [String] {
    guard let type = textType, shape.count == 1 || shape.count == 2 && shape[1] == 1, shape[0] >= 0 else {
      throw .unusableArray(
        path: path, array: name, shape: shape, use: "class labels", accepted: "one text for each example")
    }
    let elements = bytes.dropFirst(size)
    let (width, tooWide) = type.characterSize.multipliedReportingOverflow(by: type.length)
    let (needed, tooLong) = width.multipliedReportingOverflow(by: shape[0])
    guard !tooWide, !tooLong, needed == elements.count else {
      let item = "array \(name.map { $0 + " " } ?? "")of shape \(TypedArray.describe(shape: shape))"
      throw .wrongSize(
        path: path, item: item, declared: tooWide || tooLong ? nil : needed, actual: elements.count)
    }
    return (0..<shape[0]).map { element in
      let start = elements.startIndex + element * width
      let field = elements[start..<start + width]
      if type.characterSize == 1 { return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }
      var text = String.UnicodeScalarView()
      for character in stride(from: start, to: start + width, by: 4) {
        let four = elements[character..<character + 4]
        let code = (type.isBigEndian ? Array(four) : four.reversed()).reduce(0) { $0 << 8 | UInt32($1) }
        if code == 0 { break }
        text.append(Unicode.Scalar(code) ?? "\u{FFFD}")
      }
      return String(text)
    }
  }

  /// The array of numbers that follows this header in `bytes`.
  ///
  /// `name` is nil for a file that is only this array.
  func array(in bytes: ArraySlice<UInt8>, path: String, name: String?) throws(DataError) -> TypedArray {
    guard let (type, order) = elementType else {
      throw .unsupportedType(path: path, array: name, type: description)
    }
    let elements = bytes.dropFirst(size)
    let needed = TypedArray.byteCount(elementType: type, shape: shape)
    guard needed == elements.count else {
      let item = "array \(name.map { $0 + " " } ?? "")of shape \(TypedArray.describe(shape: shape))"
      throw .wrongSize(path: path, item: item, declared: needed, actual: elements.count)
    }
    return TypedArray(
      elementType: type, byteOrder: order, shape: shape, fortranOrder: fortranOrder, bytes: elements)
  }
}
