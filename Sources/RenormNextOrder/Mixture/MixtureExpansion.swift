internal import LinearAlgebra
internal import RenormAction

/// The mixture over the order parameter to order 1/N: weights det Q^((N - n - 1)/2) exp(-N tr Q/2) N(y; 0,
/// A(Q)), around the minimum of S in its frame, Q = L (1 + X) L^T.
///
///     H_kl = delta_kl + (1/N) (2 u K_k A^-1 K_l u - tr(A^-1 K_k A^-1 K_l)),   Cov(X) = (2/N) H^-1,
///     <X>  = -H^-1 <C''>/2,   C(X) = sym((1 + X)(L^T L + gamma(X))) - 1,   C' = H at the minimum,
///
/// gamma the data part of the gradient in the frame, since <C> = 0 exactly (integration by parts along X = e
/// X). Second derivatives are those of closed form, summed over all directions of Cov(X): nothing is drawn.
struct MixtureExpansion: Sendable {
  /// A root R of Cov(X) = R R^T, dimension x dimension.
  let spread: Matrix
  /// <X>.
  let shift: [Double]
  /// log E_Q N(y; 0, A(Q)) less the leading order's evidence: -(1/2) log det H.
  let evidenceShift: Double
  /// <Q> - Q0 relative to Q0: the norm of `shift`.
  var size: Double { dot(shift, shift).squareRoot() }

  /// - Throws: `RenormError.numericalFailure` where H is not positive definite: no minimum.
  init(_ problem: NextOrderProblem) throws(RenormError) {
    let (kernels, frame, width, scale) = (problem.kernels, problem.frame, problem.width, problem.scale)
    let dimension = frame.dimension
    let products = kernels.y.asTranspose * kernels.y
    let factor = scale * scale / width
    let hessian = Matrix(rows: dimension, columns: dimension) { k, l in
      (k == l ? 1 : 0) + factor * (2 * products[k, l] - kernels.inverseGram[k, l])
    }
    let eigen = try factoring("the curvature of the action") { () throws(LinearAlgebraError) in
      try SymmetricEigen(hessian)
    }
    guard let smallest = eigen.values.first, smallest > 0 else {
      throw .numericalFailure(
        what: "the order parameter is no minimum of the action (smallest curvature \(eigen.values.first ?? 0))",
        advice: "lower the tolerance of the fit, or raise the temperature")
    }
    let weights = eigen.values.map { 2 / (width * $0) }
    let spread = Matrix(rows: dimension, columns: dimension) {
      eigen.vectors[$0, $1] * weights[$1].squareRoot()
    }

    // <C''> = <2 sym(X gamma'(X)) + gamma''(X, X)>, and gamma'(E) = (h - 1) E for eigenvectors E of H.
    var bend = [Double](repeating: 0, count: dimension)
    for alpha in 0..<dimension {
      let direction = frame.matrix(eigen.vectors.column(alpha))
      bend.add(2 * weights[alpha] * (eigen.values[alpha] - 1), direction.map { $0 * $0 }.coordinates)
    }
    var second = kernels.sumOfSquares(spread)
    let turned = Matrix(columns: [second * kernels.eta])
    let eta = Matrix(columns: [kernels.eta])
    let targets = kernels.y * spread
    second = 2 * second
    second.add(-2, congruence: turned, .identity(1), eta)
    second.add(-2, congruence: eta, .identity(1), turned)
    second.add(-2, congruence: targets, .identity(dimension), targets)
    bend.add(scale * factor, kernels.innerProducts(second))

    self.spread = spread
    shift = spread * (spread.asTranspose * bend.scaled(by: -width / 4))
    evidenceShift = -0.5 * eigen.values.reduce(0) { $0 + logarithm($1) }
  }

  /// Cov(X) g, the shift of <X> by a factor 1 + g.X of the weights.
  func response(_ gradient: [Double]) -> [Double] { spread * (spread.asTranspose * gradient) }
}
