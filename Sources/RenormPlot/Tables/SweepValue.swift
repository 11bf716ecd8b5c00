internal import Foundation
internal import Renorm

/// The value of a parameter at a point of a sweep. An infinite width is the number infinity.
enum SweepValue: Hashable, Sendable {
  case number(Double)
  case text(String)

  var number: Double? { if case .number(let value) = self { value } else { nil } }

  /// As a table or an option writes it.
  var plain: String {
    switch self {
    case .number(.infinity): "infinite"
    case .number(let value): value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    case .text(let text): text
    }
  }
}

extension SweepValue: Comparable {
  static func < (a: SweepValue, b: SweepValue) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    case (.number, .text): true
    case (.text, .number): false
    case (.text(let a), .text(let b)): rank(a) == rank(b) ? a < b : rank(a) < rank(b)
    }
  }

  /// Architectures as the registry has them, from the least to the most structure; other names after them.
  private static func rank(_ name: String) -> Int { architectures.firstIndex(of: name) ?? architectures.count }
}

private let architectures = Architectures.builtIn.names

extension SweepParameter {
  /// A value as a legend names it.
  func description(of value: SweepValue) -> GnuplotText {
    switch (self, value) {
    case (.architecture, .text(let name)): architectureName(name)
    case (_, .number(let number)):
      (symbol ?? .plain(option)) + " = " + GnuplotText(markup: shortNumber(number))
    // An activation speaks for itself, the size of a mask does not.
    case (.activation, .text(let text)): .plain(text)
    case (_, .text(let text)): .plain("\(option) \(text)")
    }
  }
}

/// An architecture as a legend names it.
func architectureName(_ name: String) -> GnuplotText {
  .plain(architectures.contains(name) ? name.uppercased() : name)
}

/// A condition on a parameter, such as `architecture=cnn` or `width=infinite`.
public struct SweepFilter: Equatable, Sendable {
  let parameter: SweepParameter
  let value: SweepValue

  /// - Throws: `PlotError.wrongFilter` unless the text is `PARAMETER=VALUE`.
  public init(_ text: String) throws(PlotError) {
    let names = SweepParameter.allCases.map(\.option).joined(separator: ", ")
    guard let equals = text.firstIndex(of: "="),
      let parameter = SweepParameter(option: String(text[..<equals]).trimmingCharacters(in: .whitespaces))
    else {
      throw .wrongFilter(text, reason: "accepted is PARAMETER=VALUE with one of \(names)")
    }
    let value = text[text.index(after: equals)...].trimmingCharacters(in: .whitespaces)
    self.parameter = parameter
    if parameter == .width, Width(text: value) == .infinite {
      self.value = .number(.infinity)
    } else if parameter.isNumber {
      guard let number = Double(value), number.isFinite else {
        throw .wrongFilter(text, reason: "\(parameter.option) is a number, not '\(value)'")
      }
      self.value = .number(number)
    } else {
      self.value = .text(value.lowercased())
    }
  }
}
