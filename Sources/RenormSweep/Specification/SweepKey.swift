package import Renorm

/// A key of a specification, named as the options of `renorm fit`.
public struct SweepKey: Hashable, Sendable {
  /// The key in words joined by dashes.
  public let rawValue: String
  /// The parameter of the network that it sets; nil for other keys.
  let parameter: NetworkParameter?

  /// The key of a parameter of networks.
  package init(_ parameter: NetworkParameter) { (rawValue, self.parameter) = (parameter.key, parameter) }
  private init(_ rawValue: String) { (self.rawValue, parameter) = (rawValue, nil) }

  /// The key of the given name; nil for other text.
  public init?(rawValue: String) {
    guard let key = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = key
  }

  /// The connectivity of the hidden layer.
  package static let architecture = SweepKey(.architecture)
  /// The size of a patch.
  package static let mask = SweepKey(.mask)
  /// The prior of the readout over positions.
  package static let readout = SweepKey(.readout)
  /// N.
  package static let width = SweepKey(.width)
  /// N_1..N_L.
  package static let widths = SweepKey(.widths)
  /// T.
  package static let temperature = SweepKey(.temperature)
  /// Prior precision of the readout weights.
  package static let lambda1 = SweepKey(.lambda1)

  // Axes that are no parameters of a network.
  /// Seeds of the permutation of the examples: repeats.
  package static let shuffleSeed = SweepKey("shuffle-seed")
  /// P.
  package static let trainCount = SweepKey("train-count")
  /// The load P/N, from which the width follows.
  package static let alpha = SweepKey("alpha")

  // Single values.
  package static let infiniteWidth = SweepKey("infinite-width")
  package static let train = SweepKey("train")
  package static let trainLabels = SweepKey("train-labels")
  package static let test = SweepKey("test")
  package static let testLabels = SweepKey("test-labels")
  package static let testFraction = SweepKey("test-fraction")
  package static let testCount = SweepKey("test-count")
  package static let validationFraction = SweepKey("validation-fraction")
  package static let validationCount = SweepKey("validation-count")
  package static let classes = SweepKey("classes")
  package static let classification = SweepKey("classification")
  package static let standardize = SweepKey("standardize")
  package static let grayscale = SweepKey("grayscale")
  package static let pixelStep = SweepKey("pixel-step")
  package static let shape = SweepKey("shape")
  package static let targetColumn = SweepKey("target-column")
  package static let dropColumns = SweepKey("drop-columns")
  package static let trainArray = SweepKey("train-array")
  package static let targetArray = SweepKey("target-array")
  package static let testArray = SweepKey("test-array")
  package static let testTargetArray = SweepKey("test-target-array")
  package static let layout = SweepKey("layout")
  package static let centerTargets = SweepKey("center-targets")
  package static let standardizeTargets = SweepKey("standardize-targets")
  package static let tolerance = SweepKey("tolerance")
  package static let maxIterations = SweepKey("max-iterations")
  package static let order = SweepKey("order")
  package static let draws = SweepKey("draws")

  // How axes are combined.
  package static let combine = SweepKey("combine")
  package static let zip = SweepKey("zip")

  /// Every axis, the slowest first, which is the order of points: what kernels depend on before what they do
  /// not, and the training set between the components of the network and its numbers.
  package static let axes: [SweepKey] = {
    let numbers = Set(Network.numbers)
    let components = Network.parameters.filter { !numbers.contains($0) }
    return components.map(SweepKey.init) + [shuffleSeed, trainCount]
      + Network.numbers.filter(\.isInKernels).map(SweepKey.init)
      + Network.numbers.filter { !$0.isInKernels }.flatMap { parameter in
        parameter == .width ? [width, alpha] : [SweepKey(parameter)]
      }
  }()

  /// Every key.
  package static let allCases =
    axes + [
      infiniteWidth, train, trainLabels, test, testLabels, testFraction, testCount, validationFraction,
      validationCount, classes, classification, standardize, grayscale, pixelStep, shape, targetColumn,
      dropColumns,
      trainArray, targetArray, testArray, testTargetArray, layout, centerTargets, standardizeTargets, tolerance,
      maxIterations, order, draws, combine, zip,
    ]

  private static let axisSet = Set(axes)

  /// Whether the key may have several values, each of which makes points.
  package var isAxis: Bool { Self.axisSet.contains(self) }

  /// Whether the values are whole numbers, to which ranges are rounded.
  var isInteger: Bool { [.shuffleSeed, .trainCount, .width, SweepKey(.depth)].contains(self) }

  /// Whether a value is a list, one for each hidden layer.
  var isList: Bool { if case .list = parameter?.domain { true } else { false } }

  /// Whether the values are numbers, so that a range makes sense.
  var takesRange: Bool {
    switch parameter?.domain {
    case .names, .extent, .padding, .matrix, .list: false
    case .positive, .width, .count, nil: true
    }
  }
}
