internal import Foundation
internal import RenormData

/// System calls on the files of a store.
enum StoreFiles {
  static var lastError: String { String(cString: strerror(errno)) }

  /// Makes a directory, and those above it, unless it is there.
  static func makeDirectory(_ path: String) throws(DataError) {
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    if mkdir(path, 0o777) == 0 { return }
    if errno == ENOENT, let end = path.lastIndex(of: "/"), end > path.startIndex {
      try makeDirectory(String(path[..<end]))
      if mkdir(path, 0o777) == 0 { return }
    }
    // Another process may have been faster.
    if errno == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    // A full disk is a failure of writing, from which the store resumes.
    throw errno == ENOSPC
      ? .writingFailed(path: path, reason: lastError) : .cannotCreate(path: path, reason: lastError)
  }

  /// The bytes of a file; nil where there is none or it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    FileManager.default.contents(atPath: path).map { Array($0) }
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

  /// Makes a file that must not exist yet; false where it exists.
  ///
  /// - Throws: `DataError.writingFailed` where it cannot be made for another reason, such as a full disk.
  static func create(_ path: String, _ bytes: [UInt8]) throws(DataError) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if file < 0, errno == EEXIST { return false }
    guard file >= 0 else { throw .writingFailed(path: path, reason: lastError) }
    defer { close(file) }
    let written = bytes.withUnsafeBytes { Foundation.write(file, $0.baseAddress, $0.count) }
    guard written == bytes.count else {
      let reason = written < 0 ? lastError : String(cString: strerror(ENOSPC))
      unlink(path)
      throw .writingFailed(path: path, reason: reason)
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
