internal import Foundation
package import LinearAlgebra

/// Expectation propagation for one latent an example (T. P. Minka, UAI 2001; Rasmussen and Williams, Gaussian
/// Processes, 2006, section 3.6): sites exp(nu g - tau g^2/2) in the place of p(y | g), whose moments agree
/// with those of p(y | g) in the Gaussian of all other sites. With V = (K^-1 + diag tau)^-1, a = nu - R K nu,
///
///     log Z_lik = nu^T V nu/2 - (1/2) log det B + sum_mu [ log int p(y | g) exp(nu_- g - tau_- g^2/2) dg
///                                                        - Phi(tau_p, nu_p) ],
///     Phi(tau, nu) = nu^2/(2 tau) - (1/2) log tau + (1/2) log(2 pi),
///
/// _- the cavity (the marginal without the site), _p the marginal. tau stays positive where log p is concave.
/// At the fixed point G = R - a a^T is the exact derivative, as log Z is stationary in the sites.
package struct ExpectationPropagation: LatentApproximation {
  package init() {}

  /// The share of a new site that an iteration takes: updates of all sites at once may overshoot.
  private static let damping = 0.8
  private static let tolerance = 1e-11
  /// A search takes 20 to 30.
  private static let largestCount = 500

  package func integral(
    _ kernel: Matrix, labels: [[Double]], _ likelihood: any LatentLikelihood, from start: [Double]?
  ) throws(LinearAlgebraError) -> LatentIntegral {
    precondition(likelihood.latents == 1, "expectation propagation with \(likelihood.latents) latents")
    let count = labels.count
    var sites: Sites
    if let start, start.count == 2 * count {
      sites = Sites(tau: Array(start[..<count]), nu: Array(start[count...]))
    } else {
      sites = try Sites(kernel, labels, likelihood)
    }
    var hasConverged = false
    for _ in 0..<Self.largestCount where !hasConverged {
      let marginals = try sites.marginals(kernel)
      var change = 0.0
      var (tau, nu) = (sites.tau, sites.nu)
      for mu in 0..<count {
        let cavity = sites.cavity(mu, marginals)
        let tilted = TiltedMoments(cavity, labels[mu], likelihood)
        let steps = (
          1 / tilted.variance - cavity.tau - tau[mu], tilted.mean / tilted.variance - cavity.nu - nu[mu]
        )
        change = max(change, abs(steps.0) / (1 + abs(tau[mu])), abs(steps.1) / (1 + abs(nu[mu])))
        tau[mu] = max(tau[mu] + Self.damping * steps.0, 0)
        nu[mu] += Self.damping * steps.1
      }
      sites = Sites(tau: tau, nu: nu)
      hasConverged = change < Self.tolerance
    }
    let marginals = try sites.marginals(kernel)
    var value = dot(sites.nu, marginals.means) / 2 - marginals.factor.logDeterminant / 2
    for mu in 0..<count {
      let cavity = sites.cavity(mu, marginals)
      let p = (tau: 1 / marginals.variances[mu], nu: marginals.means[mu] / marginals.variances[mu])
      value += TiltedMoments(cavity, labels[mu], likelihood).logIntegral
      value -= p.nu * p.nu / (2 * p.tau) - log(p.tau) / 2 + log(2 * Double.pi) / 2
    }
    return LatentIntegral(
      logLikelihood: value, weights: marginals.weights, shift: [Double](repeating: 0, count: count),
      hasConverged: hasConverged, state: sites.tau + sites.nu, root: marginals.root, factor: marginals.factor)
  }
}

/// The sites of all examples.
private struct Sites {
  var tau: [Double]
  var nu: [Double]

  init(tau: [Double], nu: [Double]) { (self.tau, self.nu) = (tau, nu) }

  /// Laplace's: its mode and curvatures.
  init(_ kernel: Matrix, _ labels: [[Double]], _ likelihood: any LatentLikelihood) throws(LinearAlgebraError) {
    let laplace = try LaplaceApproximation().integral(kernel, labels: labels, likelihood, from: nil)
    let g = kernel * laplace.weights
    tau = laplace.root.elements.map { $0 * $0 }
    nu = zip(zip(tau, g), laplace.weights).map { $0.0 * $0.1 + $1 }
  }

  struct Marginals {
    let root: LatentRoot
    let factor: Cholesky
    /// a.
    let weights: [Double]
    let means: [Double]
    let variances: [Double]
  }

  /// Means K a and variances of the diagonal of V = K - K R K.
  func marginals(_ kernel: Matrix) throws(LinearAlgebraError) -> Marginals {
    let root = try LatentRoot(of: tau.map { [$0] }, latents: 1)
    let product = root.transposedTimes(kernel)
    let factor = try Cholesky(root.congruence(lower: kernel, transposed: true, ridge: 1))
    var weights = nu
    weights.add(-1, root.times(factor.solve(product * nu)))
    let explained = factor.solveLower(product).columnNormsSquared
    return Marginals(
      root: root, factor: factor, weights: weights, means: kernel * weights,
      variances: kernel.diagonal.indices.map { kernel[$0, $0] - explained[$0] })
  }

  /// The marginal of an example without its site.
  func cavity(_ mu: Int, _ marginals: Marginals) -> (tau: Double, nu: Double) {
    let precision = 1 / marginals.variances[mu]
    // Rounding may leave less than nothing where a site is all that is known.
    return (max(precision - tau[mu], 1e-12 * precision), marginals.means[mu] * precision - nu[mu])
  }
}

/// Moments of p(y | g) exp(nu_- g - tau_- g^2/2), by the trapezoidal rule: 321 points over 9.6 cavity
/// deviations to both sides of its mode, more where the likelihood is narrower.
private struct TiltedMoments {
  /// The logarithm of its integral.
  let logIntegral: Double
  let mean: Double
  let variance: Double

  init(_ cavity: (tau: Double, nu: Double), _ label: [Double], _ likelihood: any LatentLikelihood) {
    func value(_ g: Double) -> (LatentDerivatives, Double) {
      let local = likelihood.derivatives(at: [g], label: label)
      return (local, local.value + cavity.nu * g - cavity.tau * g * g / 2)
    }
    let deviation = 1 / cavity.tau.squareRoot()
    var mode = cavity.nu / cavity.tau
    var (local, height) = value(mode)
    for _ in 0..<100 {
      let step = (local.gradient[0] + cavity.nu - cavity.tau * mode) / (local.curvature[0] + cavity.tau)
      var length = 1.0
      while length > 1e-10 {
        let (next, there) = value(mode + length * step)
        if there >= height - 1e-14 * abs(height) {
          (mode, local, height) = (mode + length * step, next, there)
          break
        }
        length /= 2
      }
      if abs(step) < 1e-6 * deviation { break }
    }
    let width = 1 / (cavity.tau + local.curvature[0]).squareRoot()
    let half = min(max(160, Int(9.6 * deviation / width * 4)), 20_000)
    let spacing = 9.6 * deviation / Double(half)
    var sums = (0.0, 0.0, 0.0)
    for k in -half...half {
      let x = Double(k) * spacing
      let weight = exp(value(mode + x).1 - height)
      sums = (sums.0 + weight, sums.1 + weight * x, sums.2 + weight * x * x)
    }
    let offset = sums.1 / sums.0
    mean = mode + offset
    variance = sums.2 / sums.0 - offset * offset
    logIntegral = height + log(spacing * sums.0)
  }
}
