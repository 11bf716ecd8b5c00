internal import LinearAlgebra
internal import Renorm

/// A finite network on a training set, and the points at which its draws are observed.
struct NetworkModel: Sendable {
  let layer: HiddenLayer
  let training: LayerPoints
  let targets: Matrix
  let temperature: Double
  /// Test points in blocks, so that the activations of few are held at a time.
  let tests: [LayerPoints]
  /// Points whose similarity matrices are recorded.
  let similarity: LayerPoints?
  let layout: DrawLayout
  /// X^T u over its length; nil where the layout has no alignment.
  let direction: [Double]?
  /// Targets at the test points, where errors of pruned networks are recorded.
  let prunedTargets: Matrix?

  /// Points whose activations are held at a time: bounds the memory at 256 N n numbers.
  static let blockSize = 256

  /// - Parameter isConditional: whether conditional variances are recorded with conditional means.
  /// - Throws: `RenormError` as documented at `CollapsedDensity`.
  init(
    _ network: Network, _ data: Dataset, _ points: ObservedPoints, isConditional: Bool
  ) throws(RenormError) {
    guard data.outputs > 0 else {
      throw .unusableData("the training set has no targets; at least one output is needed")
    }
    guard data.inputs.elements.allSatisfy(\.isFinite), data.targets.elements.allSatisfy(\.isFinite) else {
      throw .unusableData("the training set contains NaN or infinity; only finite numbers are accepted")
    }
    for inputs in [points.test, points.similarity?.inputs] {
      guard let inputs else { continue }
      guard inputs.rows == data.shape.count else {
        throw .shapeMismatch(expected: "\(data.shape)", got: "\(inputs.rows) values")
      }
      guard inputs.elements.allSatisfy(\.isFinite) else {
        throw .unusableData("the observed points contain NaN or infinity; only finite numbers are accepted")
      }
    }
    let layer = try HiddenLayer(network, on: data.shape)
    layout = try DrawLayout(layer, outputs: data.outputs, points, isConditional: isConditional)
    training = layer.patches(data.inputs)
    tests =
      (points.test.map { test in
        stride(from: 0, to: test.columns, by: Self.blockSize).map { start in
          layer.patches(test.selectingColumns(start..<min(start + Self.blockSize, test.columns)))
        }
      }) ?? []
    similarity = points.similarity.map { layer.patches($0.inputs) }
    direction = layout.alignment == nil ? nil : try network.targetDirection(data)
    prunedTargets = points.pruned?.targets
    self.layer = layer
    targets = data.targets
    temperature = network.temperature
  }

  /// Memory of one chain.
  struct Memory {
    /// The weights z in one piece.
    let weights: WorkArray
    let training: LayerMemory
    /// P x N r numbers: derivatives by the features.
    let derivatives: WorkArray
    /// As many numbers more, or none.
    let spare: WorkArray
    let observed: LayerMemory
    /// For every observed point `perPoint` numbers.
    let cross: WorkArray

    init(_ model: NetworkModel, weights count: Int, perPoint: Int, hasSpare: Bool = true) {
      let points = max(model.tests.first?.count ?? 0, model.similarity?.count ?? 0)
      let layer = model.layer
      weights = WorkArray(count)
      training = LayerMemory(layer, capacity: model.training.count)
      derivatives = WorkArray(model.training.count * layer.features)
      spare = WorkArray(hasSpare ? derivatives.count : 0)
      observed = LayerMemory(layer, capacity: points)
      cross = WorkArray(points * perPoint)
    }
  }

  /// Appends (1/N) sum_a s(h_ai(x)) s(h_aj(x')) in the order of the layout.
  func appendSimilarity(to record: inout [Double], _ memory: Memory) {
    guard let points = similarity else { return }
    layer.computeFeatures(memory.weights.pointer, points, memory.observed)
    for pair in layout.similarityPairs {
      let product = Matrix.product(
        layer.values(pair.row, points.count, memory.observed),
        layer.values(pair.column, points.count, memory.observed), scale: 1 / Double(layer.units))
      for q in 0..<points.count {
        for p in (pair.row == pair.column ? q : 0)..<points.count { record.append(product[p, q]) }
      }
    }
  }

  /// Appends the largest tau_a^(1/2) |zeta_a| and the alignment of the first.
  ///
  /// - Parameters:
  ///   - zeta: N r numbers for every output.
  ///   - weights: z, with M numbers for every unit.
  ///   - scales: tau; not read without a node prior.
  func appendReadouts(
    to record: inout [Double], _ zeta: [Double], _ weights: UnsafePointer<Double>,
    scales: UnsafePointer<Double>
  ) {
    let scaled =
      layer.scaleLaw == nil
      ? zeta : zeta.indices.map { scales[$0 % layer.units].squareRoot() * zeta[$0] }
    let sizes = layer.readoutSizes(scaled)
    record += sizes.sorted(by: >).prefix(layout.readoutSizes.count)
    guard let direction else { return }
    let first = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    let own = weights + first * layer.patchSize
    let projection = direction.indices.reduce(0.0) { $0 + direction[$1] * own[$1] }
    record.append(zeta[first] < 0 ? -projection : projection)
  }

  /// The order parameter's entries in the order of the layout, given (1/N) sum_a <zeta_a zeta_a^T> over the
  /// readout's coordinates (one output) or over the outputs.
  func orderParameter(_ moments: Matrix) -> [Double] {
    var matrix = moments
    if layout.outputs == 1, let basis = layer.basis { matrix = basis * moments * basis.asTranspose }
    return layout.orderParameterPairs.map { matrix[$0.row, $0.column] }
  }
}

extension Matrix {
  /// scale A B^T as a new matrix.
  fileprivate static func product(_ a: MatrixView, _ b: MatrixView, scale: Double) -> Matrix {
    var result = Matrix(rows: a.rows, columns: b.rows)
    result.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      MatrixView(base, a.rows, b.rows).setProduct(a, b.transposed, scale: scale)
    }
    return result
  }
}
