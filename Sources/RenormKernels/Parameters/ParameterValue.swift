/// The value of a parameter in plain form, as command lines, specifications, reports and models write it.
public indirect enum ParameterValue: Hashable, Sendable {
  /// The name of an architecture, an activation or a readout prior.
  case name(String)
  /// A real number.
  case number(Double)
  /// A whole number.
  case count(Int)
  /// A rectangle of pixels.
  case extent(Extent)
  /// A number of hidden units, or infinitely many.
  case width(Width)
  /// How far patches reach over the edges.
  case padding(Padding)
  /// A matrix from a file.
  case matrix(MatrixValue)
  /// Several values of one kind, such as the widths of layers.
  case list([ParameterValue])

  /// The value as a specification writes it.
  public var text: String {
    switch self {
    case .name(let name): name
    case .number(let number): "\(number)"
    case .count(let count): "\(count)"
    case .extent(let extent): extent.height == extent.width ? "\(extent.height)" : "\(extent)"
    case .width(let width): "\(width)"
    case .padding(let padding): "\(padding)"
    case .matrix(let matrix): matrix.source
    case .list(let values): values.map(\.text).joined(separator: ",")
    }
  }

  /// The name; nil for other kinds of values.
  public var name: String? { if case .name(let name) = self { name } else { nil } }
  /// The real number; nil for other kinds of values.
  public var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The whole number; nil for other kinds of values.
  public var count: Int? { if case .count(let count) = self { count } else { nil } }
  /// The rectangle; nil for other kinds of values.
  public var extent: Extent? { if case .extent(let extent) = self { extent } else { nil } }
  /// The width; nil for other kinds of values.
  public var width: Width? { if case .width(let width) = self { width } else { nil } }
  /// The matrix; nil for other kinds of values.
  public var matrix: MatrixValue? { if case .matrix(let matrix) = self { matrix } else { nil } }
  /// The padding; nil for other kinds of values.
  public var padding: Padding? { if case .padding(let padding) = self { padding } else { nil } }
  /// The values of a list; nil for other kinds of values.
  public var list: [ParameterValue]? { if case .list(let values) = self { values } else { nil } }
}

/// Which values a parameter takes.
public indirect enum ParameterDomain: Hashable, Sendable {
  /// One of some names.
  case names([String])
  /// A positive number, with what it counts where that has a name.
  case positive(unit: String?)
  /// A positive number of hidden units, or infinitely many.
  case width
  /// A rectangle of at least one pixel.
  case extent
  /// `valid`, `same`, or a number of pixels.
  case padding
  /// A square matrix, named by its file.
  case matrix
  /// A positive whole number of something.
  case count(of: String)
  /// At least one value of a domain, separated by commas.
  case list(ParameterDomain)

  /// What is accepted, for messages.
  public var accepted: String {
    switch self {
    case .names(let names): names.joined(separator: ", ")
    case .positive(let unit?): "a positive number of \(unit)"
    case .positive(nil): "a positive number"
    case .width: "a positive number of hidden units, or 'infinite'"
    case .extent: "a positive number of pixels, or HxW; for two hidden layers one for each, such as 7,2"
    case .padding: "valid, same, or a number of pixels"
    case .matrix: "an NPY file with a symmetric positive semidefinite matrix"
    case .count(let things): "a positive number of \(things)"
    case .list(let domain): "one for each layer, separated by commas: \(domain.accepted)"
    }
  }

  /// Whether the values are numbers that can be interpolated.
  public var isContinuous: Bool { if case .positive = self { true } else { false } }

  /// Reads a value; nil for text that is none of this kind. Whether the value lies in the domain is another
  /// question.
  public func value(_ text: String) -> ParameterValue? {
    switch self {
    case .names: .name(text)
    case .positive: Double(text).map { .number($0) }
    case .width: Width(text: text).map { .width($0) }
    case .extent:
      text.contains(",") ? Self.list(text, of: self) : Extent(text: text).map { .extent($0) }
    case .padding: Padding(text: text).map { .padding($0) }
    case .matrix: text.isEmpty ? nil : .matrix(MatrixValue(source: text))
    case .count: Int(text).map { .count($0) }
    case .list(let domain): Self.list(text, of: domain)
    }
  }

  private static func list(_ text: String, of domain: ParameterDomain) -> ParameterValue? {
    let values = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      domain.value(String(part.drop(while: \.isWhitespace)))
    }
    let known = values.compactMap(\.self)
    return known.count == values.count ? .list(known) : nil
  }

  /// Whether a value of this kind lies in the domain.
  public func contains(_ value: ParameterValue) -> Bool {
    switch (self, value) {
    case (.names(let names), .name(let name)): names.contains(name)
    case (.positive, .number(let number)): number > 0 && number.isFinite
    case (.width, .width(let width)): width.units.map { $0 > 0 } ?? true
    case (.extent, .extent(let extent)): extent.height > 0 && extent.width > 0
    // Patches of two layers at once; a network has them apart.
    case (.extent, .list(let values)): values.count == 2 && values.allSatisfy(contains)
    case (.padding, .padding(.pixels(let count))): count >= 0
    case (.padding, .padding), (.matrix, .matrix): true
    case (.count, .count(let count)): count > 0
    case (.list(let domain), .list(let values)): !values.isEmpty && values.allSatisfy(domain.contains)
    default: false
    }
  }
}
