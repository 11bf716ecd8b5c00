#if canImport(Glibc)
  internal import Glibc
#endif

/// Asks the system to back a large buffer, not yet written to, by large pages: with small ones, a good part of
/// the time to fill it goes into page faults. A hint; nothing depends on it.
package func adviseLargePages<Element>(_ buffer: UnsafeMutableBufferPointer<Element>) {
  #if os(Linux)
    let page = 1 << 21
    let bytes = buffer.count * MemoryLayout<Element>.stride
    guard bytes >= 8 * page, let base = buffer.baseAddress else { return }
    let start = (Int(bitPattern: base) + page - 1) / page * page
    let end = (Int(bitPattern: base) + bytes) / page * page
    _ = madvise(UnsafeMutableRawPointer(bitPattern: start), end - start, MADV_HUGEPAGE)
  #endif
}
