#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writing to standard error, which may be closed or full: then there is nobody to tell.
enum StandardError {
  static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Self.write($0) }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      #if canImport(Glibc)
        let written = Glibc.write(2, bytes.baseAddress, bytes.count)
      #else
        let written = Darwin.write(2, bytes.baseAddress, bytes.count)
      #endif
      if written >= 0 || errno != EINTR { return written }
    }
  }
}

/// Descriptors that a caller may have closed.
enum StandardDescriptors {
  /// Keeps 0, 1 and 2 from becoming those of files that are opened later, so that a summary would be written
  /// into a model: what is closed becomes a descriptor that can be neither read nor written.
  static func occupy() {
    for descriptor in [Int32(0), 1, 2] where fcntl(descriptor, F_GETFD) == -1 {
      // Reading what is open for writing fails, and the reverse.
      guard open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY) == descriptor else { return }
    }
  }
}
