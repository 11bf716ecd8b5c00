import Foundation

/// The address space of the process, which `ulimit -v` can limit.
enum AddressSpace {
  /// OpenBLAS reserves some 100 MB a thread, and waits for ever where it cannot have them, even at the end of a
  /// process.
  private static let least: UInt64 = 1 << 29

  /// Ends the process with a line where the address space does not suffice for anything.
  static func require() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < least else {
      return
    }
    ErrorLine.write(
      "error: the address space is limited to \(limit.rlim_cur) bytes (ulimit -v); at least \(least) are needed"
    )
    // Without the exit handlers of libraries, which would not end.
    _exit(EX_SOFTWARE)
  }
}
