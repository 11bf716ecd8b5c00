/// The files of a fit.
public struct DataFiles: Equatable, Sendable, Codable {
  /// Training examples, or all examples when a fraction of them is held out.
  public var train: String
  /// Labels or targets of `train`, where it holds none itself.
  public var trainLabels: String?
  /// Held-out examples.
  public var test: String?
  /// Labels or targets of `test`, where it holds none itself.
  public var testLabels: String?

  /// The files at the given paths.
  public init(train: String, trainLabels: String? = nil, test: String? = nil, testLabels: String? = nil) {
    self.train = train
    self.trainLabels = trainLabels
    self.test = test
    self.testLabels = testLabels
  }
}

/// How inputs are shifted and scaled before they enter a network.
public enum StandardizationMode: String, Sendable, Codable, CaseIterable {
  /// One mean and one standard deviation over all training entries.
  case global
  /// A mean and a standard deviation for each input value.
  case feature
  /// As they are.
  case none
}

/// How real-valued targets are shifted and scaled before a network learns them.
public enum TargetMode: String, Sendable, Codable, CaseIterable {
  /// The mean of the training targets is subtracted.
  case center
  /// Centred, and divided by the standard deviation of the training targets.
  case standardize
}

/// The order in which a file keeps the pixels of images.
public enum ImageLayout: String, Sendable, Codable, CaseIterable {
  /// Channels before rows and columns of pixels.
  case nchw
  /// Channels last.
  case nhwc

  /// A layout by its name, with or without the axis of examples: `hwc` is `nhwc`.
  package init?(text: String) {
    let text = text.lowercased()
    guard let layout = Self(rawValue: text.hasPrefix("n") ? text : "n" + text) else { return nil }
    self = layout
  }

  /// The names, for messages.
  package static var accepted: String { "nchw (channels first) or nhwc (channels last)" }
}

/// Which examples of the files are used, and how.
///
/// The order of the steps: `shuffleSeed` permutes the examples of each file, `classes` filters them,
/// `testFraction` sets the last of them apart, `validationFraction` the last of the training examples that are
/// left, and the counts take the first of each part. Of every example that is left, `grayscale` and then
/// `pixelStep` make the inputs, which `standardize` shifts and scales.
public struct DataSelection: Equatable, Sendable, Codable {
  /// Class labels to keep, the first mapped to -1 where there are two; nil for all, in ascending order.
  public var classes: [ClassLabel]?
  /// Whether integer targets of CSV, NPY and NPZ files are class labels; names, truth values, and the labels of
  /// IDX and CIFAR-10 files always are.
  public var classification: Bool
  /// Number of training examples; nil for all.
  public var trainCount: Int?
  /// Number of held-out examples; nil for all.
  public var testCount: Int?
  /// Part of the training file to hold out, in (0, 1), where there is no test file.
  public var testFraction: Double?
  /// Part of the training examples, without held-out ones, to set apart for the choice of parameters, in (0,
  /// 1).
  public var validationFraction: Double?
  /// Number of validation examples; nil for all.
  public var validationCount: Int?
  /// Seed of the permutation; nil for the order of the file.
  public var shuffleSeed: UInt32?
  /// Standardisation of the inputs.
  public var standardize: StandardizationMode
  /// Whether R, G, B are combined to the one channel 0.299 R + 0.587 G + 0.114 B.
  public var grayscale: Bool
  /// K to keep every K-th pixel in both directions, from the first on; nil to keep all.
  public var pixelStep: Int?
  /// Shape of one example, where the file has none (before `grayscale` and `pixelStep`).
  public var shape: ImageShape?
  /// Column of the targets in a CSV file: its heading, or its index from 0, or from the end with -1 the
  /// last; nil for the last.
  public var targetColumn: String?
  /// Columns of a CSV file that are left out, by heading or index as `targetColumn`; nil for none.
  public var droppedColumns: [String]?
  /// Arrays of an NPZ file by the part they play; nil where they are found by their names.
  public var arrays: ArrayNames?
  /// The order of pixels in the files; nil for `nchw`.
  public var layout: ImageLayout?
  /// How real-valued targets are shifted and scaled; nil for as they are.
  public var targets: TargetMode?

  /// A selection; without arguments everything, globally standardised.
  public init(
    classes: [ClassLabel]? = nil, classification: Bool = false, trainCount: Int? = nil, testCount: Int? = nil,
    testFraction: Double? = nil, validationFraction: Double? = nil, validationCount: Int? = nil,
    shuffleSeed: UInt32? = nil, standardize: StandardizationMode = .global,
    grayscale: Bool = false, pixelStep: Int? = nil, shape: ImageShape? = nil, targetColumn: String? = nil,
    droppedColumns: [String]? = nil, arrays: ArrayNames? = nil, layout: ImageLayout? = nil,
    targets: TargetMode? = nil
  ) {
    self.classes = classes
    self.classification = classification
    self.trainCount = trainCount
    self.testCount = testCount
    self.testFraction = testFraction
    self.validationFraction = validationFraction
    self.validationCount = validationCount
    self.shuffleSeed = shuffleSeed
    self.standardize = standardize
    self.grayscale = grayscale
    self.pixelStep = pixelStep
    self.shape = shape
    self.targetColumn = targetColumn
    self.droppedColumns = droppedColumns
    self.arrays = arrays
    self.layout = layout
    self.targets = targets
  }

  /// Shape of an example as a network sees it, for examples of `fileShape` in the file.
  func shape(of fileShape: ImageShape) -> ImageShape {
    let step = pixelStep ?? 1
    return ImageShape(
      channels: grayscale ? 1 : fileShape.channels, height: (fileShape.height - 1) / step + 1,
      width: (fileShape.width - 1) / step + 1)
  }

  /// Checks every value that can be judged without the files.
  func validate() throws(DataError) {
    if let classes {
      let text = classes.map(\.description).joined(separator: ",")
      guard classes.count >= 2, Set(classes).count == classes.count else {
        throw .invalidOption(name: "classes", value: text, accepted: "two or more different labels")
      }
    }
    if let targets, classes != nil || classification {
      throw .contradiction("\(targets.rawValue)-targets is for real-valued targets and excludes classes")
    }
    for (name, count) in [
      ("training count", trainCount), ("test count", testCount), ("validation count", validationCount),
    ] {
      if let count, count < 1 {
        throw .invalidOption(name: name, value: "\(count)", accepted: "a positive integer")
      }
    }
    for (name, fraction) in [("test fraction", testFraction), ("validation fraction", validationFraction)] {
      if let fraction, !(fraction > 0 && fraction < 1) {
        throw .invalidOption(name: name, value: "\(fraction)", accepted: "between 0 and 1")
      }
    }
    if let validationCount, validationFraction == nil {
      throw .contradiction("a validation count (\(validationCount)) needs a validation fraction")
    }
    if let pixelStep, pixelStep < 1 {
      throw .invalidOption(name: "pixel step", value: "\(pixelStep)", accepted: "a positive integer")
    }
  }
}
