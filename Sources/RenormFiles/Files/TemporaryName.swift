internal import Foundation

/// Names of files that are written and then renamed: `name.pid-mark.tmp`.
///
/// The mark is random, with a part that tells machines apart, so that what a process has left behind is known
/// on its own machine once the process is gone.
package enum TemporaryName {
  /// A name in the directory of `path` that no other process or machine takes, of a length that file systems
  /// accept.
  package static func beside(_ path: String, ending: String = "tmp") -> String {
    let mark = host << 32 | UInt64(UInt32.random(in: 0 ... .max))
    let ending = ".\(getpid())-\(mark).\(ending)"
    let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let longest = max(Int(pathconf(OutputTarget.parent(of: path), Int32(_PC_NAME_MAX))), 64)
    var name = path[start...]
    while name.utf8.count + ending.utf8.count > longest { name.removeLast() }
    return path[..<start] + name + ending
  }

  /// Whether a name is of a process of this machine that has ended.
  package static func isAbandoned(_ name: String) -> Bool {
    guard let match = name.firstMatch(of: /\.([0-9]+)-([0-9]+)\.[a-z]+$/), let process = pid_t(match.1),
      let mark = UInt64(match.2), mark >> 32 == host
    else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// Removes what writers of `path` that were killed on this machine have left behind.
  package static func removeAbandoned(beside path: String) {
    let folder = OutputTarget.parent(of: path)
    let start = URL(fileURLWithPath: path).lastPathComponent + "."
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix(start) && !name.dropFirst(start.count).dropLast(4).contains(".") && isAbandoned(name) {
      unlink("\(folder)/\(name)")
    }
  }

  /// 16 bits of the machine's name (FNV-1a), never 0.
  private static var host: UInt64 {
    let hash = ProcessInfo.processInfo.hostName.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01B3
    }
    return hash >> 48 | 1
  }
}
