internal import Foundation
internal import LinearAlgebra
internal import RenormAction

/// A member of a family with its log evidence and what derivatives need.
///
/// The order parameter is stationary, so that a derivative of the evidence by a parameter t is that of its
/// explicit dependence alone (docs/theory.md, section 7),
///
///     d log p/dt = -1/2 { N d prior/dt + tr[(A^-1 - u u^T) dA/dt] },   u = A^-1 y,
///
/// at a minimum and at a saddle.
struct EvidencePoint {
  let result: FitResult
  private let family: KernelFamily
  private let solved: SolvedAction
  /// y^T A^-1 y over all outputs; nil for other likelihoods than Gaussian noise.
  private let quadraticForm: Double?
  /// The Gaussian process with a factor of its own; nil where one was not needed yet.
  private let posterior: Posterior?

  /// - Parameter start: coordinates of a neighbour's order parameter; left alone where they are of another
  ///   order.
  init(_ family: KernelFamily, _ member: Network, from start: Matrix?) throws(RenormError) {
    self.family = family
    let space = family.kernels.space
    let start = start.flatMap { $0.rows == space.order ? BlockDiagonal(of: $0, sizes: space.blockSizes) : nil }
    solved = try family.solved(member, from: start)
    if let regression = try family.kernels.regression(member, solved) {
      result = FitResult(
        member, solved.solution, regression, family.training, family.range, on: family.local.grid)
      (quadraticForm, posterior) = ((regression as? any GaussianRegression)?.quadraticForm, nil)
    } else {
      let own = try family.posterior(member, solved.solution)
      posterior = own
      (result, quadraticForm) = (own.result, (own.regression as? any GaussianRegression)?.quadraticForm)
    }
  }

  /// The relative step of the differences of kernels and covariances: errors of 1e-8.
  private static let step = 1e-4

  /// The derivative of the log evidence by the logarithm of a parameter; nil where it has no explicit form that
  /// is cheaper than a difference of fits.
  func derivative(_ parameter: NetworkParameter) throws(RenormError) -> Double? {
    let network = result.network
    // The kernels of a deep network have lambda1 inside, and come in chains.
    guard network.depth == 1, let quadraticForm else { return nil }
    switch parameter {
    case .temperature:
      guard let share = try kernelShare() else { return nil }
      let count = Double(family.training.targets.elements.count)
      return (quadraticForm - count + share) / 2
    case .lambda1: return try kernelShare().map { $0 / 2 }
    default: break
    }
    if network.nodePrior.parameters[parameter] != nil { return nil }
    if network.readout.parameters[parameter] != nil, network.width != .infinite {
      return try readoutDerivative(parameter)
    }
    return try kernelDerivative(parameter)
  }

  /// tr(A^-1 K_R) - u^T K_R u: with dK_R/d log lambda1 = -K_R and dA/d log T = A - K_R all that T and lambda1
  /// need. At finite width it is N times the product of the data's gradient and the order parameter.
  private func kernelShare() throws(RenormError) -> Double? {
    let (network, weights) = (result.network, solved.solution.weights)
    if let value = solved.value, let units = network.width.units {
      let own = value.covarianceGradient.innerProduct(weights.covariance)
      let means = zip(value.meanGradient, weights.mean) { $0.innerProduct($1) } ?? 0
      return Double(units) * (own + means)
    }
    guard network.width == .infinite, let regression = posterior?.regression as? GaussianChannels<Cholesky>,
      regression.feature == nil
    else {
      return nil
    }
    // tr(A^-1 K) = r - tr(A^-1 N), u^T K u = u^T y - u^T N u for the noise N.
    var share = 0.0
    var traces: [Double] = []
    for factor in regression.factors {
      let inverse = factor.inverseLowerTriangle().diagonal
      traces.append(zip(inverse, regression.noise).reduce(0) { $0 + $1.0 * $1.1 })
    }
    let targets = family.range.targets * regression.basis
    for c in regression.weights.indices {
      let u = regression.coefficients.column(c)
      share += Double(u.count) - traces[traces.count == 1 ? 0 : c]
      share -= dot(u, targets.column(c)) - zip(u, regression.noise).reduce(0) { $0 + $1.0 * $1.0 * $1.1 }
    }
    return share
  }

  /// A parameter of S at finite width. Held fixed is Q = B Q' B^T, with which A stays as it is, and the prior
  /// tr(S^-1 Q) - log det Q + log det S changes alone: d log p/dt = N/2 tr[B^+ dS/dt B^+^T (Q' - 1)], with
  /// Qbar' at a saddle too.
  private func readoutDerivative(_ parameter: NetworkParameter) throws(RenormError) -> Double? {
    let (network, solution) = (result.network, solved.solution)
    guard let units = network.width.units, let basis = solution.space.basis, basis.columns == basis.rows,
      network.nodePrior.law == nil, let value = network.number(parameter)
    else { return nil }
    func covariance(_ sign: Double) throws(RenormError) -> Matrix? {
      let changed = try network.with(parameter, value * exp(sign * Self.step))
      return changed.readout.covariance(on: family.local.grid)?.spread(over: solution.space.outputs)
    }
    guard let up = try covariance(1), let down = try covariance(-1) else { return nil }
    // Where S is nearly singular its inverse is made of rounding.
    let gram = (basis.asTranspose * basis).symmetricPart
    guard let spectrum = try? SymmetricEigen(gram), let least = spectrum.values.first,
      let largest = spectrum.values.last, least > 1e-7 * largest
    else { return nil }
    let inverse = spectrum.map { 1 / $0 } * basis.asTranspose
    let change = inverse * ((1 / (2 * Self.step)) * (up - down)) * inverse.asTranspose
    let excess = solution.coordinates - .identity(solution.space.order)
    return Double(units) / 2 * change.innerProduct(excess)
  }

  /// A parameter that kernels depend on: the change of K_R at fixed weights is a central difference, two passes
  /// over the kernels without a search.
  private func kernelDerivative(_ parameter: NetworkParameter) throws(RenormError) -> Double? {
    let (network, solution) = (result.network, solved.solution)
    guard network.supplied == nil, let value = network.number(parameter) else { return nil }
    let own: Posterior
    if let posterior { own = posterior } else { own = try family.posterior(network, solution) }
    guard let regression = own.regression as? GaussianChannels<Cholesky>, regression.feature == nil else {
      return nil
    }
    let inputs = family.range.inputs
    let isFull = own.kernel.meanWeights != nil || own.kernel.outputs > 1
    let threads = family.local.threads
    func kernel(_ sign: Double) throws(RenormError) -> Matrix {
      let changed = try network.with(parameter, value * exp(sign * Self.step))
      let (local, readout) = try changed.kernels(on: family.training.shape, threads: threads)
      // At infinite width Q' = 1 in the coordinates of the changed readout.
      let kept =
        network.width == .infinite
        ? Solution.infiniteWidth(
          changed.orderParameterSpace(local, readout, outputs: family.training.outputs),
          tolerance: solution.convergence.tolerance) : solution
      let rule = changed.renormalizedKernel(kept, local: local)
      return isFull ? rule.cross(inputs, inputs) : rule.training(inputs)
    }
    return try Parallel.withThreads(threads) { () throws(RenormError) in
      let change = (1 / (2 * Self.step)) * (try kernel(1) - kernel(-1))
      let inverses = regression.factors.map { $0.inverseLowerTriangle() }
      var derivative = 0.0
      for (c, weight) in regression.weights.enumerated() {
        var g = inverses[inverses.count == 1 ? 0 : c]
        let u = regression.coefficients.column(c)
        g.add(-1, outer: u, u)
        derivative -= weight / 2 * g.innerProductOfLowerTriangles(change)
      }
      return derivative
    }
  }
}

/// The value of two optionals together.
private func zip<A, B, Result>(_ a: A?, _ b: B?, _ body: (A, B) -> Result) -> Result? {
  guard let a, let b else { return nil }
  return body(a, b)
}
