internal import Foundation
internal import RenormFiles
internal import Synchronization

/// The sign that a process works at a unit, so that others turn to another one.
///
/// Claims save work; results do not depend on them. Points are deterministic, so two processes at one unit
/// write the same bytes.
final class Claim: Sendable {
  /// Seconds after which a claim that was not refreshed belongs to a dead process.
  static let lifetime = 600.0
  /// Seconds after which one that cannot be read is nobody's: it is whole from the beginning.
  static let unreadableLifetime = 5.0

  /// Who holds a claim.
  private struct Holder: Codable, Equatable {
    let host: String
    let pid: Int32
    /// When the process started, in the units of its system; tells a process from a later one of the same
    /// number.
    let started: String?

    static var own: Holder {
      Holder(host: ProcessInfo.processInfo.hostName, pid: getpid(), started: startTime(getpid()))
    }

    /// Whether the holder is known to be gone.
    var isGone: Bool {
      guard host == ProcessInfo.processInfo.hostName else { return false }
      if kill(pid, 0) != 0, errno == ESRCH { return true }
      guard let started, let now = Self.startTime(pid) else { return false }
      return started != now
    }

    private static func startTime(_ pid: Int32) -> String? {
      guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
      else { return nil }
      // The 22nd field; the second, in parentheses, may contain spaces.
      return text[end...].split(separator: " ").dropFirst(20).first.map(String.init)
    }
  }

  private let path: String

  private init(_ path: String) { self.path = path }

  /// Takes a unit; nil where a live process holds it.
  ///
  /// - Throws: `DataError.writingFailed` where the file cannot be made.
  static func take(_ path: String) throws(DataError) -> Claim? {
    let holder = (try? JSONEncoder().encode(Holder.own)).map { Array($0) } ?? []
    if try StoreFiles.create(path, holder) { return Claim(path) }
    guard isDead(path) else { return nil }
    // Only one process can rename it; a second one finds nothing, or at worst frees a claim just taken, which
    // costs work but no result.
    let aside = StoreFiles.temporary(path, "stale")
    guard rename(path, aside) == 0 else { return nil }
    unlink(aside)
    return try StoreFiles.create(path, holder) ? Claim(path) : nil
  }

  /// Whether the holder of a claim is gone, or has not refreshed it for long; whether it is nobody's.
  static func isDead(_ path: String) -> Bool {
    let holder = holder(path)
    if let holder, holder.isGone { return true }
    return isOld(path, lifetime: holder == nil ? unreadableLifetime : lifetime)
  }

  /// Whether a file was changed more than so many seconds ago, by the clock of its file system.
  ///
  /// A time as far in the future is that of a wrong clock, and would never pass.
  static func isOld(_ path: String, lifetime: Double) -> Bool {
    let clock = StoreFiles.temporary(path, "clock")
    defer { unlink(clock) }
    guard (try? StoreFiles.make(clock, [], reportedAs: path)) == true, let now = StoreFiles.modified(clock)
    else {
      return false
    }
    return StoreFiles.age(of: path, now: now).map { abs($0) > lifetime } ?? false
  }

  /// Whether this process holds the claim of a file.
  static func isOwn(_ path: String) -> Bool {
    holder(path) == Holder.own
  }

  /// nil also for a claim that vanishes meanwhile, which file systems report in several ways.
  private static func holder(_ path: String) -> Holder? {
    (try? StoreFiles.read(path)).flatMap { try? JSONDecoder().decode(Holder.self, from: Data($0)) }
  }

  /// Shows that the holder is alive.
  func refresh() { StoreFiles.touch(path) }

  /// Gives the unit back.
  func release() { unlink(path) }
}
