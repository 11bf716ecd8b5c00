#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Writes a file so that a crash leaves the old file or none, never a part of the new one.
public enum AtomicFile {
  /// Writes `bytes` to a temporary file beside `path`, forces them to disk, and renames it to `path`.
  ///
  /// A link is followed; a device or pipe is written to directly.
  ///
  /// - Parameter isDurable: whether the directory is forced to disk too, so that the name survives a loss of
  ///   power.
  /// - Throws: `DataError.cannotCreate` where the file cannot be made, `.writingFailed` where writing ends
  ///   midway. The temporary file is then removed.
  public static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = false) throws(DataError) {
    var status = stat()
    var target = path
    if stat(path, &status) == 0 {
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw .cannotCreate(path: path, reason: "it is a directory")
      case S_IFREG: target = resolved(path)
      default: return try writeDirectly(bytes, to: path)
      }
    }
    try writeAndRename(bytes, to: target, reportedAs: path)
    if isDurable { try syncDirectory(of: target) }
  }

  private static func syncDirectory(of path: String) throws(DataError) {
    let directory = open(parent(of: path), O_RDONLY | O_CLOEXEC)
    guard directory >= 0 else { throw .writingFailed(path: path, reason: SystemFile.lastError) }
    defer { close(directory) }
    // Some network file systems cannot, and need not.
    guard fsync(directory) == 0 || errno == EINVAL else {
      throw .writingFailed(path: path, reason: SystemFile.lastError)
    }
  }

  private static func parent(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  /// Fails where `path` could not be written: a directory, or one in a directory that is missing or closed.
  ///
  /// - Throws: `DataError.cannotCreate`.
  public static func checkWritable(_ path: String) throws(DataError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { throw .cannotCreate(path: path, reason: "it is a directory") }
      if status.st_mode & S_IFMT != S_IFREG { return }
    }
    guard access(parent(of: path), W_OK | X_OK) == 0 else {
      throw .cannotCreate(path: path, reason: SystemFile.lastError)
    }
  }

  /// Writes text in UTF-8.
  public static func write(_ text: String, to path: String) throws(DataError) {
    try write(Array(text.utf8), to: path)
  }

  private static func writeAndRename(
    _ bytes: [UInt8], to target: String, reportedAs path: String
  ) throws(DataError) {
    let temporary = "\(target).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw .cannotCreate(path: path, reason: SystemFile.lastError) }
    var problem = SystemFile.append(bytes, to: file)
    if problem == nil && fsync(file) != 0 { problem = SystemFile.lastError }
    if close(file) != 0 && problem == nil { problem = SystemFile.lastError }
    if problem == nil && rename(temporary, target) != 0 { problem = SystemFile.lastError }
    guard let problem else { return }
    unlink(temporary)
    throw .writingFailed(path: path, reason: problem)
  }

  private static func writeDirectly(_ bytes: [UInt8], to path: String) throws(DataError) {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { throw .cannotCreate(path: path, reason: SystemFile.lastError) }
    defer { close(file) }
    if let problem = SystemFile.append(bytes, to: file) { throw .writingFailed(path: path, reason: problem) }
  }

  /// The path behind links.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }
}
