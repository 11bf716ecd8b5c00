internal import LinearAlgebra
internal import Renorm

/// What keeps a process from working at a store.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory holds a sweep of another specification, or on other data.
  case otherSweep(path: String, difference: String)
  /// The sweep cannot grow while a process works at it; the claim names the process.
  case atWork(path: String, claim: String)
  /// The directory holds no sweep.
  case noSweep(path: String)
  /// The description of the sweep cannot be read.
  case damaged(path: String, reason: String)
  /// The directory holds points, but the description of their sweep is gone.
  case noDescription(path: String)
  /// The sweep was begun by another version of this program.
  case otherVersion(path: String, stored: String, current: String)
  /// More processes than the machine has memory for; each comes to hold so many bytes.
  case tooManyProcesses(count: Int, bytes: Int, machine: Int)
  /// An option that the first run has fixed.
  case otherSettings(path: String, name: String, stored: String, asked: String)

  public var description: String {
    switch self {
    case .otherSweep(let path, let difference):
      "\(path): holds another sweep: \(difference); accepted: the specification and data that it was begun with, more "
        + "values of its axes, or another folder"
    case .atWork(let path, let claim):
      "\(path): a process works at it (\(claim)), so that it cannot grow now; accepted: the same command when "
        + "that has ended"
    case .noSweep(let path):
      "\(path): holds no sweep (no sweep.json); accepted: the folder of a sweep that was begun"
    case .damaged(let path, let reason): "\(path): cannot be read: \(reason)"
    case .noDescription(let path):
      "\(path): holds points but no sweep.json, so what they belong to is not known; accepted: the "
        + "folder with its sweep.json, or another folder"
    case .otherVersion(let path, let stored, let current):
      "\(path): was begun by renorm \(stored), whose digits may differ from those of this renorm "
        + "\(current); accepted: renorm \(stored), or another folder"
    case .tooManyProcesses(let count, let bytes, let machine):
      "\(count) processes (`jobs`) on this machine need \(gibibytes(bytes)) each, and it has "
        + "\(gibibytes(machine)); accepted: \(Self.accepted(bytes: bytes, machine: machine))"
    case .otherSettings(let path, let name, let stored, let asked):
      "\(path): was begun with \(stored) \(name), which decides how numbers are rounded; \(asked) asked for; accepted: "
        + "\(stored), or another folder"
    }
  }

  private static func accepted(bytes: Int, machine: Int) -> String {
    machine < bytes
      ? "a machine with more memory, or a sweep that is begun with a smaller `memory-limit`"
      : "at most \(machine / bytes), or a sweep that is begun with a smaller `memory-limit`"
  }
}
