internal import Foundation
internal import LinearAlgebra
internal import RenormKernels

/// A fully connected network of one output on a training set, in coordinates where the weights of a hidden unit
/// seen by the examples are w ~ N(0, 1): h = R w, R R^T = C.
///
/// A(q) = T + q K/lambda1 is diagonal in the basis of the kernel's eigenvectors, so that functions of q cost
/// O(P). Examples that span the range of the kernels stand for the training set (`RangeExamples`).
struct CondensedProblem: Sendable {
  /// N.
  let width: Double
  var temperature: Double
  let lambda1: Double
  /// The activation.
  let unit: any UnitFunction
  /// R, P x p, p the rank of the inputs.
  let features: Matrix
  /// Orthonormal coordinates of the row space, numbers of a patch x p.
  private let basis: Matrix
  /// The eigenvalues of K/lambda1.
  let eigenvalues: [Double]
  /// V with A^-1 = V diag(1/(T + q k)) V^T.
  let vectors: Matrix
  /// What the explicit units are to explain beside the bulk, P numbers.
  private(set) var targets: [Double]
  /// What explicit units at fixed laws add to z; nil for none.
  private(set) var squares: [Double]?
  /// -1/2 (P log 2 pi + what the constants of log det A and y^T A^-1 y are).
  let logConstant: Double
  private let local: LocalKernels
  private let range: RangeExamples

  init(_ posterior: Posterior, threads: Int) throws(RenormError) {
    let (network, training) = (posterior.network, posterior.training)
    let (local, _) = try network.kernels(on: training.shape, threads: threads)
    let range = try factoring("the inputs") { () throws(LinearAlgebraError) in
      try RangeExamples(training, local)
    }
    let patches = Patches(range.inputs, of: local)
    let scale = network.kernelScale(local.positions)
    let kernel = range.whitened(kernel: scale * local.pairKernel(patches, 0, patches, 0))
    let (spectrum, svd) = try factoring("the kernel") { () throws(LinearAlgebraError) in
      (
        try SymmetricEigen(kernel),
        try ThinSVD(Matrix(rows: patches.size, columns: patches.count, elements: patches.elements))
      )
    }
    let least = 1e-12 * (svd.values.first ?? 0)
    let rank = max(svd.values.count { $0 > least }, 1)
    basis = svd.left.selectingColumns(0..<rank)
    features = Matrix(rows: patches.count, columns: rank) { svd.rightTransposed[$1, $0] * svd.values[$1] }
    eigenvalues = spectrum.values.map { max($0, 0) }
    vectors = range.whitened(spectrum.vectors)
    targets = range.targets.column(0)
    unit = network.activation.unitFunction ?? ErfUnit()
    width = Double(network.width.units ?? 0)
    (temperature, lambda1) = (network.temperature, network.lambda1)
    let outside = range.outside(temperature, isWhitened: true)
    logConstant =
      -0.5 * (outside.logDeterminant + outside.quadraticForm + Double(training.count) * log(2 * .pi))
    self.local = local
    self.range = range
    let variances = features.transposed.columnNormsSquared
    let prior = unit.prior(variances: variances)
    guard prior.remainder <= Self.largestRemainder else {
      let largest = String(format: "%.3g", variances.max() ?? 0)
      throw .unsupported(
        what:
          "the theory of a condensed neuron with the activation '\(network.activation.name)' at preactivations "
          + "of variance up to \(largest) (its Hermite series do not converge there)",
        instead: "take erf, or where the activation has no kinks a larger lambda0")
    }
  }

  /// At the prior, which is wider than posterior laws; moments are right to its square.
  private static let largestRemainder = 1e-4

  var count: Int { features.rows }
  var rank: Int { features.columns }

  /// X^T u over its length in the coordinates of w, u = (T + K/lambda1)^-1 y at infinite width.
  var targetDirection: [Double] {
    let u = vectors * zip(turned(targets), eigenvalues).map { $0 / (temperature + $1) }
    let direction = features.asTranspose * u
    let length = dot(direction, direction).squareRoot()
    return length > 0 ? direction.scaled(by: 1 / length) : direction
  }

  /// V^T x.
  func turned(_ x: [Double]) -> [Double] { vectors.asTranspose * x }

  /// The bulk of `units` of the N units.
  func bulk(units: Double, cut: Double?) -> BulkLaw {
    BulkLaw(
      eigenvalues: eigenvalues.map { units / width * $0 }, temperature: temperature, units: units, cut: cut)
  }

  /// z of the bulk without explicit units beside those at fixed laws: (V^T y)_i^2 and what they add.
  var bareSquares: [Double] {
    zip(turned(targets).map { $0 * $0 }, squares ?? [Double](repeating: 0, count: count)).map(+)
  }

  /// The problem of what a unit at a fixed law leaves to others: s m less of the targets, s^2 (V^T S V)_ii more
  /// in z.
  func beside(_ point: UnitAction.Evaluation, strength: Double) -> CondensedProblem {
    var other = self
    other.targets = zip(targets, point.marginals.values).map { $0 - strength * $1 }
    other.squares = squares.map { zip($0, point.spread).map(+) } ?? point.spread
    return other
  }

  /// s = v/sqrt(N lambda1).
  func strength(_ readout: Double) -> Double { readout / (width * lambda1).squareRoot() }

  /// Held-out points.
  struct Points {
    /// R of the points, points x p.
    let features: Matrix
    /// The variances of h beside those of R w, which the training set does not see.
    let rest: [Double]
    /// V^T K(X, x)/lambda1, P x points.
    let cross: Matrix
    /// K(x, x)/lambda1.
    let variances: [Double]
  }

  func points(_ inputs: Matrix) -> Points {
    let patches = Patches(inputs, of: local)
    let own = Matrix(rows: patches.size, columns: patches.count, elements: patches.elements)
    let coordinates = own.asTranspose * basis
    let seen = coordinates.transposed.columnNormsSquared
    let kernel = local.pairKernel(Patches(range.inputs, of: local), 0, patches, 0)
    return Points(
      features: coordinates, rest: seen.indices.map { max(patches.variance(0, $0) - seen[$0], 0) },
      cross: (1 / lambda1) * (vectors.asTranspose * kernel),
      variances: (0..<patches.count).map {
        let c = patches.variance(0, $0)
        return local.activation.secondMoment(c, c, c) / lambda1
      })
  }
}
