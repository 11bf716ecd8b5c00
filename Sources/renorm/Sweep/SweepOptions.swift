import ArgumentParser
import Renorm
import RenormFiles
import RenormSweep

/// The specification of a sweep: a file, or its keys as options.
struct SweepOptions: ParsableArguments {
  @Argument(help: "The specification, a YAML file. (or its keys as options)", completion: .file())
  var specification: String?

  @OptionGroup(title: "Network (one value each, a list such as 0.1,1,10, linspace(a,b,n) or logspace(a,b,n))")
  var network: SweepNetworkOptions
  @OptionGroup(title: "Data") var data: SweepDataOptions
  @OptionGroup(title: "Solver") var solver: SweepSolverOptions
  @OptionGroup(title: "Order in 1/N") var order: SweepOrderOptions

  /// The specification that was given; nil where there is none.
  ///
  /// - Parameter iterations: what stands for `--max-iterations` where that is not one of the specification's
  ///   keys, but the limit of points that are computed again; nil where it is one.
  func read(iterations: Int? = nil) throws -> SweepSpecification? {
    var solver = solver
    if iterations != nil { solver.maxIterations = nil }
    var options = network.given + data.given + solver.given + order.given
    if !options.isEmpty, let iterations { options.append((.maxIterations, "\(iterations)")) }
    guard let specification else { return options.isEmpty ? nil : try SweepSpecification(options: options) }
    if let option = options.first {
      throw ValidationError(
        "\(specification) and --\(option.key.rawValue) exclude each other: give a file or options")
    }
    return try SweepSpecification(contentsOf: specification)
  }

  func required() throws -> SweepSpecification {
    guard let specification = try read() else {
      throw ValidationError("Missing expected argument '<specification>', or its keys as options")
    }
    return specification
  }
}

/// Axes of networks. All options are texts, which the specification reads as it reads a file.
struct SweepNetworkOptions: ParsableArguments {
  @OptionGroup var parameters: ParameterOptions
  @Option(parsing: .unconditional, help: "P/N, from which the width follows.")
  var alpha: String?
  @Flag(help: "Add the infinite width.")
  var infiniteWidth = false
  @Option(
    help: "How several axes are combined: grid or zip. (default: grid)", completion: .list(["grid", "zip"]))
  var combine: String?
  @Option(help: "Axes that run together, such as temperature,lambda1; several groups separated by semicolons.")
  var zip: String?

  var given: [(key: SweepKey, text: String)] {
    let options: [(SweepKey, String?)] = [
      (.alpha, alpha), (.infiniteWidth, infiniteWidth ? "true" : nil), (.combine, combine), (.zip, zip),
    ]
    return parameters.given.map { (SweepKey($0.parameter), $0.text) }
      + options.compactMap { key, text in text.map { (key, $0) } }
  }
}

/// Files and selection.
struct SweepDataOptions: ParsableArguments {
  @Option(help: "Training examples.", completion: .file()) var train: String?
  @Option(help: "Labels or targets of the training examples.", completion: .file()) var trainLabels: String?
  @Option(help: "Held-out examples.", completion: .file()) var test: String?
  @Option(help: "Labels or targets of the held-out examples.", completion: .file()) var testLabels: String?
  @Option(parsing: .unconditional, help: "Part of the training file to hold out.") var testFraction: String?
  @Option(parsing: .unconditional, help: "Number of held-out examples.") var testCount: String?
  @Option(
    parsing: .unconditional,
    help:
      "Part of the remaining training file to set apart for the choice of parameters (sweep best --validation)."
  )
  var validationFraction: String?
  @Option(parsing: .unconditional, help: "Number of validation examples.") var validationCount: String?
  @Option(parsing: .unconditional, help: "P; one value or several.") var trainCount: String?
  @Option(parsing: .unconditional, help: "Seeds of the permutation of the examples: repeats.")
  var shuffleSeed: String?
  @Option(parsing: .unconditional, help: "Classes to keep.") var classes: String?
  @Flag(help: "Take the targets of CSV, NPY and NPZ files as class labels.") var classification = false
  @Option(
    help: "Shift and scale of the inputs: global, feature or none. (default: global)",
    completion: .list(StandardizationMode.allCases.map(\.rawValue)))
  var standardize: String?
  @Flag(help: "Combine R, G, B to one channel.") var grayscale = false
  @Option(parsing: .unconditional, help: "Keep every K-th pixel in both directions.") var pixelStep: String?
  @Option(help: "Shape of one example, CxHxW, where the file has none.") var shape: String?
  @Option(parsing: .unconditional, help: "Column of the targets in a CSV file.") var targetColumn: String?
  @Option(parsing: .unconditional, help: "Columns of a CSV file to leave out.") var dropColumns: String?
  @Option(help: "Array of training inputs in an NPZ file.") var trainArray: String?
  @Option(help: "Array of their targets or labels in an NPZ file.") var targetArray: String?
  @Option(help: "Array of held-out inputs in an NPZ file.") var testArray: String?
  @Option(help: "Array of their targets or labels in an NPZ file.") var testTargetArray: String?
  @Option(
    help: "Order of pixels in the files: \(ImageLayout.accepted).",
    completion: .list(ImageLayout.allCases.map(\.rawValue)))
  var layout: String?
  @Flag(help: "Subtract the mean of the training targets.") var centerTargets = false
  @Flag(help: "Centre the targets and divide them by their deviation.") var standardizeTargets = false

  var given: [(key: SweepKey, text: String)] {
    let options: [(SweepKey, String?)] = [
      (.train, train), (.trainLabels, trainLabels), (.test, test), (.testLabels, testLabels),
      (.testFraction, testFraction), (.testCount, testCount), (.validationFraction, validationFraction),
      (.validationCount, validationCount), (.trainCount, trainCount), (.shuffleSeed, shuffleSeed),
      (.classes, classes), (.classification, classification ? "true" : nil), (.standardize, standardize),
      (.grayscale, grayscale ? "true" : nil), (.pixelStep, pixelStep), (.shape, shape),
      (.targetColumn, targetColumn), (.dropColumns, dropColumns), (.trainArray, trainArray),
      (.targetArray, targetArray), (.testArray, testArray), (.testTargetArray, testTargetArray),
      (.layout, layout),
      (.centerTargets, centerTargets ? "true" : nil),
      (.standardizeTargets, standardizeTargets ? "true" : nil),
    ]
    return options.compactMap { key, text in text.map { (key, $0) } }
  }
}

/// How far in 1/N points go.
struct SweepOrderOptions: ParsableArguments {
  @Option(
    help:
      """
      leading, next (corrected results and classes of trust beside those of leading order) or condensed (explicit \
      hidden units, for fc with erf, tanh or linear units). (default: leading)
      """,
    completion: .list(["leading", "next", "condensed"]))
  var order: String?
  @Option(parsing: .unconditional, help: "Draws of a hidden unit for --order next. (default: 20000)")
  var draws: String?
  @Option(parsing: .unconditional, help: "Explicit hidden units for --order condensed, 1 or 2. (default: 1)")
  var neurons: String?
  @Option(parsing: .unconditional, help: "Random starts of the search for --order condensed. (default: 8)")
  var orderStarts: String?

  var given: [(key: SweepKey, text: String)] {
    let options: [(SweepKey, String?)] = [
      (.order, order), (.draws, draws), (.neurons, neurons), (.orderStarts, orderStarts),
    ]
    return options.compactMap { key, text in text.map { (key, $0) } }
  }
}

/// What ends the search for an order parameter.
struct SweepSolverOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Norm of the gradient at which a point has converged. (default: 1e-8)")
  var tolerance: String?
  @Option(parsing: .unconditional, help: "Largest number of steps of the solver. (default: 500)")
  var maxIterations: String?

  var given: [(key: SweepKey, text: String)] {
    [(.tolerance, tolerance), (.maxIterations, maxIterations)].compactMap { key, text in text.map { (key, $0) }
    }
  }
}
