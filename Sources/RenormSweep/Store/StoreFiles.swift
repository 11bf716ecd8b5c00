internal import Foundation
internal import RenormFiles

/// System calls on the files of a store.
enum StoreFiles {
  static var lastError: String { String(cString: strerror(errno)) }

  /// Makes a directory, and those above it, unless it is there.
  static func makeDirectory(_ path: String) throws(DataError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    if mkdir(path, 0o777) == 0 { return try sync(parent(of: path)) }
    if errno == ENOENT, let end = path.lastIndex(of: "/"), end > path.startIndex {
      try makeDirectory(String(path[..<end]))
      if mkdir(path, 0o777) == 0 { return try sync(parent(of: path)) }
    }
    // Another process may have been faster.
    if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    // A full disk is a failure of writing, from which the store resumes.
    throw errno == ENOSPC
      ? .writingFailed(path: path, reason: lastError) : .cannotCreate(path: path, reason: lastError)
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// Forces the names in a directory to disk.
  ///
  /// - Throws: `DataError.writingFailed`.
  static func sync(_ directory: String) throws(DataError) {
    let file = open(directory, O_RDONLY | O_CLOEXEC)
    // Names can be made in directories that cannot be listed.
    if file < 0, errno == EACCES { return }
    guard file >= 0 else { throw .writingFailed(path: directory, reason: lastError) }
    defer { close(file) }
    // Some network file systems cannot, and need not.
    guard fsync(file) == 0 || errno == EINVAL else { throw .writingFailed(path: directory, reason: lastError) }
  }

  /// The bytes of a file; nil where there is none.
  ///
  /// - Throws: `DataError.readingFailed` where there may be one that cannot be read now: to take it for missing
  ///   would be to compute it again.
  static func read(_ path: String) throws(DataError) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT || errno == ENOTDIR { return nil }
    guard file >= 0 else { throw .readingFailed(path: path, reason: lastError) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { Foundation.read(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .readingFailed(path: path, reason: lastError) }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
  }

  /// Names in a directory, in order; none where it is missing.
  static func names(in path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// Seconds since a file was changed, by the clock of its file system; nil where it is missing.
  static func age(of path: String, now: Double) -> Double? { modified(path).map { now - $0 } }

  /// When a file was changed, in seconds.
  static func modified(_ path: String) -> Double? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    #if canImport(Darwin)
      return Double(status.st_mtimespec.tv_sec) + 1e-9 * Double(status.st_mtimespec.tv_nsec)
    #else
      return Double(status.st_mtim.tv_sec) + 1e-9 * Double(status.st_mtim.tv_nsec)
    #endif
  }

  /// Sets the time of change to now, by the clock of the file system.
  static func touch(_ path: String) { utimes(path, nil) }

  /// A name beside a file that no other process or machine takes.
  static func temporary(_ path: String, _ ending: String) -> String {
    TemporaryName.beside(path, ending: ending)
  }

  /// Whether a name is one of `temporary`, or of `AtomicFile`, beside a file of which `isOwn` tells the name.
  static func isTemporary(_ name: String, of isOwn: (Substring) -> Bool) -> Bool {
    // A temporary file has a clock beside it for a moment.
    guard let match = name.firstMatch(of: /(\.[0-9]+(-[0-9]+)?\.(tmp|stale|clock))+$/) else { return false }
    return isOwn(name[..<match.range.lowerBound])
  }

  /// Makes a file that must not exist yet, which appears with all its content; false where it exists.
  ///
  /// - Throws: `DataError.writingFailed` where it cannot be made for another reason, such as a full disk.
  static func create(_ path: String, _ bytes: [UInt8]) throws(DataError) -> Bool {
    let own = temporary(path, "tmp")
    guard try make(own, bytes, reportedAs: path) else { return false }
    defer { unlink(own) }
    if link(own, path) == 0 { return true }
    let reason = errno
    // Over a network the answer to a link that was made may be lost.
    var status = stat()
    if stat(own, &status) == 0, status.st_nlink > 1 { return true }
    switch reason {
    case EEXIST: return false
    // File systems without links: the file may be seen before its content.
    case EPERM, ENOTSUP, EOPNOTSUPP, ENOSYS: return try make(path, bytes, reportedAs: path)
    default: throw .writingFailed(path: path, reason: String(cString: strerror(reason)))
    }
  }

  /// Makes a file that must not exist yet; false where it exists.
  static func make(_ path: String, _ bytes: [UInt8], reportedAs name: String) throws(DataError) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if file < 0, errno == EEXIST { return false }
    guard file >= 0 else { throw .writingFailed(path: name, reason: lastError) }
    defer { close(file) }
    do {
      try AtomicFile.write(bytes, toDescriptor: file, reportedAs: name)
    } catch {
      unlink(path)
      throw error
    }
    return true
  }

  /// Writes a file for good; failures are failures of writing, from which a store resumes.
  static func write(_ bytes: [UInt8], to path: String) throws(DataError) {
    do {
      try AtomicFile.write(bytes, to: path, isDurable: true)
    } catch {
      if case .cannotCreate(let path, let reason) = error { throw .writingFailed(path: path, reason: reason) }
      throw error
    }
  }
}
