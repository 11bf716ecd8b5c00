internal import LinearAlgebra
internal import Renorm
internal import RenormAction

/// The hidden layer of a finite network as a function of its weights z, and the features it gives the readout;
/// in a deep network all hidden layers, of which the last gives them.
///
/// Weights are z = sqrt(lambda0) w, of unit prior variance: the filter of unit a in group g of positions starts
/// at M (a + N g). With a filter prior F = L L^T, w = lambda0^(-1/2) L z, and M is the rank of F; a bias
/// lambda_bias^(-1/2) z is the last of the weights of a filter, one more (`Patches`). Features are F, P x (N r)
/// with the feature of unit a and coordinate b of the readout at column a + N b,
///
///     F_(a,b)(x) = sum_i s(h_ai(x)) B_ib,   f(x) = featureScale^(1/2) sum_ab F_(a,b)(x) zeta_ab,
///     zeta ~ N(0, 1),
///
/// where S = B B^T (docs/theory.md, sections 1 and 6). With a node prior the features of unit a are multiplied
/// by tau_a^(1/2) (`scale`). The factor (lambda1 N n)^(-1/2) stands in B, where there is one, and else in
/// `featureScale`.
struct HiddenLayer: Sendable {
  /// N, of the last hidden layer.
  let units: Int
  /// N of the first hidden layer.
  let firstUnits: Int
  /// The hidden layers above the first, from below.
  let upper: [UpperLayer]
  /// The rule of the patches, that of the theory's kernels.
  private let local: LocalKernels
  let activation: any DifferentiableActivation
  /// B (lambda1 N n)^(-1/2), n x r; nil where B is the identity.
  let mixing: WorkMatrix?
  /// The unscaled B; nil means the identity.
  let basis: Matrix?
  let featureScale: Double
  /// r.
  let rank: Int
  /// The law of the units' scales; nil where they are 1.
  let scaleLaw: ScaleLaw?

  var grid: PatchGrid { local.grid }
  /// Consecutive positions that share their filters.
  var groups: [Range<Int>] { local.pairs.groups }
  /// Positions of the first layer.
  var positions: Int { grid.positions }
  /// Positions of the last layer, which the readout is over.
  var readoutPositions: Int { upper.last?.positions ?? positions }
  /// Consecutive ones that share their filters.
  var readoutGroups: [Range<Int>] { upper.isEmpty ? groups : [0..<readoutPositions] }
  /// Independent weights of a filter: M, or the rank of the filter prior, and one for a bias.
  var patchSize: Int { local.patchLength }
  /// Whether the last weight of a filter is its bias.
  var hasBias: Bool { local.lambdaBias != nil }
  /// Number of weights of the first hidden layer.
  var firstWeights: Int { groups.count * firstUnits * patchSize }
  /// Number of hidden weights.
  var weights: Int { upper.reduce(firstWeights) { $0 + $1.weights } }
  /// Units of all hidden layers times positions: activations of a point.
  var activations: Int { upper.reduce(firstUnits * positions) { $0 + $1.units * $1.positions } }
  /// N r.
  var features: Int { units * rank }
  /// Coordinates of the readout that belong to one unit: positions that share its filter.
  var readoutSpans: [Range<Int>] { basis == nil ? readoutGroups : [0..<rank] }

  /// - Throws: `RenormError.unsupported` at infinite width and for an activation without a derivative, and what
  ///   the grid and the readout throw.
  init(_ network: Network, on image: ImageShape) throws(RenormError) {
    guard let units = network.widths.last?.units, let firstUnits = network.widths.first?.units else {
      throw .unsupported(
        what: network.width == .infinite
          ? "sampling a network of infinite width" : "sampling a network with a layer of infinite width",
        instead: "take a finite width, or fit it: there is no order parameter")
    }
    guard let activation = network.activation as? any DifferentiableActivation else {
      throw .unsupported(
        what: "sampling with the activation '\(network.activation.name)', whose derivative is not known",
        instead: "conform it to DifferentiableActivation")
    }
    self.units = units
    self.firstUnits = firstUnits
    self.activation = activation
    // Draws must not depend on the number of threads that BLAS takes; patches do not.
    let (local, factor) = try Parallel.withThreads(1) { () throws(RenormError) in
      try network.kernels(on: image, threads: Parallel.availableCores)
    }
    self.local = local
    upper = try UpperLayer.all(
      network, first: local.pairs.groups.count * firstUnits * local.patchLength, on: local.grid)
    let scale =
      1 / ((network.lambdas.last ?? 1) * Double(units * (upper.last?.positions ?? local.positions)))
    basis = factor.basis
    rank = factor.rank
    scaleLaw = network.nodePrior.law
    mixing = factor.basis.map { WorkMatrix(scale.squareRoot() * $0) }
    featureScale = mixing == nil ? scale : 1
  }

  /// |zeta_a|, for every unit the norm over the coordinates of its span and over outputs, span by span: of one
  /// position and output lambda1^(1/2) |v_a|. The units of an LCN have one position each.
  ///
  /// - Parameter zeta: N r numbers for every output, those of unit a and coordinate b at a + N b.
  func readoutSizes(_ zeta: [Double]) -> [Double] {
    readoutSpans.flatMap { span in
      (0..<units).map { a in
        stride(from: 0, to: zeta.count, by: features).reduce(0.0) { sum, start in
          span.reduce(sum) { $0 + zeta[start + a + units * $1] * zeta[start + a + units * $1] }
        }.squareRoot()
      }
    }
  }

  func patches(_ inputs: Matrix) -> LayerPoints {
    LayerPoints(Patches(inputs, of: local), positions: positions)
  }
}

/// The scaled patches of P points in both orders, so that products with weights and with derivatives both run
/// along columns.
struct LayerPoints: Sendable {
  /// P.
  let count: Int
  /// M.
  let patchSize: Int
  private let byExample: [Double]
  private let byPatch: [Double]

  init(_ patches: Patches, positions: Int) {
    (count, patchSize) = (patches.count, patches.size)
    byPatch = patches.elements
    let (count, size) = (count, patchSize)
    var transposed = byPatch
    for start in stride(from: 0, to: count * size * positions, by: max(count * size, 1)) {
      for mu in 0..<count {
        for k in 0..<size { transposed[start + mu + count * k] = byPatch[start + k + size * mu] }
      }
    }
    byExample = transposed
  }

  /// Calls `body` with the patches at any position: P x M, or M x P where `isTransposed`.
  func withPatches(isTransposed: Bool, _ body: (_ patches: (_ position: Int) -> MatrixView) -> Void) {
    guard count > 0 else { return }
    (isTransposed ? byPatch : byExample).withUnsafeBufferPointer { patches in
      guard let base = patches.baseAddress else { return }
      let (rows, columns) = isTransposed ? (patchSize, count) : (count, patchSize)
      body { MatrixView(base + rows * columns * $0, rows, columns) }
    }
  }
}

/// A constant matrix at a fixed place in memory.
struct WorkMatrix: @unchecked Sendable {
  // Written by the initialiser only, so that threads may share it.
  private let array: WorkArray
  private let rows: Int
  private let columns: Int

  init(_ matrix: Matrix) {
    array = WorkArray(matrix.elements.count)
    (rows, columns) = (matrix.rows, matrix.columns)
    matrix.withUnsafeElements { elements in
      if let base = elements.baseAddress { array.pointer.update(from: base, count: elements.count) }
    }
  }

  /// For reading.
  var view: MatrixView { array.matrix(rows, columns) }
}
