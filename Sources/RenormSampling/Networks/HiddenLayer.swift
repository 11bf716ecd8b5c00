internal import LinearAlgebra
internal import Renorm

/// The hidden layer of a finite network as a function of its weights z, and the features it gives the readout.
///
/// Weights are z = sqrt(lambda0) w, of unit prior variance: the filter of unit a in group g of positions starts at
/// M (a + N g). Features are F, P x (N r) with the feature of unit a and coordinate b of the readout at column a + N b,
///
///     F_(a,b)(x) = sum_i s(h_ai(x)) B_ib,     f(x) = featureScale^(1/2) sum_ab F_(a,b)(x) zeta_ab,   zeta ~ N(0, 1),
///
/// where S = B B^T (docs/theory.md, sections 1 and 6). The factor (lambda1 N n)^(-1/2) stands in B, where there is one,
/// and else in `featureScale`.
struct HiddenLayer: Sendable {
  /// N.
  let units: Int
  let grid: PatchGrid
  /// Consecutive positions that share their filters.
  let groups: [Range<Int>]
  let activation: any DifferentiableActivation
  let lambda0: Double
  /// B (lambda1 N n)^(-1/2), n x r; nil where B is the identity.
  let mixing: WorkMatrix?
  /// The unscaled B; nil means the identity.
  let basis: Matrix?
  let featureScale: Double
  /// r.
  let rank: Int

  var positions: Int { grid.positions }
  /// M.
  var patchSize: Int { grid.patchSize }
  /// Number of hidden weights.
  var weights: Int { groups.count * units * patchSize }
  /// N r.
  var features: Int { units * rank }

  /// - Throws: `RenormError.unsupported` at infinite width and for an activation without a derivative, and what the
  ///   grid and the readout throw.
  init(_ network: Network, on image: ImageShape) throws(RenormError) {
    guard let units = network.width.units else {
      throw .unsupported(
        what: "sampling a network of infinite width", instead: "take a finite width, or fit it: there is no order parameter")
    }
    guard let activation = network.activation as? any DifferentiableActivation else {
      throw .unsupported(
        what: "sampling with the activation '\(network.activation.name)', whose derivative is not known",
        instead: "conform it to DifferentiableActivation")
    }
    self.units = units
    self.activation = activation
    grid = try network.architecture.grid(on: image)
    groups = network.architecture.sharedFilterGroups(positions: grid.positions)
    lambda0 = network.lambda0
    let factor = try ReadoutFactor(network.readout, on: grid)
    let scale = 1 / (network.lambda1 * Double(units * grid.positions))
    basis = factor.basis
    rank = factor.rank
    mixing = factor.basis.map { WorkMatrix(scale.squareRoot() * $0) }
    featureScale = mixing == nil ? scale : 1
  }

  func patches(_ inputs: Matrix) -> Patches {
    Patches(inputs, on: grid, lambda0: lambda0, threads: Parallel.availableCores)
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
