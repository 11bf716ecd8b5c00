/// Lines on standard error.
enum ErrorLine {
  /// Prints `renorm: text` as one line on standard error, with the flags of parameters.
  static func write(_ text: String) {
    let line = flagged(text).split(whereSeparator: \.isNewline).joined(separator: " ")
    StandardError.write("renorm: \(line)\n")
  }

  /// Libraries name parameters in backticks, with a value perhaps: `layout nhwc` is --layout nhwc here.
  private static func flagged(_ text: String) -> String {
    text.replacing(/`(?!renorm)([a-z][a-z0-9]*(?:-[a-z0-9]+)*(?: [^`]*)?)`/) { "--\($0.1)" }
  }
}
