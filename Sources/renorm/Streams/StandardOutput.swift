import RenormFiles

/// Writing to standard output that notices when it fails.
enum StandardOutput {
  /// The name that stands for it.
  static let name = "-"

  static func write(_ text: String) throws(DataError) {
    try AtomicFile.write(Array(text.utf8), toDescriptor: 1, reportedAs: "standard output")
  }

  /// Whether a path is standard output: `-`, or one such as `/dev/stdout`.
  static func isNamed(by path: String?) -> Bool {
    guard let path else { return false }
    return path == name || (try? OutputTarget(path)) == .descriptor(1)
  }
}
