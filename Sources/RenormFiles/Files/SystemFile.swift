#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Reading and writing of open files by system calls.
enum SystemFile {
  /// The text of the last error of a system call.
  static var lastError: String { String(cString: strerror(errno)) }

  /// The next bytes of an open file, fewer than `size` only at its end; nil when reading fails.
  static func readPiece(of file: Int32, upTo size: Int) -> [UInt8]? {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = read(file, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        failed = got < 0
        if got <= 0 { return }
        count += got
      }
    }
    return failed ? nil : bytes
  }

  /// Writes all bytes to an open file; returns what went wrong, if anything.
  static func append(_ bytes: [UInt8], to file: Int32) -> String? {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let written = write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if written < 0 && errno == EINTR { continue }
        if written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) {
          // Another program may have set a shared pipe not to wait.
          var room = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
          poll(&room, 1, -1)
          continue
        }
        if written <= 0 { return lastError }
        done += written
      }
      return nil
    }
  }
}
