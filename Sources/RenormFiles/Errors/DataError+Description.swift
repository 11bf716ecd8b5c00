internal import LinearAlgebra

extension DataError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missingFile(let path): "\(path): no such file"
    case .unreadable(let path, let reason): "\(path): cannot be opened (\(reason))"
    case .isDirectory(let path): "\(path): is a directory, not a file"
    case .readingFailed(let path, let reason): "\(path): reading failed (\(reason))"
    case .emptyFile(let path): "\(path): the file is empty"
    case .cannotCreate(let path, let reason): "\(path): cannot be created (\(reason))"
    case .writingFailed(let path, let reason): "\(path): writing failed (\(reason))"
    case .contradiction(let text): text
    case .invalidOption(let name, let value, let accepted): "\(name) \(value): must be \(accepted)"
    case .absentClass, .singleClass, .tooFewExamples, .wrongShape, .wrongOutputs, .equalInputs:
      selectionDescription
    case .missingArray, .unusableArray, .unknownColumn, .missingLabels, .notALabel, .countMismatch,
      .noExamples:
      meaningDescription
    default: contentDescription
    }
  }

  private var contentDescription: String {
    switch self {
    case .corruptGzip(let path, let reason): "\(path): corrupt gzip data: \(reason)"
    case .unknownFormat(let path, let accepted, let hints):
      "\(path): unknown format; accepted are \(accepted)"
        + (hints.isEmpty ? "" : " (\(hints.joined(separator: "; ")))")
    case .foreignFormat(let path, let name, let accepted):
      "\(path): is \(name), which is not read; accepted are \(accepted)"
    case .tooLarge(let path, let item, let bytes?, let available):
      "\(path): \(item) needs \(gibibytes(bytes)) of memory, but \(gibibytes(available)) can be used"
    case .tooLarge(let path, let item, nil, let available):
      "\(path): \(item) needs more than the \(gibibytes(available)) of memory that can be used"
    case .malformed(let path, let place, let reason):
      place.map { "\(path): \($0): \(reason)" } ?? "\(path): \(reason)"
    case .wrongSize(let path, let item, let declared?, let actual):
      "\(path): \(item) needs \(declared) bytes, but there are \(actual)"
    case .wrongSize(let path, let item, nil, let actual):
      "\(path): \(item) is impossible; there are \(actual) bytes"
    case .unsupportedType(let path, let array, let type) where type.hasPrefix("["):
      "\(path): \(Self.label(array))elements are structured, of the fields \(Self.shown(type)); accepted "
        + "are plain numbers: save one field, or numpy.lib.recfunctions.structured_to_unstructured of them"
    case .unsupportedType(let path, let array, let type) where type.hasSuffix("O"):
      "\(path): \(Self.label(array))elements are Python objects; accepted are bool, integers of 1 to 8 "
        + "bytes, f2, f4 and f8: save numpy.asarray(list, float), of lists of equal lengths"
    case .unsupportedType(let path, let array, let type):
      "\(path): \(Self.label(array))element type '\(Self.shown(type))' is not supported; "
        + "accepted are bool, integers of 1 to 8 bytes, f2, f4 and f8"
    case .notANumber(let path, let place, let text):
      "\(path): \(place): '\(Self.shown(text))' "
        + (text.hasDecimalComma
          ? "has a comma; accepted are numbers with a decimal point, and no commas between thousands"
          : "is not a number")
    case .notFinite(let path, let place, let text):
      "\(path): \(place): '\(Self.shown(text))' is not a finite number"
    case .emptyField(let path, let place): "\(path): \(place): empty field, expected a number"
    case .raggedRow(let path, let row, let fields, let expected):
      "\(path): row \(row): \(Self.counted(fields, "field")), expected \(expected) as in the first row"
    default: "unclassified data error"
    }
  }

  private var meaningDescription: String {
    switch self {
    case .missingArray(let path, let wanted, let found):
      "\(path): no array \(wanted.joined(separator: " or ")); it has "
        + (found.isEmpty ? "no arrays" : Self.listed(found))
    case .unusableArray(let path, _, let shape, _, let accepted)
    where shape.count > 1 && shape.dropFirst().contains(0):
      "\(path): there are no input values beside the targets; accepted is \(accepted)"
    case .unusableArray(let path, let array, let shape, let use, let accepted):
      "\(path): \(Self.label(array))shape \(TypedArray.describe(shape: shape)) cannot be used as \(use); "
        + "accepted is \(accepted)"
    case .unknownColumn(let path, let column, let columns):
      "\(path): no column '\(Self.shown(column))'; it has \(Self.counted(columns.count, "column")): "
        + Self.listed(columns)
    case .missingLabels(let path, let arrays) where !arrays.isEmpty:
      "\(path): no array has the name of the targets; `target-array` names it: \(Self.listed(arrays))"
    case .missingLabels(let path, _): "\(path): holds no labels or targets; a labels file is needed"
    case .notALabel(let path, let place, let value):
      "\(path): \(place): \(value) is not an integer class label"
    case .countMismatch(let path, let examples, let labelsPath, let labels):
      "\(path): \(Self.counted(examples, "example")), but \(labelsPath) has \(Self.counted(labels, "label"))"
    case .noExamples(let path): "\(path): holds no examples"
    default: "unclassified data error"
    }
  }

  private var selectionDescription: String {
    switch self {
    case .absentClass(let path, let label, let present):
      "\(path): no example of class \(label); classes present: \(Self.listed(present))"
    case .singleClass(let path, let label):
      "\(path): all selected training examples are of class \(label); at least two classes are needed "
        + "(`shuffle-seed` mixes a sorted file)"
    case .tooFewExamples(let path, let part, let requested, let available):
      "\(path): \(requested) \(part.rawValue) examples wanted, \(available) available"
    case .wrongShape(let path, let found, let expected):
      "\(path): examples of shape \(found), expected \(expected)"
    case .wrongOutputs(let path, let found, let expected):
      "\(path): \(Self.counted(found, "target")) for each example, expected \(expected)"
    case .equalInputs(let path):
      "\(path): all training inputs are equal to one value, so they cannot be standardised"
    default: "unclassified data error"
    }
  }

  private static func label(_ array: String?) -> String { array.map { "array \($0): " } ?? "" }

  static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// The values separated by commas, at most twelve of them.
  static func listed(_ values: [some CustomStringConvertible]) -> String {
    let shown = values.prefix(12).map(\.description).joined(separator: ", ")
    return values.count > 12 ? shown + ", ..." : shown
  }

  /// Text from a file made fit for one line of a terminal: no control characters, at most 40 characters.
  static func shown(_ text: String) -> String {
    let clean = text.unicodeScalars.prefix(41).map {
      $0.properties.generalCategory == .control ? " " : String($0)
    }
    return clean.count > 40 ? clean.prefix(40).joined() + "..." : clean.joined()
  }
}

extension DataPlace: CustomStringConvertible {
  public var description: String {
    switch self {
    case .row(let row): "row \(row)"
    case .cell(let row, let column): "row \(row), column \(column)"
    case .element(let array, let index):
      (array.map { "array \($0), " } ?? "")
        + "element (\(index.map(String.init).joined(separator: ", ")))"
    case .key(let key): "key '\(key)'"
    }
  }
}

extension String {
  /// Whether the text is a number with a comma in place of the decimal point.
  var hasDecimalComma: Bool {
    var text = self
    return text.withUTF8 { DecimalNumber.hasDecimalComma($0) }
  }
}
