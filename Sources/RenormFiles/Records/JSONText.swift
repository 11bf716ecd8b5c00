internal import Foundation

/// JSON for people and programs: indented, keys in order.
package enum JSONText {
  /// - Throws: `EncodingError` where a number is not finite.
  package static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return joiningInnermostArrays(String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
  }

  /// Puts every array of plain numbers on one line, so that a matrix reads as rows.
  private static func joiningInnermostArrays(_ json: String) -> String {
    var lines: [String] = []
    // The lines of an array that has only plain values so far.
    var open: [String] = []
    for line in json.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
      let content = String(line.drop { $0 == " " })
      if line.hasSuffix("[") {
        lines += open
        open = [line]
      } else if open.isEmpty {
        lines.append(line)
      } else if line.hasSuffix("{") {
        lines += open + [line]
        open = []
      } else if content.hasPrefix("]") {
        lines.append(open[0] + open.dropFirst().joined(separator: " ") + content)
        open = []
      } else {
        open.append(content)
      }
    }
    return lines.joined(separator: "\n")
  }
}
