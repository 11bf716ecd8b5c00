internal import Renorm
public import RenormFiles

/// Predictions at held-out points as `renorm fit` writes them: `index,target,mean,variance`, or
/// `mean_0, ..., variance_0, ...` for several outputs.
public struct PredictionsFile: Sendable {
  /// What the targets are.
  enum Content: Equatable {
    case regression
    /// -1 and +1, with the names of the classes; nil where they are not known.
    case twoClasses([ClassLabel]?)
    /// Class labels, in the order of the outputs.
    case classes([ClassLabel])
  }

  let path: String
  let content: Content
  /// Means and variances of f, one array for each output.
  let means: [[Double]]
  let variances: [[Double]]
  /// Real targets, one array for each output; one-hot minus 1/D for several classes.
  let targets: [[Double]]
  /// The probabilities of classes in the file, an array for each class; nil where it has none.
  let probabilities: [[Double]]?
  /// Whether means and variances are those of latents (`FitReport.isOfLatents`).
  let isOfLatents: Bool
  /// What a user should know about the file; each is one line.
  public let warnings: [String]

  /// Number of points with a known target.
  var count: Int { means[0].count }
  var outputs: Int { means.count }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - classes: the labels in the order of the outputs; nil takes those of the report, or in ascending order.
  ///   - report: of the fit.
  /// - Throws: `DataError` for a file that is not a table of predictions, `PlotError.nothingToDraw` where no
  ///   target is known, `.adjustable` where the classes do not fit the outputs, `.unreadable` where the report
  ///   is that of another network.
  public init(path: String, classes given: [ClassLabel]? = nil, report: FitReport? = nil) throws {
    let classes = given ?? report?.classes
    let table = try PredictionTable(path: path)
    self.path = path
    try report?.check(outputs: table.outputs, of: path)
    let known: [Bool] =
      switch table.targets {
      case .values(let rows): rows.map { $0 != nil }
      case .labels(let labels): labels.map { $0 != nil }
      }
    let rows = known.indices.filter { known[$0] }
    guard !rows.isEmpty else { throw PlotError.nothingToDraw(path: path, reason: "no row has a target") }
    let outputs = table.outputs
    means = (0..<outputs).map { output in rows.map { table.means[$0, output] } }
    variances = (0..<outputs).map { output in rows.map { table.variances[$0, output] } }
    probabilities = table.probabilities.map { found in
      (0..<found.values.columns).map { c in rows.map { found.values[$0, c] } }
    }
    isOfLatents = report?.isOfLatents ?? false
    var warnings: [String] = []
    if rows.count < table.count {
      warnings.append("\(table.count - rows.count) of \(table.count) points have no target and are left out")
    }
    switch table.targets {
    case .labels(let labels):
      let found = labels.compactMap(\.self)
      let labels = try Self.labels(found, classes, outputs: outputs, path: path)
      try Self.checkOrder(labels, table, rows: rows, path: path)
      if classes == nil {
        warnings.append(
          "the outputs are taken for the classes \(labels.map(\.description).joined(separator: ", ")) in this "
            + "order; the report of the fit tells theirs")
      }
      content = .classes(labels)
      targets = labels.map { label in found.map { ($0 == label ? 1 : 0) - 1 / Double(outputs) } }
    case .values(let values):
      let values = values.compactMap(\.self)
      targets = (0..<outputs).map { output in values.map { $0[output] } }
      if outputs == 1, targets[0].allSatisfy({ abs($0) == 1 }), report?.isRegression != true {
        let names = Self.names(
          table.classes.map { known in rows.map { known.classes[$0] } }, targets: targets[0])
        content = .twoClasses(try classes.map { try Self.pair($0, names, path: path) } ?? names)
      } else {
        guard given == nil, report?.classes == nil else {
          throw PlotError.unsuitable(
            "\(path): classes are given, but the targets are numbers other than -1 and 1")
        }
        content = .regression
      }
    }
    self.warnings = warnings
  }

  /// The names of the classes -1 and +1, which stand beside named targets; nil where one of them is not known.
  private static func names(_ classes: [ClassLabel?]?, targets: [Double]) -> [ClassLabel]? {
    guard let classes else { return nil }
    let names = [-1.0, 1].compactMap { sign in targets.firstIndex(of: sign).flatMap { classes[$0] } }
    return names.count == 2 ? names : nil
  }

  /// The classes -1 and +1 as they are told, which must be those that stand in the file.
  private static func pair(
    _ classes: [ClassLabel], _ names: [ClassLabel]?, path: String
  ) throws -> [ClassLabel] {
    guard classes.count == 2, classes[0] != classes[1], (names ?? classes) == classes else {
      let known = names.map { "the classes -1 and 1, which are \($0[0]) and \($0[1])" } ?? "two classes"
      throw PlotError.adjustable(
        "\(path): the file is of \(known), but the classes given are "
          + classes.map(\.description).joined(separator: ", "), set: [.report, .classes])
    }
    return classes
  }

  private static func labels(
    _ targets: [ClassLabel], _ classes: [ClassLabel]?, outputs: Int, path: String
  ) throws -> [ClassLabel] {
    let present = Set(targets).sorted()
    let labels = classes ?? present
    guard labels.count == outputs, Set(labels).count == outputs else {
      throw PlotError.adjustable(
        "\(path): \(outputs) outputs, but \(labels.count) classes", set: [.report, .classes])
    }
    guard let stranger = present.first(where: { !labels.contains($0) }) else { return labels }
    throw PlotError.adjustable(
      "\(path): there are targets of class \(stranger), but the classes are "
        + labels.map(\.description).joined(separator: ", "), set: [.report, .classes])
  }

  /// The standard deviation of f, or with the noise of the labels added.
  func deviation(_ output: Int, _ point: Int, noise: Double) -> Double {
    (variances[output][point] + noise).squareRoot()
  }

  /// The fraction of points whose class is predicted; nil for regression.
  var accuracy: Double? {
    switch content {
    case .regression: nil
    case .twoClasses:
      Double((0..<count).count { (predictedOutput($0) == 1) == (targets[0][$0] > 0) }) / Double(count)
    case .classes:
      Double((0..<count).count { isRight($0) }) / Double(count)
    }
  }

  /// Whether the largest output is that of the point's class.
  func isRight(_ point: Int) -> Bool {
    predictedOutput(point) == trueOutput(point)
  }

  /// The class that is predicted: the most probable one of latents, else that of the means.
  func predictedOutput(_ point: Int) -> Int {
    if isOfLatents, let probabilities { return classIndex(ofLargest: probabilities.map { $0[point] }) }
    return classIndex(means.map { $0[point] })
  }

  /// The output of a point's class.
  func trueOutput(_ point: Int) -> Int { (0..<outputs).first { targets[$0][point] > 0 } ?? 0 }
}
