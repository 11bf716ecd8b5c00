internal import Foundation
package import LinearAlgebra

/// Examples that span the range of the kernels of a training set, in the place of the training set.
///
/// Where all local kernels, and the means, have the form K_ij = F K'_ij F^T and m_i = F m'_i with a P x r
/// matrix F of r < P orthogonal columns, F^T F = diag(d), the posterior is that of r examples with the kernels
/// K', the targets y' = diag(1/d) F^T y and noise T/d (docs/theory.md, section 3, "Small temperature"):
///
///     log det A   = log det (diag(T/d) + K'_R) + sum_g log d_g + (P - r) log T
///     y^T A^-1 y  = y'^T (diag(T/d) + K'_R)^-1 y' + |y_perp|^2/T,   y_perp = y - F y'
///
/// What of y is orthogonal to F is noise; the terms with d, P - r and y_perp are constants and contribute
/// nothing to gradients.
///
/// Kernels have exact low rank for examples that are equal, opposite (odd s) or positive multiples of each
/// other (s(c h) = c s(h) for c > 0): there F has one element in a row. With linear s the inputs X = U S V^T
/// have the kernels of the examples U S, F = V. With a hidden bias, only equal examples have. In double
/// precision eigenvalues that are zero would be noise of the size of the kernel's rounding instead, which at
/// low temperature is not small.
///
/// A relation that holds up to the rounding of inputs counts as exact. What that changes is the means at points
/// outside the range, by cov(f(x), df)/T, df = sum_mu y_perp,mu (x_mu - sum_g F_mu,g x_g) . grad f the first
/// order of sum_mu y_perp,mu f(x_mu): large where T is below the rounding, and at most sd(f(x)) sd(df)/T.
package struct RangeExamples: Sendable {
  /// The r examples, one per column.
  package let inputs: Matrix
  /// Y' = diag(1/d) F^T Y, r x D.
  package let targets: Matrix
  /// d, r numbers: how many examples one stands for, weighted by c_mu^2; nil where all are 1.
  package let multiplicities: [Double]?
  /// P - r.
  package let outsideCount: Int
  /// |y_perp|^2 over all outputs.
  package let outsideNormSquared: Double
  /// v^T v, D x D, v = sum_mu (x_mu - sum_g F_mu,g x_g) y_perp,mu over the size of x_g: 0 where the relation
  /// between the examples is exact.
  private let remainders: Matrix
  /// v^T v; nil where the relation is exact.
  package var relationSquares: Matrix? { remainders.trace > 0 ? remainders : nil }
  /// `LocalKernels.roundingAmplification` of the r examples.
  package let amplification: Double
  private let form: Form
  /// The pixels that enter the kernels.
  let pixels: [Int]
  /// As in `LocalKernels`.
  let areOdd: Bool
  let areHomogeneous: Bool

  private enum Form {
    /// F = 1.
    case all
    /// F_(mu g) is the factor of mu for its group g.
    case groups([Int], factors: [Double])
    /// F^T with orthonormal rows.
    case basis(Matrix)
  }

  /// Looks for equal, opposite and proportional examples, or with linear s for dependent inputs; the examples
  /// themselves where no exact relation between them is found.
  ///
  /// - Parameter keepsAll: takes the examples themselves without a look.
  /// - Throws: `LinearAlgebraError` where inputs are not finite.
  package init(_ data: Dataset, _ local: LocalKernels, keepsAll: Bool = false) throws(LinearAlgebraError) {
    // The inputs of supplied kernels are numbers of examples.
    if keepsAll || local.supplied != nil {
      self.init(data, local, inputs: data.inputs, form: .all)
      return
    }
    let pixels = local.grid.seenPixels
    if local.areLinear {
      if let basis = try LinearRange(data.inputs, pixels) {
        self.init(data, local, inputs: basis.examples, form: .basis(basis.coordinates)) {
          basis.remainders(data.inputs, pixels, targets: $0)
        }
        return
      }
    } else if let groups = ProportionalGroups(
      data.inputs, pixels, areOdd: local.areOdd, areHomogeneous: local.areHomogeneous)
    {
      self.init(
        data, local, inputs: data.inputs.selectingColumns(groups.representatives),
        form: .groups(groups.group, factors: groups.factors)
      ) { groups.remainders(data.inputs, pixels, areHomogeneous: local.areHomogeneous, targets: $0) }
      return
    }
    self.init(data, local, inputs: data.inputs, form: .all)
  }

  private init(
    _ data: Dataset, _ local: LocalKernels, inputs: Matrix, form: Form,
    remainders: (Matrix) -> Matrix = { 0 * $0 }
  ) {
    self.inputs = inputs
    pixels = local.grid.seenPixels
    (areOdd, areHomogeneous) = (local.areOdd, local.areHomogeneous)
    amplification = local.roundingAmplification(inputs)
    self.form = form
    outsideCount = data.count - inputs.columns
    switch form {
    case .all: (targets, multiplicities) = (data.targets, nil)
    case .groups(let group, let factors):
      var sums = [Double](repeating: 0, count: inputs.columns)
      var targets = Matrix(rows: inputs.columns, columns: data.outputs)
      for (mu, g) in group.enumerated() {
        sums[g] += factors[mu] * factors[mu]
        for d in 0..<data.outputs { targets[g, d] += factors[mu] * data.targets[mu, d] }
      }
      for d in 0..<data.outputs { for g in sums.indices { targets[g, d] /= sums[g] } }
      (self.targets, multiplicities) = (targets, sums)
    case .basis(let coordinates):
      targets = coordinates * data.targets
      multiplicities = nil
    }
    if case .all = form {
      outsideNormSquared = 0
      self.remainders = Matrix(rows: data.outputs, columns: data.outputs)
    } else {
      let outside = data.targets - Self.spread(targets, form)
      outsideNormSquared = outside.innerProduct(outside)
      self.remainders = remainders(outside)
    }
  }

  /// Whether the examples are fewer than those of the training set.
  package var isReduced: Bool { outsideCount > 0 || multiplicities != nil || isBasis }
  var isBasis: Bool { if case .basis = form { true } else { false } }

  /// F B for B of size r x k.
  package func spread(_ b: Matrix) -> Matrix { Self.spread(b, form) }

  private static func spread(_ b: Matrix, _ form: Form) -> Matrix {
    switch form {
    case .all: b
    case .groups(let group, let factors):
      Matrix(rows: group.count, columns: b.columns) { mu, d in factors[mu] * b[group[mu], d] }
    case .basis(let coordinates): coordinates.asTranspose * b
    }
  }

  /// Y - f over the training set, P x D, from y' - f' at these examples.
  package func residual(_ own: Matrix, of data: Dataset) -> Matrix {
    isReduced ? data.targets - spread(targets - own) : own
  }

  /// The variance T/d_g of the noise of example g.
  package func noise(_ temperature: Double, _ g: Int) -> Double {
    multiplicities.map { temperature * (1 / $0[g]) } ?? temperature
  }

  /// The variances T/d of the noise of all examples.
  package func noises(_ temperature: Double) -> [Double] {
    (0..<inputs.columns).map { noise(temperature, $0) }
  }

  /// diag(T/d) B.
  package func scaledByNoise(_ temperature: Double, _ b: Matrix) -> Matrix {
    guard let multiplicities else { return temperature * b }
    return Matrix(rows: b.rows, columns: b.columns) { g, d in temperature * (1 / multiplicities[g]) * b[g, d] }
  }

  /// diag(d)^(1/2) B for targets or means B, r x k: with it, and the kernel diag(d)^(1/2) K' diag(d)^(1/2),
  /// noise is T for all examples.
  package func whitened(_ b: Matrix) -> Matrix {
    guard let multiplicities else { return b }
    let roots = multiplicities.map { $0.squareRoot() }
    return Matrix(rows: b.rows, columns: b.columns) { g, d in roots[g] * b[g, d] }
  }

  /// diag(d)^(-1/2) B.
  package func unwhitened(_ b: Matrix) -> Matrix {
    guard let multiplicities else { return b }
    let roots = multiplicities.map { 1 / $0.squareRoot() }
    return Matrix(rows: b.rows, columns: b.columns) { g, d in roots[g] * b[g, d] }
  }

  /// diag(d)^(1/2) K diag(d)^(1/2) for a symmetric K of which the lower triangle is read.
  package func whitened(kernel k: consuming Matrix) -> Matrix {
    guard let multiplicities else { return k }
    let roots = multiplicities.map { $0.squareRoot() }
    var result = consume k
    for j in roots.indices { for i in j..<roots.count { result[i, j] *= roots[i] * roots[j] } }
    return result
  }

  /// F K' F^T, as a packed matrix of order P, of a symmetric K' of order r; with F (x) 1 for D outputs, where
  /// the order is P D and example mu of output c stands at mu D + c.
  package func spread(kernel k: PackedSymmetric, outputs d: Int = 1) -> PackedSymmetric {
    guard isReduced else { return k }
    let full = Matrix(rows: k.order, columns: k.order) { i, j in k[i, j] }
    // Element (mu D + c, j) is element (mu, c + D j) of a matrix over examples.
    let spreadRows = { (m: Matrix) in
      let columns = m.columns
      let arranged = Matrix(rows: m.rows / d, columns: d * columns) { g, k in m[g * d + k % d, k / d] }
      let wide = self.spread(arranged)
      return Matrix(rows: wide.rows * d, columns: columns) { row, j in wide[row / d, row % d + d * j] }
    }
    return PackedSymmetric(lowerTriangleOf: spreadRows(spreadRows(full).transposed))
  }

  /// What the part of the training set outside the range contributes to log det A and y^T A^-1 y.
  ///
  /// - Parameter isWhitened: whether A is that of `whitened(kernel:)`, with noise T; else noise is T/d.
  package func outside(_ temperature: Double, isWhitened: Bool) -> OutsideRange {
    guard isReduced else { return .nothing }
    var logDeterminant = Double(outsideCount) * log(temperature)
    if !isWhitened, let multiplicities { logDeterminant += multiplicities.reduce(0) { $0 + log($1) } }
    return OutsideRange(
      logDeterminant: Double(targets.columns) * logDeterminant, quadraticForm: outsideNormSquared / temperature,
      remainders: remainders.trace > 0 ? (1 / temperature) * ((1 / temperature) * remainders) : nil)
  }
}

/// Constants of log det A and y^T A^-1 y over all outputs, D [(P - r) log T + sum log d] and |Y_perp|^2/T: no
/// gradient sees them, action and evidence do.
package struct OutsideRange: Sendable {
  package let logDeterminant: Double
  package let quadraticForm: Double
  /// v^T v/T^2, D x D, v what the relations between examples leave of Y_perp; nil for 0.
  private let remainders: Matrix?

  fileprivate init(logDeterminant: Double, quadraticForm: Double, remainders: Matrix?) {
    self.logDeterminant = logDeterminant
    self.quadraticForm = quadraticForm
    self.remainders = remainders
  }

  package static let nothing = OutsideRange(logDeterminant: 0, quadraticForm: 0, remainders: nil)

  /// |v V_c|/T for the columns of a basis V of the outputs; the norm over all outputs where one channel holds
  /// several.
  package func relationResiduals(basis: Matrix, outputs: Int) -> [Double] {
    guard let squares = remainders else { return [Double](repeating: 0, count: basis.columns) }
    if outputs > 1 { return [squares.trace.squareRoot()] }
    return (basis.asTranspose * squares * basis).diagonal.map { max($0, 0).squareRoot() }
  }
}

/// The singular value decomposition X = U S V^T of inputs that are linearly dependent in double precision.
private struct LinearRange {
  /// U S, in the inputs' coordinates; pixels that no patch covers are 0.
  let examples: Matrix
  /// V^T, r x P.
  let coordinates: Matrix

  /// Nil where the examples are linearly independent: where X^T X has a Cholesky factor after 2 P 2^-52 of its
  /// largest element, a bound of the rounding of a factorisation, was taken from its diagonal; else singular
  /// values count as 0 below max(M, P) 2^-52 of the largest, the usual threshold for a rank.
  init?(_ inputs: Matrix, _ pixels: [Int]) throws(LinearAlgebraError) {
    let x = inputs.selectingRows(pixels)
    let unit = Double.ulpOfOne
    if x.columns <= x.rows {
      var gram = x.asTranspose * x
      let rounding = 2 * Double(x.columns) * unit * (gram.diagonal.max() ?? 0)
      for i in 0..<gram.rows { gram[i, i] -= rounding }
      guard (try? Cholesky(gram)) == nil else { return nil }
    }
    let svd = try ThinSVD(x)
    let rounding = Double(max(x.rows, x.columns)) * unit * (svd.values.first ?? 0)
    let rank = max(1, svd.values.count { $0 > rounding })
    coordinates = svd.rightTransposed.selectingRows(0..<rank)
    var examples = Matrix(rows: inputs.rows, columns: rank)
    for a in 0..<rank {
      for (k, pixel) in pixels.enumerated() { examples[pixel, a] = svd.values[a] * svd.left[k, a] }
    }
    self.examples = examples
  }

  /// v^T v, D x D, with v = (1 - U U^T) X Y_perp over the size of the examples: as Y_perp is orthogonal to V up
  /// to rounding, which U U^T takes out, what X has beside U S V^T. 0 where as many examples as there are
  /// pixels leave nothing beside.
  func remainders(_ inputs: Matrix, _ pixels: [Int], targets: Matrix) -> Matrix {
    let rank = coordinates.rows
    guard rank < pixels.count else { return Matrix(rows: targets.columns, columns: targets.columns) }
    let x = inputs.selectingRows(pixels)
    let (rows, columns) = ((0..<x.rows).map(x.row), (0..<targets.columns).map(targets.column))
    var v = Matrix(rows: x.rows, columns: columns.count) { accurateDot(rows[$0], columns[$1]) }
    let squares = examples.columnNormsSquared
    let u = examples.selectingRows(pixels)
    let shares = u.asTranspose * v
    v = v - u * Matrix(rows: rank, columns: columns.count) { shares[$0, $1] / squares[$0] }
    let size = (dot(squares, squares)).squareRoot() / Double(rank)
    return (1 / size) * (v.asTranspose * v)
  }
}

/// A scalar product as if in twice the precision (T. Ogita, S. M. Rump, S. Oishi, SIAM J. Sci. Comput. 26
/// (2005), algorithm Dot2): sums of terms that cancel to their rounding.
private func accurateDot(_ x: [Double], _ y: [Double]) -> Double {
  var (sum, rest) = (0.0, 0.0)
  for (a, b) in zip(x, y) {
    let product = a * b
    let next = sum + product
    let back = next - sum
    rest += (-product).addingProduct(a, b) + ((sum - (next - back)) + (product - back))
    sum = next
  }
  return sum + rest
}
