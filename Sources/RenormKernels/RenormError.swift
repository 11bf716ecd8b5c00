internal import LinearAlgebra

/// What a caller of the library can do wrong, or what the numbers can refuse.
///
/// Shapes that contradict each other inside one call are programming mistakes and trap instead.
public enum RenormError: Error, Equatable, Sendable {
  /// A parameter is outside its domain.
  case invalidParameter(name: String, value: String, accepted: String)
  /// The mask does not fit on the image.
  case maskLargerThanImage(mask: String, image: String)
  /// The inputs do not have the shape that the network was fitted with.
  case shapeMismatch(expected: String, got: String)
  /// A combination that the theory, or this implementation, does not cover.
  case unsupported(what: String, instead: String)
  /// Data that cannot be fitted, such as an empty training set or targets that are not finite.
  case unusableData(String)
  /// The kernels would need more memory than the machine has; `advice` says what else to change where it is not
  /// kernels that need it.
  case outOfMemory(what: String, bytes: Int, available: Int, advice: String? = nil)
  /// A factorisation failed although its matrix is positive definite in exact arithmetic.
  case numericalFailure(what: String, advice: String)
  /// A predicted mean or variance that is not finite; points count from 0.
  case notFinitePrediction(point: Int)
  /// A model file of a format that this version does not read.
  case unsupportedModel(path: String, version: String, newest: Int)
  /// A model file whose parts do not fit together.
  case damagedModel(path: String, reason: String)
}

extension RenormError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .invalidParameter(let name, let value, let accepted):
      "\(name) is \(value); accepted: \(accepted)"
    case .maskLargerThanImage(let mask, let image):
      "a mask of \(mask) does not fit on an image of \(image); accepted: a mask of at most the image's "
        + "size (flat inputs need an image shape)"
    case .shapeMismatch(let expected, let got):
      "inputs have shape \(got), but the network was fitted on \(expected)"
    case .unsupported(let what, let instead):
      "\(what) is not supported; \(instead)"
    case .unusableData(let reason):
      reason
    case .outOfMemory(let what, let bytes, let available, let advice?):
      "\(what) need \(gibibytes(bytes)), but \(gibibytes(available)) can be used; \(advice), "
        + "or raise the memory limit"
    case .outOfMemory(let what, let bytes, let available, nil):
      "\(what) need \(gibibytes(bytes)) even when they are not stored, but \(gibibytes(available)) can be "
        + "used; take fewer examples or positions (a larger mask or stride), or raise the memory limit"
    case .numericalFailure(let what, let advice):
      "\(what); \(advice)"
    case .notFinitePrediction(let point):
      "the prediction at example \(point) (from 0) is not a finite number; rescale its inputs, or the targets"
    case .unsupportedModel(let path, let version, let newest):
      "\(path): a model of format version \(version); this renorm reads versions 1 to \(newest)"
    case .damagedModel(let path, let reason):
      "\(path): not a model that renorm wrote: \(reason)"
    }
  }
}
