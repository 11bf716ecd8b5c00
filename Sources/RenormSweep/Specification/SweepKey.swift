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
  public static let architecture = SweepKey(.architecture)
  /// The size of a patch.
  public static let mask = SweepKey(.mask)
  /// The prior of the readout over positions.
  public static let readout = SweepKey(.readout)
  /// N.
  public static let width = SweepKey(.width)
  /// N_1..N_L.
  public static let widths = SweepKey(.widths)
  /// T.
  public static let temperature = SweepKey(.temperature)
  /// Prior precision of the readout weights.
  public static let lambda1 = SweepKey(.lambda1)

  // Axes that are no parameters of a network.
  /// Seeds of the permutation of the examples: repeats.
  public static let shuffleSeed = SweepKey("shuffle-seed")
  /// P.
  public static let trainCount = SweepKey("train-count")
  /// The load P/N, from which the width follows.
  public static let alpha = SweepKey("alpha")

  // Single values.
  /// Whether the infinite width joins the others.
  public static let infiniteWidth = SweepKey("infinite-width")
  /// The file of the training examples.
  public static let train = SweepKey("train")
  /// The labels of `train`, where they have a file of their own.
  public static let trainLabels = SweepKey("train-labels")
  /// The file of the test examples.
  public static let test = SweepKey("test")
  /// The labels of `test`, where they have a file of their own.
  public static let testLabels = SweepKey("test-labels")
  /// The part of `train` that tests.
  public static let testFraction = SweepKey("test-fraction")
  /// The first of the test examples that count.
  public static let testCount = SweepKey("test-count")
  /// The part of the training examples that validates.
  public static let validationFraction = SweepKey("validation-fraction")
  /// The first of the validation examples that count.
  public static let validationCount = SweepKey("validation-count")
  /// The labels of which examples are taken.
  public static let classes = SweepKey("classes")
  /// Whether targets are labels of classes.
  public static let classification = SweepKey("classification")
  /// How inputs are scaled.
  public static let standardize = SweepKey("standardize")
  /// Whether colours are averaged.
  public static let grayscale = SweepKey("grayscale")
  /// Every how many rows and columns of pixels are taken.
  public static let pixelStep = SweepKey("pixel-step")
  /// The shape of the images in a table.
  public static let shape = SweepKey("shape")
  /// The column of the targets.
  public static let targetColumn = SweepKey("target-column")
  /// Columns that are no inputs.
  public static let dropColumns = SweepKey("drop-columns")
  /// The array of the inputs in an NPZ file.
  public static let trainArray = SweepKey("train-array")
  /// The array of the targets in an NPZ file.
  public static let targetArray = SweepKey("target-array")
  /// The array of the test inputs in an NPZ file.
  public static let testArray = SweepKey("test-array")
  /// The array of the test targets in an NPZ file.
  public static let testTargetArray = SweepKey("test-target-array")
  /// The order of the axes of images.
  public static let layout = SweepKey("layout")
  /// Whether the mean of the targets is subtracted.
  public static let centerTargets = SweepKey("center-targets")
  /// Whether targets are divided by their deviation, too.
  public static let standardizeTargets = SweepKey("standardize-targets")
  /// The norm of the gradient at which a search ends.
  public static let tolerance = SweepKey("tolerance")
  /// The largest number of steps of a search.
  public static let maxIterations = SweepKey("max-iterations")
  /// Order in 1/N of the results.
  public static let order = SweepKey("order")
  /// Draws of a hidden unit past leading order.
  public static let draws = SweepKey("draws")
  /// Explicit units of the theory of condensed neurons.
  public static let neurons = SweepKey("neurons")
  /// Random starts of their search.
  public static let orderStarts = SweepKey("order-starts")

  // How axes are combined.
  /// `grid` for all combinations of the axes, `zip` for all of them together.
  public static let combine = SweepKey("combine")
  /// Groups of axes that run together.
  public static let zip = SweepKey("zip")

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
      maxIterations, order, draws, neurons, orderStarts, combine, zip,
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
