import ArgumentParser
import RenormFiles

/// The options that name dataset files and select examples.
struct DataOptions: ParsableArguments {
  @Option(
    help: """
      Training examples: CSV, NPY, NPZ, IDX or CIFAR-10 binary records, also gzipped; the format is found from \
      the content.
      """, completion: .file())
  var train: String

  @Option(help: "Labels or targets of the training examples, where --train holds none.", completion: .file())
  var trainLabels: String?

  @Option(help: "Held-out examples.", completion: .file())
  var test: String?

  @Option(help: "Labels or targets of the held-out examples, where --test holds none.", completion: .file())
  var testLabels: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the training file to hold out, where there is no test file.", valueName: "fraction"))
  var testFraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Classes to keep, integers or names: with two, the first is -1 and the second +1. (default: all, sorted)",
      valueName: "label,label,..."))
  var classes: ClassList?

  @Flag(help: "Take integer targets of CSV, NPY and NPZ files as class labels, as names always are.")
  var classification = false

  @Option(parsing: .unconditional, help: "Number of training examples, the first of the selected ones.")
  var trainCount: Int?

  @Option(parsing: .unconditional, help: "Number of held-out examples, the first of the selected ones.")
  var testCount: Int?

  @Option(
    parsing: .unconditional, help: "Permute the examples of each file first, with this seed (0 to 4294967295).")
  var shuffleSeed: UInt32?

  @Option(
    help: "Shift and scale of the inputs, from the training examples: global, feature or none.",
    completion: .list(StandardizationMode.allCases.map(\.rawValue)))
  var standardize = StandardizationMode.global

  @Flag(help: "Combine R, G, B to one channel, 0.299 R + 0.587 G + 0.114 B.")
  var grayscale = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep every K-th pixel in both directions, from the first on: 2 makes 14 x 14 pixels of 28 x 28.",
      valueName: "K"))
  var pixelStep: Int?

  @Option(help: ArgumentHelp("Shape of one example, where the file has none.", valueName: "CxHxW"))
  var shape: ImageShape?

  @Option(
    parsing: .unconditional,
    help: "Column of the targets in a CSV file: its heading, or its index from 0, -1 the last. (default: -1)")
  var targetColumn: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Columns of a CSV file to leave out: headings, or indices from 0.", valueName: "name,name,..."))
  var dropColumns: ColumnList?

  @Option(
    help: ArgumentHelp(
      "Array of training inputs in an NPZ file. (default: found by its name)", valueName: "name"))
  var trainArray: String?

  @Option(help: ArgumentHelp("Array of their targets or labels in an NPZ file.", valueName: "name"))
  var targetArray: String?

  @Option(help: ArgumentHelp("Array of held-out inputs in an NPZ file.", valueName: "name"))
  var testArray: String?

  @Option(help: ArgumentHelp("Array of their targets or labels in an NPZ file.", valueName: "name"))
  var testTargetArray: String?

  @Option(
    help: ArgumentHelp(
      "Order of pixels in the files: \(ImageLayout.accepted). (default: nchw)", valueName: "nchw|nhwc"),
    completion: .list(ImageLayout.allCases.map(\.rawValue)))
  var layout: ImageLayout?

  @Flag(help: "Subtract the mean of the training targets; predictions have it added again.")
  var centerTargets = false

  @Flag(
    help: """
      Centre the targets and divide them by their deviation; predictions and errors are scaled back. The \
      temperature is that of the scaled targets.
      """)
  var standardizeTargets = false

  var files: DataFiles {
    DataFiles(train: train, trainLabels: trainLabels, test: test, testLabels: testLabels)
  }

  var selection: DataSelection {
    DataSelection(
      classes: classes?.labels, classification: classification, trainCount: trainCount, testCount: testCount,
      testFraction: testFraction, shuffleSeed: shuffleSeed, standardize: standardize, grayscale: grayscale,
      pixelStep: pixelStep, shape: shape, targetColumn: targetColumn, droppedColumns: dropColumns?.columns,
      arrays: arrays == ArrayNames() ? nil : arrays, layout: layout,
      targets: standardizeTargets ? .standardize : centerTargets ? .center : nil)
  }

  private var arrays: ArrayNames {
    ArrayNames(train: trainArray, targets: targetArray, test: testArray, testTargets: testTargetArray)
  }
}

/// Class labels separated by commas; a name that contains commas stands in double quotes.
struct ClassList: ExpressibleByArgument {
  let labels: [ClassLabel]

  init?(argument: String) {
    guard let labels = ClassLabel.list(argument) else { return nil }
    self.labels = labels
  }
}

/// Headings or indices of columns separated by commas; a heading that contains commas stands in double quotes.
struct ColumnList: ExpressibleByArgument {
  let columns: [String]

  init?(argument: String) {
    guard let labels = ClassLabel.list(argument) else { return nil }
    columns = labels.map(\.description)
  }
}

extension ImageLayout: ExpressibleByArgument {
  public init?(argument: String) { self.init(text: argument) }
}

extension StandardizationMode: ExpressibleByArgument {}

extension ImageShape: ExpressibleByArgument {
  /// `CxHxW`, for example `3x32x32`.
  public init?(argument: String) {
    let sizes = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0 < 1 << 20 }) else { return nil }
    self.init(channels: sizes[0], height: sizes[1], width: sizes[2])
  }
}
