internal import LinearAlgebra
public import Renorm
public import RenormFiles

/// An order parameter with the patches that it belongs to, from a fitted network or the report of one.
public struct OrderParameterSource: Sendable {
  /// Q, or Qbar in the formulation `saddle`.
  let matrix: Matrix
  /// What Q is at infinite width: the covariance S of the readout.
  let reference: Matrix
  let architecture: String
  let width: Width
  let readout: String
  /// What an index of the matrix counts.
  let index: OrderParameterSpace.Index
  /// The classes of the outputs; nil for regression, and where the report does not tell.
  let classes: [ClassLabel]?
  let grid: PatchGrid
  let stride: Extent
  /// The mean over training examples, of values 0 to 1: channel, row, column; nil where only a report is known.
  let meanImage: [Double]?

  /// Reads a model file (NPZ) or a report (JSON) of `renorm fit`.
  ///
  /// - Throws: `DataError` and `RenormError` for a file that cannot be read, also for a report that lacks a
  /// key;
  ///   `PlotError.unreadable` for one whose keys do not fit together.
  public init(path: String) throws {
    let content = try FileContent(path: path).textBytes
    if content.starts(with: Array("PK".utf8)) {
      let model = try ModelFile(reading: path)
      try Self.checkDepth(model.posterior.network.depth)
      self.init(model.posterior, standardization: model.recipe?.standardization ?? .none)
      return
    }
    let report = try RecordReader.read(
      Both<NetworkRecord, Both<OrderParameterRecord, TargetsRecord.Key>>.self, bytes: content, path: path,
      accepted: "a model (NPZ) or a report (JSON) of `renorm fit`")
    try Self.checkDepth(report.first.value(.depth)?.count ?? 1)
    let (solution, data) = (report.second.first, report.second.second.data)
    let order = solution.outputAverage ?? solution.orderParameter
    try self.init(report.first, order.matrix, data?.classes, path: path)
  }

  private static func checkDepth(_ depth: Int) throws(PlotError) {
    guard depth == 1 else {
      throw .unsuitable(
        "a network of \(depth) hidden layers has one order parameter for each, which its report lists: there is no "
          + "matrix to draw")
    }
  }

  /// The order parameter of a fitted network of one hidden layer.
  ///
  /// - Parameter standardization: how the training inputs were made, for the mean image.
  public init(_ posterior: Posterior, standardization: Standardization = .none) {
    let network = posterior.network
    // Of several outputs at many positions their average over positions is shown.
    matrix = posterior.solution.outputAverage ?? posterior.orderParameter
    grid = posterior.grid
    architecture = network.architecture.name
    width = network.width
    readout = network.readout.name
    index = posterior.solution.space.index == .position ? .position : .output
    classes = posterior.training.classes.flatMap { [rows = matrix.rows] in $0.count == rows ? $0 : nil }
    reference = Self.reference(network.readout, on: grid, index, order: matrix.rows)
    stride = network.architecture.window?.stride ?? grid.mask
    meanImage = Self.meanImage(posterior.training.inputs, standardization)
  }

  /// The longest side of a grid, mask or stride, in pixels.
  private static let longestSide = 1 << 15

  private init(
    _ report: NetworkRecord, _ orderParameter: Matrix, _ classes: [ClassLabel]?, path: String
  ) throws {
    guard orderParameter.rows > 0, orderParameter.rows == orderParameter.columns else {
      throw PlotError.unreadable(path: path, reason: "the order parameter is not a square matrix")
    }
    /// A key that other reports may lack.
    func required<Value>(_ value: Value?, _ key: String) throws -> Value {
      if let value { return value }
      throw PlotError.unreadable(path: path, reason: "the key '\(key)' is missing")
    }
    matrix = orderParameter
    let isInfinite = try required(report.infiniteWidth, "infiniteWidth")
    let outputs = try required(report.outputs, "outputs")
    let sides = try required(report.grid, "grid")
    let extent = { (sides: [Int]?) in
      sides.flatMap { $0.count == 2 ? Extent(height: $0[0], width: $0[1]) : nil } ?? Extent(1)
    }
    for (name, sides) in [("mask", report.mask), ("stride", report.stride), ("grid", sides)] {
      guard let sides, sides.count != 2 || !sides.allSatisfy({ (1...Self.longestSide).contains($0) }) else {
        continue
      }
      throw PlotError.unreadable(
        path: path, reason: "the \(name) is \(sides), accepted are two numbers from 1 to \(Self.longestSide)")
    }
    let mask = extent(report.mask)
    stride = extent(report.stride)
    let image = ImageShape(
      channels: 1, height: (sides[0] - 1) * stride.height + mask.height,
      width: (sides[1] - 1) * stride.width + mask.width)
    grid = try PatchGrid(mask: mask, stride: stride, on: image)
    architecture = report.architecture
    width = isInfinite ? .infinite : .finite(try required(report.width, "width"))
    readout = try required(report.readout, "readout")
    index = outputs > 1 && !isInfinite ? .output : .position
    // Two classes share one output.
    self.classes = classes.flatMap { $0.count == orderParameter.rows ? $0 : nil }
    guard index == .output || matrix.rows == grid.positions else {
      throw PlotError.unreadable(
        path: path,
        reason: "an order parameter of order \(matrix.rows) on a grid of \(grid.positions) positions")
    }
    var values = ParameterValues()
    for parameter in Readouts.builtIn.parameters {
      let value = report.value(parameter)
      // A report names the file alone.
      values[parameter] = try value?.matrix.map { .matrix(try MatrixValue(reading: $0.source)) } ?? value
    }
    let prior = try Readouts.builtIn.named(readout, values)
    reference = Self.reference(prior, on: grid, index, order: matrix.rows)
    meanImage = nil
  }

  private static func reference(
    _ readout: any Readout, on grid: PatchGrid, _ index: OrderParameterSpace.Index, order: Int
  ) -> Matrix {
    (index == .output ? nil : readout.covariance(on: grid)) ?? .identity(order)
  }

  /// Nil where inputs that were centred one by one have lost it.
  private static func meanImage(_ inputs: Matrix, _ standardization: Standardization) -> [Double]? {
    if case .feature(let means, _) = standardization { return stretched(means) }
    var sums = [Double](repeating: 0, count: inputs.rows)
    inputs.withUnsafeElements { elements in
      for (index, value) in elements.enumerated() { sums[index % inputs.rows] += value }
    }
    let scale = inputs.elements.reduce(0) { max($0, abs($1)) } * Double(inputs.columns)
    guard sums.contains(where: { abs($0) > 1e-12 * scale }) else { return nil }
    return stretched(sums)
  }

  private static func stretched(_ values: [Double]) -> [Double] {
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    return values.map { high > low ? ($0 - low) / (high - low) : 0.5 }
  }
}
