#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a path of an output leads to.
package enum OutputTarget: Equatable {
  /// An open file of this process, as `/dev/stdout` and `/dev/fd/3` are; it is written where it stands.
  case descriptor(Int32)
  /// A regular file with its permissions, or with nil one that is not there yet; links are followed.
  case file(path: String, permissions: UInt32?)
  /// A device or pipe, which is opened and written to.
  case device(path: String)

  /// The most links that are followed, as of Linux.
  private static let largestLinkCount = 40

  /// Follows the links of a path; the last may lead to a file that is not there yet.
  ///
  /// - Throws: `DataError.cannotCreate` for a directory and for links that lead in a circle.
  package init(_ path: String) throws(DataError) {
    var target = path
    for _ in 0..<Self.largestLinkCount {
      if let descriptor = Self.descriptor(target) {
        self = .descriptor(descriptor)
        return
      }
      var status = stat()
      let isThere = stat(target, &status) == 0
      if !isThere && errno == ENAMETOOLONG {
        throw .cannotCreate(path: path, reason: String(cString: strerror(ENAMETOOLONG)))
      }
      if isThere && status.st_mode & S_IFMT == S_IFDIR {
        throw .cannotCreate(path: path, reason: "it is a directory")
      }
      guard let link = Self.link(target) else {
        if isThere && status.st_mode & S_IFMT != S_IFREG {
          self = .device(path: target)
        } else {
          self = .file(path: target, permissions: isThere ? UInt32(status.st_mode) & 0o7777 : nil)
        }
        return
      }
      // The links of /proc to pipes have no path.
      if isThere && status.st_mode & S_IFMT != S_IFREG && access(Self.joined(link, after: target), F_OK) != 0 {
        self = .device(path: target)
        return
      }
      target = Self.joined(link, after: target)
    }
    throw .cannotCreate(path: path, reason: String(cString: strerror(ELOOP)))
  }

  /// The directory of a path.
  static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  private static func joined(_ link: String, after path: String) -> String {
    link.hasPrefix("/") ? link : "\(parent(of: path))/\(link)"
  }

  /// The number of the open file that a path names in a directory such as `/dev/fd`, which on Linux is a link.
  private static func descriptor(_ path: String) -> Int32? {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    guard let number = Int32(name), number >= 0, let folder = resolved(parent(of: path)) else { return nil }
    let isOwn = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"].contains { resolved($0) == folder }
    return isOwn ? number : nil
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Where a link leads; nil for what is none.
  private static func link(_ path: String) -> String? {
    let bytes = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
      count = buffer.baseAddress.map { max(readlink(path, $0, buffer.count), 0) } ?? 0
    }
    return bytes.isEmpty ? nil : String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
