/// What keeps a process from working at a store.
public enum StoreError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The directory holds a sweep of another specification, or on other data.
  case otherSweep(path: String, difference: String)
  /// The directory holds no sweep.
  case noSweep(path: String)
  /// The description of the sweep cannot be read.
  case damaged(path: String, reason: String)
  /// An option that the first run has fixed.
  case otherSettings(path: String, name: String, stored: String, asked: String)

  public var description: String {
    switch self {
    case .otherSweep(let path, let difference):
      "\(path): holds another sweep: \(difference); accepted: the specification and data that it was begun with, or "
        + "another --output"
    case .noSweep(let path):
      "\(path): holds no sweep (no sweep.json); accepted: the --output of a 'renorm sweep run'"
    case .damaged(let path, let reason): "\(path): cannot be read: \(reason)"
    case .otherSettings(let path, let name, let stored, let asked):
      "\(path): was begun with \(stored) \(name), which decides how numbers are rounded; \(asked) asked for; accepted: "
        + "\(stored), or another --output"
    }
  }
}
