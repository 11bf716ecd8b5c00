import Foundation
import RenormFiles

/// Writing to standard output that notices when it fails.
enum StandardOutput {
  static func write(_ text: String) throws(DataError) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw .writingFailed(path: "standard output", reason: String(cString: strerror(errno)))
      }
      rest = rest.dropFirst(count)
    }
  }
}
