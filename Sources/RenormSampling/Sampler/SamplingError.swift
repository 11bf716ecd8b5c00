/// Why a sampler cannot begin or continue.
public enum SamplingError: Error, Equatable, Sendable {
  /// The density vanishes, or is not a number, wherever a chain could begin.
  case noStart
  /// A checkpoint of another run: the setting called `name` differs.
  case foreignCheckpoint(path: String, name: String, found: String, expected: String)
  /// A checkpoint that another version of the program wrote.
  case otherCheckpointVersion(path: String, found: Int, expected: Int)
  /// A checkpoint whose parts do not fit together.
  case damagedCheckpoint(path: String, reason: String)
}

extension SamplingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noStart:
      "the log density is not a finite number at positions drawn from the prior; raise the temperature or "
        + "rescale inputs and targets"
    case .foreignCheckpoint(let path, let name, let found, let expected):
      "\(path): a checkpoint of another run: \(name) is \(found) there and \(expected) here; give the "
        + "same settings, or another file"
    case .otherCheckpointVersion(let path, let found, let expected):
      "\(path): a checkpoint of format version \(found), and this renorm "
        + "continues from version \(expected) only; give another file, or finish that run with the renorm that "
        + "began it"
    case .damagedCheckpoint(let path, let reason):
      "\(path): not a checkpoint that renorm wrote: \(reason)"
    }
  }
}
