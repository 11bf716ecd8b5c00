import ArgumentParser
import RenormFiles

/// The options that name dataset files and select examples.
struct DataOptions: ParsableArguments {
  @Option(
    help: """
      Training examples: CSV, NPY, NPZ, IDX or CIFAR-10 binary records, also gzipped; the format is found from \
      the content.
      """)
  var train: String

  @Option(help: "Labels or targets of the training examples, where --train holds none.")
  var trainLabels: String?

  @Option(help: "Held-out examples.")
  var test: String?

  @Option(help: "Labels or targets of the held-out examples, where --test holds none.")
  var testLabels: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Part of the training file to hold out, where there is no test file.", valueName: "fraction"))
  var testFraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Classes to keep: with two, the first is -1 and the second +1.", valueName: "label,label,..."))
  var classes: ClassList?

  @Flag(help: "Take the targets of CSV, NPY and NPZ files as class labels.")
  var classification = false

  @Option(parsing: .unconditional, help: "Number of training examples, the first of the selected ones.")
  var trainCount: Int?

  @Option(parsing: .unconditional, help: "Number of held-out examples, the first of the selected ones.")
  var testCount: Int?

  @Option(
    parsing: .unconditional, help: "Permute the examples of each file first, with this seed (0 to 4294967295).")
  var shuffleSeed: UInt32?

  @Option(help: "Shift and scale of the inputs, from the training examples: global, feature or none.")
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

  var files: DataFiles {
    DataFiles(train: train, trainLabels: trainLabels, test: test, testLabels: testLabels)
  }

  var selection: DataSelection {
    DataSelection(
      classes: classes?.labels, classification: classification, trainCount: trainCount, testCount: testCount,
      testFraction: testFraction, shuffleSeed: shuffleSeed, standardize: standardize, grayscale: grayscale,
      pixelStep: pixelStep, shape: shape, targetColumn: targetColumn)
  }
}

/// Class labels separated by commas.
struct ClassList: ExpressibleByArgument {
  let labels: [Int]

  init?(argument: String) {
    let labels = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0.filter { !$0.isWhitespace })
    }
    guard !labels.contains(nil) else { return nil }
    self.labels = labels.compactMap(\.self)
  }
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
