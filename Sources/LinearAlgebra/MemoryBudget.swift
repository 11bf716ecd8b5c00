internal import Foundation

/// How much memory this process may still take.
package enum MemoryBudget {
  /// The share of the available memory that kernels may fill by default.
  private static let share = 0.7

  /// The content of a file of the system, nil where there is none.
  package typealias Reader = (_ path: String) -> String?

  package static let system: @Sendable (String) -> String? = {
    try? String(contentsOfFile: $0, encoding: .utf8)
  }

  /// Bytes: 70 percent of what the system has available, limits of containers and of batch jobs included.
  package static func available(reading text: Reader = MemoryBudget.system) -> Int {
    Int(Double(free(reading: text)) * share)
  }

  /// Bytes that nobody takes now.
  package static func free(reading text: Reader = MemoryBudget.system) -> Int {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if let available = field("MemAvailable:", of: text("/proc/meminfo")) {
      bytes = min(bytes, available * 1024)
    }
    for group in ControlGroup.ofThisProcess(text) {
      if let free = group.free(text) { bytes = min(bytes, free) }
    }
    if let free = freeAddresses(text) { bytes = min(bytes, free) }
    return bytes
  }

  /// What `ulimit -v` leaves of the address space; nil without a limit.
  private static func freeAddresses(_ text: Reader) -> Int? {
    guard let limits = text("/proc/self/limits"),
      let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max address space") }),
      let limit = line.split(separator: " ").dropFirst(3).first.flatMap({ Int($0) })
    else { return nil }
    let used = field("VmSize:", of: text("/proc/self/status")) ?? 0
    return max(limit - used * 1024, 0)
  }

  /// What is available where `bytes` are more than that; nil where they fit. Small numbers always fit.
  package static func shortage(of bytes: Int) -> Int? {
    guard bytes > 1 << 24 else { return nil }
    let available = available()
    return bytes > available ? available : nil
  }

  /// Bytes that this process and its children may ever take: of the machine, or of the narrowest limit.
  package static func total(reading text: Reader = MemoryBudget.system) -> Int {
    ControlGroup.ofThisProcess(text).compactMap { $0.limit(text) }
      .reduce(Int(clamping: ProcessInfo.processInfo.physicalMemory), min)
  }

  /// The number after a name at the beginning of a line.
  fileprivate static func field(_ name: String, of text: String?) -> Int? {
    let line = text?.split(separator: "\n").first {
      $0.split(whereSeparator: \.isWhitespace).first.map(String.init) == name
    }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
  }
}

/// A control group of Linux that may limit the memory of its processes, by version 1 or 2 of the interface.
private struct ControlGroup {
  let path: String
  let isVersion2: Bool

  /// The groups of this process and those that hold them, up to the roots: each may have a limit.
  static func ofThisProcess(_ text: MemoryBudget.Reader) -> [ControlGroup] {
    let lines = (text("/proc/self/cgroup") ?? "").split(separator: "\n")
    // number:controllers:path, without controllers in version 2.
    let entries = lines.compactMap { line -> (controllers: Substring, path: Substring)? in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      return parts.count == 3 ? (parts[1], parts[2]) : nil
    }
    return entries.flatMap { entry -> [ControlGroup] in
      let mounts: [(String, Bool)] =
        if entry.controllers.isEmpty {
          [("/sys/fs/cgroup", true), ("/sys/fs/cgroup/unified", true)]
        } else if entry.controllers.split(separator: ",").contains("memory") {
          [("/sys/fs/cgroup/memory", false)]
        } else {
          []
        }
      let names = entry.path.split(separator: "/")
      return mounts.flatMap { mount, isVersion2 in
        (0...names.count).map { depth in
          ControlGroup(
            path: ([mount] + names.prefix(depth).map(String.init)).joined(separator: "/"),
            isVersion2: isVersion2)
        }
      }
    }
  }

  private func number(_ name: String, _ text: MemoryBudget.Reader) -> Int? {
    text("\(path)/\(name)").flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// nil without a limit.
  func limit(_ text: MemoryBudget.Reader) -> Int? {
    number(isVersion2 ? "memory.max" : "memory.limit_in_bytes", text)
  }

  /// The limit less what cannot be taken back; nil without a limit.
  func free(_ text: MemoryBudget.Reader) -> Int? {
    guard let limit = limit(text),
      let usage = number(isVersion2 ? "memory.current" : "memory.usage_in_bytes", text)
    else { return nil }
    // Pages of files that were read count as used, and are given up first.
    let cache = MemoryBudget.field(
      isVersion2 ? "inactive_file" : "total_inactive_file", of: text("\(path)/memory.stat"))
    return max(limit - max(usage - (cache ?? 0), 0), 0)
  }
}

/// A number of bytes as text, for example `2.31 GiB`, rounded up.
package func gibibytes(_ bytes: Int) -> String {
  let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
  // A tenth of a unit has digits enough in hundredths.
  guard let (name, size) = units.first(where: { bytes >= $0.1 / 10 }) else {
    return bytes == 1 ? "1 byte" : "\(bytes) bytes"
  }
  return "\((Double(bytes) / Double(size) * 100).rounded(.up) / 100) \(name)"
}
