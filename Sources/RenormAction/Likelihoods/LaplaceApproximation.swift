internal import Foundation
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
    let (root, factor) = try mode.search()
    let m = likelihood.latents
    let inner = factor.inverseLowerTriangle()
    var s: [Double] = []
    for mu in labels.indices {
      let prior = (mu * m..<(mu + 1) * m).reduce(0) { $0 + kernel[$1, $1] }
      s += likelihood.force(
        at: mode.latents(mu), label: labels[mu], variance: root.variance(mu, inner: inner, prior: prior))
    }
    var shift = s
    shift.add(-1, root.times(factor.solve(root.transposedTimes(kernel * s))))
    return LatentIntegral(
      logLikelihood: mode.objective - factor.logDeterminant / 2, weights: mode.gradient, shift: shift,
      hasConverged: mode.hasConverged, state: mode.gradient, root: root, factor: factor, inner: inner)
  }
}

/// The search for the mode of the latents: the maximum of psi(a) = sum log p(y | g) - a^T g/2, g = K a, which
/// is concave and has one. Newton's step is a' - a = r - R K r, r = d log p/dg - a; it is halved while psi
/// falls.
///
/// R costs a factorisation, a step only products of the order's square. So a factor serves for as long as steps
/// with it shrink fast: where W is that of a point nearby they are no Newton steps, but rise, and converge
/// linearly (C. T. Kelley, Iterative Methods for Linear and Nonlinear Equations, 1995, section 5.4.1).
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
  private func factored() throws(LinearAlgebraError) -> (LatentRoot, Cholesky) {
    let root = try LatentRoot(of: local.map(\.curvature), latents: likelihood.latents)
    return (root, try Cholesky(root.congruence(lower: kernel, transposed: true, ridge: 1)))
  }

  /// Steps until they are below 1e-13 of the largest of a; returns L and the factor of B at the end.
  @discardableResult
  mutating func search() throws(LinearAlgebraError) -> (root: LatentRoot, factor: Cholesky) {
    var (root, factor) = try factored()
    // Steps with this factor, how far they led, and the size of the last one.
    var (steps, distance, previous) = (0, 0.0, Double.infinity)
    for _ in 0..<Self.largestCount {
      var residual = gradient
      residual.add(-1, weights)
      var step = residual
      step.add(-1, root.times(factor.solve(root.transposedTimes(kernel * residual))))
      let change = kernel * step
      let length = advance(step, change)
      let size = step.largestAbsolute
      // No curvature of log p is much larger than its slopes, and so rounding of g leaves about as much of a.
      let scale = weights.largestAbsolute
      steps += 1
      distance += length * change.largestAbsolute
      if length == 1, size <= Self.tolerance * scale {
        hasConverged = true
        break
      }
      // With the curvatures of here: no step improves psi beyond its rounding, or steps are made of it.
      if steps == 1, length < Self.shortest {
        hasConverged = size < 1e-7 * scale
        break
      }
      let ratio = size / previous
      if steps == 2, ratio > 0.5, size < 1e-9 * scale {
        hasConverged = true
        break
      }
      previous = size
      let remaining = ratio < 1 ? log(size / (Self.tolerance * scale)) / -log(ratio) : .infinity
      if length < 1 || (steps > 1 && !(remaining < Self.patience)) {
        (root, factor) = try factored()
        (steps, distance, previous) = (0, 0, .infinity)
      }
    }
    if distance >= 1e-12 { (root, factor) = try factored() }
    return (root, factor)
  }

  /// Takes the longest of the halved steps that does not decrease psi beyond its rounding, and returns its
  /// length; none below `shortest`.
  private mutating func advance(_ step: [Double], _ change: [Double]) -> Double {
    let here = objective
    // What rounding leaves of psi.
    let rounding = 1e-13 * (local.reduce(0) { $0 + abs($1.value) } + abs(dot(weights, g)))
    var length = 1.0
    while length >= Self.shortest {
      var (trial, position) = (weights, g)
      trial.add(length, step)
      position.add(length, change)
      let there = derivatives(position)
      if objective(there, trial, position) >= here - rounding {
        (weights, g, local) = (trial, position, there)
        return length
      }
      length /= 2
    }
    return 0
  }

  private static let tolerance = 1e-13
  private static let shortest = 1e-12
  /// Steps that are worth no factorisation.
  private static let patience = 10.0
  /// More steps than a concave function of this kind was seen to need from anywhere, twenty times over.
  private static let largestCount = 400
}

extension [Double] {
  fileprivate var largestAbsolute: Double { reduce(0) { Swift.max($0, abs($1)) } }
}
