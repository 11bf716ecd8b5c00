internal import Foundation

/// How much memory this process may still take.
enum MemoryBudget {
  /// The share of the available memory that kernels may fill by default.
  private static let share = 0.7

  /// Bytes: 70 percent of what the system has available, container limits included.
  static func available() -> Int {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    if let line = text("/proc/meminfo")?.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    {
      bytes = min(bytes, kibibytes * 1024)
    }
    for (limit, usage) in containerFiles {
      if let limit = number(limit), let usage = number(usage) { bytes = min(bytes, max(limit - usage, 0)) }
    }
    return Int(Double(bytes) * share)
  }

  /// Limit and usage of control groups, version 2 and 1.
  private static let containerFiles = [
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
  ]

  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

  private static func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
}

/// A number of bytes as text, for example `2.31 GiB`, rounded up.
func gibibytes(_ bytes: Int) -> String {
  let hundredths = (Double(bytes) / Double(1 << 30) * 100).rounded(.up) / 100
  return "\(hundredths) GiB"
}
