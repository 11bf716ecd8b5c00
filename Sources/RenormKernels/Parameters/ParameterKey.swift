/// The name of a parameter's field, for coders and parsers whose fields are the rows of the table.
package struct ParameterKey: CodingKey {
  package let stringValue: String
  package let intValue: Int? = nil

  /// The field of a parameter's column.
  package init(_ parameter: NetworkParameter) { stringValue = parameter.column }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}
