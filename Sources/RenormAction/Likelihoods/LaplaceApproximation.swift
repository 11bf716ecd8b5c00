package import LinearAlgebra

/// Laplace's approximation of the integral over latents: with the mode g = K a, a = d log p/dg there, and W = L
/// L^T minus the second derivatives,
///
///     log Z_lik = sum log p(y | g) - a^T g/2 - (1/2) log det B,   B = 1 + L^T K L
///
/// (Rasmussen and Williams, Gaussian Processes, 2006, sections 3.4 and 3.5; C. K. I. Williams and D. Barber,
/// IEEE PAMI 20 (1998)). The mode moves with K, so that the derivative G = R - a a^T - a b^T - b a^T has
///
///     b = s - R K s,   s_mu = -(1/2) d/dg tr(V_mu W_mu(g)),   V = K - K R K,
///
/// and k^T (a + b), the derivative of log Z_lik by a source at a point, is a better mean there than the mode's
/// k^T a: the first correction of its skewness.
package struct LaplaceApproximation: LatentApproximation {
  package init() {}

  package func integral(
    _ kernel: Matrix, labels: [[Double]], _ likelihood: any LatentLikelihood, from start: [Double]?
  ) throws(LinearAlgebraError) -> LatentIntegral {
    var mode = LatentMode(kernel, labels, likelihood, start: start ?? [])
    if start == nil {
      for step in likelihood.path {
        mode = LatentMode(kernel, labels, step, start: mode.weights)
        try mode.search()
      }
      mode = LatentMode(kernel, labels, likelihood, start: mode.weights)
    }
    try mode.search()
    let (root, factor) = try mode.factored()
    let m = likelihood.latents
    let product = root.transposedTimes(kernel)
    let whitened = factor.solveLower(product)
    var s: [Double] = []
    for mu in labels.indices {
      let columns = (0..<m).map { whitened.column(mu * m + $0) }
      let variance = Matrix(rows: m, columns: m) { c, d in
        kernel[mu * m + c, mu * m + d] - dot(columns[c], columns[d])
      }
      s += likelihood.force(at: mode.latents(mu), label: labels[mu], variance: variance)
    }
    var shift = s
    shift.add(-1, root.times(factor.solve(product * s)))
    return LatentIntegral(
      logLikelihood: mode.objective - factor.logDeterminant / 2, weights: mode.gradient, shift: shift,
      hasConverged: mode.hasConverged, state: mode.gradient, root: root, factor: factor)
  }
}

/// The search for the mode of the latents: the maximum of psi(a) = sum log p(y | g) - a^T g/2, g = K a, which
/// is concave and has one. Newton's step is a' = t - R K t, t = W g + d log p/dg; it is halved while psi falls.
private struct LatentMode {
  private let kernel: Matrix
  private let labels: [[Double]]
  private let likelihood: any LatentLikelihood
  /// a.
  private(set) var weights: [Double]
  /// g = K a.
  private var g: [Double]
  private var local: [LatentDerivatives]
  private(set) var hasConverged = false

  /// - Parameter start: a, unless a = 0 is nearer to the maximum; none where empty.
  init(_ kernel: Matrix, _ labels: [[Double]], _ likelihood: any LatentLikelihood, start: [Double]) {
    (self.kernel, self.labels, self.likelihood) = (kernel, labels, likelihood)
    weights = [Double](repeating: 0, count: kernel.rows)
    g = weights
    local = []
    local = derivatives(g)
    guard start.count == weights.count else { return }
    let product = kernel * start
    let there = derivatives(product)
    if objective(there, start, product) >= objective { (weights, g, local) = (start, product, there) }
  }

  /// d log p/dg at the mode, which is a there.
  var gradient: [Double] { local.flatMap(\.gradient) }

  func latents(_ mu: Int) -> [Double] {
    Array(g[mu * likelihood.latents..<(mu + 1) * likelihood.latents])
  }

  /// psi, with d log p/dg for a.
  var objective: Double { objective(local, weights, g) }

  private func objective(_ local: [LatentDerivatives], _ weights: [Double], _ g: [Double]) -> Double {
    local.reduce(0) { $0 + $1.value } - dot(weights, g) / 2
  }

  private func derivatives(_ g: [Double]) -> [LatentDerivatives] {
    let m = likelihood.latents
    return labels.indices.map { mu in
      likelihood.derivatives(at: Array(g[mu * m..<(mu + 1) * m]), label: labels[mu])
    }
  }

  /// L and the factor of B = 1 + L^T K L here.
  func factored() throws(LinearAlgebraError) -> (LatentRoot, Cholesky) {
    let root = try LatentRoot(of: local.map(\.curvature), latents: likelihood.latents)
    var b = root.rightTimes(root.transposedTimes(kernel), transposed: false)
    for i in 0..<b.rows { b[i, i] += 1 }
    return (root, try Cholesky(b))
  }

  /// Steps until they are below 1e-13 of the likelihood's steepness; a search takes 6 to 11 from nothing.
  mutating func search() throws(LinearAlgebraError) {
    for _ in 0..<Self.largestCount {
      let (root, factor) = try factored()
      // t = L L^T g + d log p/dg.
      var target = root.times(root.transposedTimes(g))
      target.add(1, gradient)
      var next = target
      next.add(-1, root.times(factor.solve(root.transposedTimes(kernel * target))))
      next.add(-1, weights)
      let change = kernel * next
      let here = objective
      // What rounding leaves of psi.
      let rounding = 1e-13 * (local.reduce(0) { $0 + abs($1.value) } + abs(dot(weights, g)))
      var length = 1.0
      repeat {
        var (trial, position) = (weights, g)
        trial.add(length, next)
        position.add(length, change)
        let there = derivatives(position)
        if objective(there, trial, position) >= here - rounding {
          (weights, g, local) = (trial, position, there)
          break
        }
        length /= 2
      } while length > 1e-12
      let size = next.reduce(0) { max($0, abs($1)) }
      let scale = likelihood.steepness + weights.reduce(0) { max($0, abs($1)) }
      if length == 1, size < 1e-13 * scale {
        hasConverged = true
        return
      }
      if length <= 1e-12 {
        // No step improves psi beyond its rounding.
        hasConverged = size < 1e-7 * scale
        return
      }
    }
  }

  /// More steps than a concave function of this kind was seen to need from anywhere, twenty times over.
  private static let largestCount = 400
}
