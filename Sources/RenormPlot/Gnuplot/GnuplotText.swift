internal import Foundation

/// Text in gnuplot's "enhanced" markup, as it stands in a script.
///
/// A string literal is markup (`T_c`, `{/:Italic N}`); text from files and users goes through `plain`.
struct GnuplotText: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, Equatable, Sendable {
  let markup: String

  init(markup: String) { self.markup = markup }
  init(stringLiteral markup: String) { self.init(markup: markup) }

  /// Text that is shown as it is, on one line.
  static func plain(_ text: String) -> GnuplotText {
    var markup = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      // A backslash alone is an escape in some terminals and itself in others, unless braces are near.
      case "\\": markup += #"{\134}"#
      case "_", "^", "{", "}", "@", "&", "~": markup += "\\" + String(scalar)
      case _ where scalar.properties.generalCategory == .control: markup += " "
      default: markup.unicodeScalars.append(scalar)
      }
    }
    return GnuplotText(markup: markup)
  }

  /// A symbol of the theory.
  static func symbol(_ name: String, subscript index: String? = nil) -> GnuplotText {
    GnuplotText(markup: "{/:Italic \(name)}" + (index.map { "_{\($0)}" } ?? ""))
  }

  /// The text in single quotes, in which gnuplot replaces nothing.
  var quoted: String { "'" + markup.replacing("'", with: "''") + "'" }

  /// The number of letters that are seen.
  var visibleCount: Int {
    markup.replacing("{/:Italic ", with: "").count { !"{}_^\\".contains($0) }
  }

  static func + (a: GnuplotText, b: GnuplotText) -> GnuplotText { GnuplotText(markup: a.markup + b.markup) }
}

extension [GnuplotText] {
  func joined(_ separator: GnuplotText = ", ") -> GnuplotText {
    GnuplotText(markup: map(\.markup).joined(separator: separator.markup))
  }
}

/// Numbers in labels: four significant digits, without trailing zeros.
func shortNumber(_ value: Double) -> String {
  if value == .infinity { return "∞" }
  if value == value.rounded(), abs(value) < 1e6 { return "\(Int(value))" }
  let text = String(format: "%.4g", value)
  guard let e = text.firstIndex(of: "e") else { return text }
  let exponent = Int(text[text.index(after: e)...]) ?? 0
  return "\(text[..<e])·10^{\(exponent)}".replacing(
    "1·10", with: "10", maxReplacements: text.hasPrefix("1e") ? 1 : 0)
}
