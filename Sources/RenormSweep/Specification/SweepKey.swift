/// The keys of a specification, named as the options of `renorm fit`.
public enum SweepKey: String, CaseIterable, Sendable {
  // Axes, the slowest first: the order of points.
  case architecture
  case activation
  case mask
  case stride
  case readout
  case lengthScale = "length-scale"
  case shuffleSeed = "shuffle-seed"
  case trainCount = "train-count"
  case lambda0
  case width
  case alpha
  case temperature
  case lambda1
  // Single values.
  case infiniteWidth = "infinite-width"
  case train
  case trainLabels = "train-labels"
  case test
  case testLabels = "test-labels"
  case testFraction = "test-fraction"
  case testCount = "test-count"
  case validationFraction = "validation-fraction"
  case validationCount = "validation-count"
  case classes
  case classification
  case standardize
  case grayscale
  case pixelStep = "pixel-step"
  case shape
  case targetColumn = "target-column"
  case dropColumns = "drop-columns"
  case trainArray = "train-array"
  case targetArray = "target-array"
  case testArray = "test-array"
  case testTargetArray = "test-target-array"
  case layout
  case centerTargets = "center-targets"
  case standardizeTargets = "standardize-targets"
  case tolerance
  case maxIterations = "max-iterations"
  // How axes are combined.
  case combine
  case zip

  /// Whether the key may have several values, each of which makes points.
  public var isAxis: Bool {
    switch self {
    case .architecture, .activation, .mask, .stride, .readout, .lengthScale, .shuffleSeed, .trainCount,
      .lambda0,
      .width, .alpha, .temperature, .lambda1:
      true
    default: false
    }
  }

  /// Every axis, the slowest first.
  static let axes = allCases.filter(\.isAxis)

  /// Whether the values are whole numbers, to which ranges are rounded.
  var isInteger: Bool {
    switch self {
    case .shuffleSeed, .trainCount, .width: true
    default: false
    }
  }
}
