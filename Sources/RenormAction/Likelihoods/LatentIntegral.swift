package import LinearAlgebra

/// The integral over the latents of all P examples under a Gaussian process of covariance K (order m P, latent
/// c of example mu at mu m + c),
///
///     log Z_lik(K) = log int N(g; 0, K) prod_mu p(y_mu | g_mu) dg,
///
/// in an approximation, with what its derivative and predictions are made of. With W = L L^T the curvatures of
/// the likelihood, or of what an approximation puts in its place,
///
///     B = 1 + L^T K L,   R = L B^-1 L^T = (K + W^-1)^-1,
///     G = -2 d log Z_lik/dK = R + b b^T - (a + b)(a + b)^T,
///
/// K = 0, or a singular K, needs no inverse, and no eigenvalue of B is below 1. For Gaussian noise R = A^-1, a
/// = A^-1 y and b = 0 (docs/classification.md; Rasmussen and Williams, Gaussian Processes, 2006, sections 3.4
/// and
/// 5.5).
package struct LatentIntegral: InverseFactor {
  /// log Z_lik.
  package let logLikelihood: Double
  /// a: the mean of the latents in the approximation is K a.
  package let weights: [Double]
  /// b: what the width of the posterior adds to a in the derivative; zero where there is nothing.
  package let shift: [Double]
  /// Whether the approximation's iteration has converged.
  package let hasConverged: Bool
  /// Where a search at a neighbouring K may start.
  package let state: [Double]
  let root: LatentRoot
  /// B.
  let factor: Cholesky
  /// The lower triangle of B^-1, where it was made; kept until R is.
  var inner: Matrix?

  /// u = a + b, the response to sources: the mean of a latent with covariances k to those of the examples is
  /// k^T u.
  package var response: [Double] { zip(weights, shift).map { $0 + $1 } }

  package var order: Int { factor.order }

  /// C^-1 L^T X with B = C C^T.
  package func whiten(_ x: Matrix) -> Matrix { factor.solveLower(root.transposedTimes(x)) }
  /// L C^-T X.
  package func color(_ x: Matrix) -> Matrix { root.times(factor.solveLowerTransposed(x)) }
  /// R X.
  package func solve(_ x: Matrix) -> Matrix { root.times(factor.solve(root.transposedTimes(x))) }

  /// The largest trace of a block of W, which no eigenvalue of R exceeds.
  package var largestPrecision: Double { root.largestTrace }

  /// The lower triangle of R.
  package var inverse: Matrix {
    root.congruence(lower: inner ?? factor.inverseLowerTriangle(), transposed: false)
  }

  /// The integral without what is needed for R alone.
  package var compact: LatentIntegral {
    var result = self
    result.inner = nil
    return result
  }
}

/// How the integral over latents is approximated.
package protocol LatentApproximation: Sendable {
  /// The integral at a covariance.
  ///
  /// - Parameters:
  ///   - kernel: K, both triangles.
  ///   - labels: rows of the targets.
  ///   - start: the `state` of the integral at a neighbouring K.
  /// - Throws: `LinearAlgebraError` where a matrix is not finite.
  func integral(
    _ kernel: Matrix, labels: [[Double]], _ likelihood: any LatentLikelihood, from start: [Double]?
  ) throws(LinearAlgebraError) -> LatentIntegral
}

/// The approximations of the integral over latents that can be chosen by name.
public enum LikelihoodApproximation: String, Sendable, CaseIterable {
  /// A Gaussian at the mode, and the response of its integral to sources for means (`LaplaceApproximation`).
  case laplace
  /// Expectation propagation (`ExpectationPropagation`), for one latent an example.
  case ep

  package var method: any LatentApproximation {
    switch self {
    case .laplace: LaplaceApproximation()
    case .ep: ExpectationPropagation()
    }
  }
}
