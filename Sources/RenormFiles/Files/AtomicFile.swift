#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Writes a file so that a crash leaves the old file or none, never a part of the new one.
package enum AtomicFile {
  /// Writes `bytes` to a temporary file beside `path`, forces them to disk, and renames it to `path`.
  ///
  /// A link is followed, also to a file that is not there yet, and a file that is keeps its permissions. Open
  /// files such as `/dev/stdout`, devices and pipes are written to directly.
  ///
  /// - Parameter isDurable: whether the directory is forced to disk too, so that the name survives a loss of
  ///   power.
  /// - Throws: `DataError.cannotCreate` where the file cannot be made, `.writingFailed` where writing ends
  ///   midway. The temporary file is then removed.
  package static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = false) throws(DataError) {
    switch try OutputTarget(path) {
    case .descriptor(let file): try write(bytes, toDescriptor: file, reportedAs: path)
    case .device(let target): try writeDirectly(bytes, to: target, reportedAs: path)
    case .file(let target, let permissions):
      try writeAndRename(bytes, to: target, permissions: permissions, reportedAs: path)
      if isDurable { try syncDirectory(of: target) }
    }
  }

  /// Writes `bytes` to an open file, from where it stands.
  ///
  /// - Throws: `DataError.writingFailed`.
  package static func write(
    _ bytes: [UInt8], toDescriptor file: Int32, reportedAs path: String
  ) throws(DataError) {
    if let problem = SystemFile.append(bytes, to: file) { throw .writingFailed(path: path, reason: problem) }
  }

  private static func syncDirectory(of path: String) throws(DataError) {
    let directory = open(OutputTarget.parent(of: path), O_RDONLY | O_CLOEXEC)
    guard directory >= 0 else { throw .writingFailed(path: path, reason: SystemFile.lastError) }
    defer { close(directory) }
    // Some network file systems cannot, and need not.
    guard fsync(directory) == 0 || errno == EINVAL else {
      throw .writingFailed(path: path, reason: SystemFile.lastError)
    }
  }

  /// Fails where `path` could not be written: a directory, one in a directory that is missing or closed, or an
  /// open file that is none or can only be read.
  ///
  /// - Throws: `DataError.cannotCreate`.
  package static func checkWritable(_ path: String) throws(DataError) {
    switch try OutputTarget(path) {
    case .device: return
    case .descriptor(let file):
      let flags = fcntl(file, F_GETFL)
      guard flags >= 0 else { throw .cannotCreate(path: path, reason: SystemFile.lastError) }
      guard flags & O_ACCMODE != O_RDONLY else {
        throw .cannotCreate(path: path, reason: "it is open for reading only")
      }
    case .file(let target, _):
      guard access(OutputTarget.parent(of: target), W_OK | X_OK) == 0 else {
        throw .cannotCreate(path: path, reason: SystemFile.lastError)
      }
    }
  }

  /// Writes text in UTF-8.
  package static func write(_ text: String, to path: String) throws(DataError) {
    try write(Array(text.utf8), to: path)
  }

  private static func writeAndRename(
    _ bytes: [UInt8], to target: String, permissions: UInt32?, reportedAs path: String
  ) throws(DataError) {
    let temporary = TemporaryName.beside(target)
    let mode = mode_t(permissions ?? 0o666)
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0o666)
    guard file >= 0 else { throw .cannotCreate(path: path, reason: SystemFile.lastError) }
    if permissions != nil { keepOwner(of: target, permissions: mode, on: file) }
    var problem = SystemFile.append(bytes, to: file)
    if problem == nil && fsync(file) != 0 { problem = SystemFile.lastError }
    if close(file) != 0 && problem == nil { problem = SystemFile.lastError }
    if problem == nil && rename(temporary, target) != 0 { problem = SystemFile.lastError }
    guard let problem else { return }
    unlink(temporary)
    throw .writingFailed(path: path, reason: problem)
  }

  /// Gives the new file the owner and permissions of the old one, as far as the system lets.
  private static func keepOwner(of target: String, permissions: mode_t, on file: Int32) {
    var status = stat()
    if stat(target, &status) == 0 { _ = fchown(file, status.st_uid, status.st_gid) }
    _ = fchmod(file, permissions)
  }

  private static func writeDirectly(
    _ bytes: [UInt8], to target: String, reportedAs path: String
  ) throws(DataError) {
    let file = open(target, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .cannotCreate(path: path, reason: SystemFile.lastError) }
    defer { close(file) }
    try write(bytes, toDescriptor: file, reportedAs: path)
  }
}
