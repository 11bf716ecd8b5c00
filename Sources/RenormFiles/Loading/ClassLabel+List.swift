extension ClassLabel {
  /// The labels in a text, separated by commas; one in double quotes may contain commas. Nil where a label is
  /// empty or a quote is not closed.
  package static func list(_ text: String) -> [ClassLabel]? {
    var text = text
    let fields: [String]? = text.withUTF8 { bytes in
      var scanner = CSVScanner(bytes, dialect: .init(separator: .byte(UInt8(ascii: ","))))
      var fields: [String] = []
      while true {
        scanner.skipSpaces()
        let field = scanner.next()
        guard !field.quoteProblem else { return nil }
        fields.append(CSVTable.text(field.text))
        if field.endsLine { return fields }
      }
    }
    guard let fields, !fields.contains("") else { return nil }
    return fields.map { ClassLabel(text: $0) }
  }
}
