/// What keeps a picture from being drawn; files that cannot be read or written are `DataError`s.
public enum PlotError: Error, Equatable, Sendable {
  /// There is no `gnuplot` on the PATH.
  case gnuplotMissing
  /// gnuplot ended with an error; the text is its own.
  case drawingFailed(String)
  /// A picture's file name without an extension of `PictureFormat`.
  case unknownFormat(path: String)
  /// A request that cannot be one picture, and what to ask for instead.
  case unsuitable(String)
  /// The same, where other values of some parameters make it one.
  case adjustable(String, set: [PlotParameter])
  /// A text that is no condition on a parameter.
  case wrongFilter(String, reason: String)
  /// A file in which nothing is left to draw.
  case nothingToDraw(path: String, reason: String)
  /// A file that is not what the picture needs.
  case unreadable(path: String, reason: String)
}

extension PlotError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .gnuplotMissing:
      "gnuplot, which draws the pictures, is not installed; install the package gnuplot-nox (Debian, Ubuntu) "
        + "or gnuplot"
    case .drawingFailed(let reason): "gnuplot: \(reason)"
    case .unknownFormat(let path):
      "\(path): a picture ends with \(PictureFormat.allCases.map { ".\($0.rawValue)" }.joined(separator: ", "))"
    case .unsuitable(let reason): reason
    case .adjustable(let reason, let parameters):
      "\(reason); set \(parameters.map(\.rawValue).joined(separator: " or "))"
    case .wrongFilter(let text, let reason): "filter '\(text)': \(reason)"
    case .nothingToDraw(let path, let reason), .unreadable(let path, let reason): "\(path): \(reason)"
    }
  }
}

/// A parameter of a picture that a message may name.
public enum PlotParameter: String, Sendable {
  case filters, bestOver, classes, report
}
