internal import Foundation
internal import LinearAlgebra

/// Gaussian-process regression with D outputs that decouple in a basis V of the output space: channel c has the
/// kernel s_c k(x, x') and the targets Y V_c, all with noise T (docs/theory.md, sections 5 and 7; T/d_g where
/// an example stands for several, `RangeExamples`). With A_c = T + s_c k(X, X),
///
///     mean_c(x) = s_c k(x)^T A_c^-1 Y V_c,   var_c(x) = s_c k(x, x) - s_c^2 k(x)^T A_c^-1 k(x),
///     mean = sum_c V_dc mean_c,   var of output d = sum_c V_dc^2 var_c.
///
/// For a renormalized kernel K_R = (1/lambda1) Q (x) K, V and s_c are the spectrum of Q; outputs that share one
/// kernel have all s_c equal and one factor.
///
/// Non-odd activations with several outputs add a feature m(x) whose D coefficients beta are coupled by their
/// prior N(0, R/(lambda1 n)) (Rasmussen and Williams, Gaussian Processes, 2006, section 2.7): means gain (m(x)
/// - s_c k(x)^T A_c^-1 m) beta_c, variances the posterior covariance of beta in the same directions.
///
/// Where Q couples D outputs at many positions nothing decouples: one channel holds all outputs of all
/// examples, example mu of output c at mu D + c (`interleaved`).
struct GaussianChannels<Factor: CovarianceFactor>: GaussianRegression {
  /// V, D x D, orthogonal.
  let basis: Matrix
  /// s_c, D numbers.
  let weights: [Double]
  /// Factors of T I + s_c k(X, X); a single one where all channels share it.
  let factors: [Factor]
  /// A_c^-1 (Y V_c - m beta_c) by channels, P x D.
  let coefficients: Matrix
  let feature: Feature?
  /// log det A over all channels.
  let logDeterminant: Double
  /// y^T A^-1 y over all channels.
  let quadraticForm: Double
  /// The variances of the noise of the examples: T, or T/d.
  let noise: [Double]
  let rounding: ElementRounding
  /// The root mean squares of Y V_c.
  let targetSizes: [Double]
  /// |Y_perp V_c|/T times the relative rounding of the relation between examples that sets Y_perp apart
  /// (`RangeExamples`), D numbers.
  let relationResiduals: [Double]
  /// D where the rows of one channel are examples and outputs, else 1.
  private let interleaved: Int
  private let toTrainingOrder: @Sendable (Matrix) -> Matrix

  struct Feature: Sendable {
    /// m(X), in the coordinates of the factors.
    let values: [Double]
    /// (T I + s_c k)^-1 m, P x D.
    let solved: Matrix
    /// The posterior of the coefficients, by channels.
    let coefficients: CoefficientPosterior
  }

  /// - Parameters:
  ///   - factoring: factors T I + s k(X, X) for a weight s.
  ///   - targets: Y, P x D, in the coordinates of the factors.
  ///   - outside: what the log determinant and the quadratic form have besides.
  ///   - noise: the variances of the noise of the examples.
  ///   - rounding: what rounding makes of k.
  ///   - toTrainingOrder: turns A^-1 B in the coordinates of the factors into noise T^-1 (b - f) of the
  ///     examples.
  ///   - interleaved: D where the one channel's rows are examples and outputs.
  /// - Throws: `RenormError.numericalFailure` where a covariance cannot be factored.
  init(
    factoring: (Double) throws(LinearAlgebraError) -> Factor, targets: Matrix, basis: Matrix, weights: [Double],
    feature prior: FeaturePrior? = nil, outside: OutsideRange = .nothing,
    noise: [Double], rounding: ElementRounding,
    toTrainingOrder: @escaping @Sendable (Matrix) -> Matrix = { $0 },
    interleaved: Int = 1
  ) throws(RenormError) {
    precondition(interleaved == 1 || weights.count == 1, "\(weights.count) channels of \(interleaved) outputs")
    self.interleaved = interleaved
    let channels = weights.indices
    let isShared = weights.allSatisfy { $0 == weights[0] }
    var factors: [Factor] = []
    for weight in isShared ? [weights[0]] : weights {
      factors.append(
        try Renorm.factoring("T I + K_R") { () throws(LinearAlgebraError) in try factoring(weight) })
    }
    let factor = { (channel: Int) in factors[isShared ? 0 : channel] }
    let channelTargets = targets * basis
    var coefficients = Matrix(columns: channels.map { factor($0).solve(channelTargets.column($0)) })
    var logDeterminant = channels.reduce(0) { $0 + factor($1).logDeterminant }
    feature = try prior.map { (prior) throws(RenormError) in
      let solved = Matrix(columns: channels.map { factor($0).solve(prior.values) })
      let coefficientPosterior = try Renorm.factoring("the covariance of the means") {
        () throws(LinearAlgebraError) in
        try CoefficientPosterior(
          prior: basis.asTranspose * (prior.covariance * basis),
          precision: .diagonal(channels.map { dot(prior.values, solved.column($0)) }),
          targets: channels.map { dot(solved.column($0), channelTargets.column($0)) })
      }
      logDeterminant += coefficientPosterior.logDeterminant
      coefficients = coefficients - solved * Matrix.diagonal(coefficientPosterior.mean)
      return Feature(values: prior.values, solved: solved, coefficients: coefficientPosterior)
    }
    targetSizes = channels.map { meanSquare(Matrix(columns: [channelTargets.column($0)])).squareRoot() }
    relationResiduals = outside.relationResiduals(basis: basis, outputs: interleaved)
    self.noise = noise.flatMap { [Double](repeating: $0, count: interleaved) }
    self.rounding = rounding
    self.toTrainingOrder = toTrainingOrder
    self.basis = basis
    self.weights = weights
    self.factors = factors
    self.coefficients = coefficients
    self.logDeterminant = logDeterminant + outside.logDeterminant
    quadraticForm = channelTargets.innerProduct(coefficients) + outside.quadraticForm
  }

  /// The factor of T I + s_c k(X, X).
  func factor(_ channel: Int) -> Factor { factors[factors.count == 1 ? 0 : channel] }

  var hasFeature: Bool { feature != nil }
  var outputs: Int { basis.rows * interleaved }

  func logLikelihood(count: Int) -> Double {
    -0.5 * (logDeterminant + quadraticForm + Double(count) * log(2 * .pi))
  }

  /// f = y - T A^-1 y at the training examples: errors need no kernel.
  func training(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> TrainingScores {
    let temperature = network.temperature
    let residual =
      range.isReduced || data.classes != nil
      ? range.residual(temperature * solvedTargets(), of: data) : nil
    return TrainingScores(
      error: residual.map(meanSquare) ?? temperature * temperature * meanSquare(coefficients),
      accuracy: data.classes == nil
        ? nil : residual.map { classificationAccuracy(data.targets - $0, data.targets) })
  }

  func trainingMeans(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> Matrix {
    data.targets - range.residual(network.temperature * solvedTargets(), of: data)
  }

  /// (y - f)/T at the examples that the kernels are over, in their order: A^-1 Y where the noise of all is T, r
  /// x D.
  private func solvedTargets() -> Matrix {
    interleaved > 1
      ? toTrainingOrder(Matrix(interleaved: coefficients.elements, columns: interleaved))
      : toTrainingOrder(coefficients) * basis.asTranspose
  }

  /// With E the rounding of k(X, X) a mean w^T y, w = A^-1 k(X, x), changes by w^T E A^-1 y.
  var roundingOfMeans: Double {
    let squares = weights.indices.map { c in
      weights[c] * weights[c] * dot(coefficients.column(c), coefficients.column(c))
    }
    return Double.ulpOfOne * rounding.amplification * rounding.kernelSize * squares.reduce(0, +).squareRoot()
  }

  func predict(_ block: HeldOutBlock) -> BlockPrediction {
    let block = interleaved > 1 ? block.spread(over: interleaved) : block
    var mean = (block.cross.asTranspose * coefficients) * Matrix.diagonal(weights)
    // The covariance between channels is diagonal but for the feature's part.
    let own = channelVariances(block)
    let squares = Matrix(rows: basis.columns, columns: basis.rows) { c, d in basis[d, c] * basis[d, c] }
    var (variance, error) = (own.variance * squares, own.error * squares)
    let meanError = (own.meanError.mapElements { $0 * $0 } * squares).mapElements { $0.squareRoot() }
    if let feature {
      let residual = featureResidual(block, own)
      let covariance = feature.coefficients.covariance
      mean = mean + Matrix(columns: [block.features]) * Matrix(columns: [feature.coefficients.mean]).transposed
      for p in 0..<variance.rows {
        for d in 0..<basis.rows {
          let direction = weights.indices.map { basis[d, $0] * residual.values[p, $0] }
          let change = weights.indices.map { abs(basis[d, $0]) * residual.errors[p, $0] }
          let square = dot(direction, covariance * direction)
          variance[p, d] += square
          error[p, d] += 2 * (max(square, 0) * dot(change, covariance.mapElements(abs) * change)).squareRoot()
        }
      }
    }
    guard interleaved == 1 else {
      let rows = { (m: Matrix) in Matrix(interleaved: m.elements, columns: interleaved) }
      return BlockPrediction(
        mean: rows(mean), meanError: rows(meanError), variance: rows(variance), error: rows(error))
    }
    return BlockPrediction(
      mean: mean * basis.asTranspose, meanError: meanError, variance: variance, error: error)
  }

  /// What the uncertainty of the feature's coefficients adds to the covariance of one output between b points,
  /// b x b; nil where there is no feature.
  func featureDirections(cross: Matrix, values: [Double], output d: Int) -> Matrix? {
    guard let feature else { return nil }
    let scaled = (cross.asTranspose * feature.solved) * Matrix.diagonal(weights)
    let directions = Matrix(rows: values.count, columns: weights.count) { p, c in
      basis[d, c] * (values[p] - scaled[p, c])
    }
    return directions * feature.coefficients.covariance * directions.asTranspose
  }
}

/// A feature m(x) with coefficients beta ~ N(0, prior) over the outputs.
struct FeaturePrior: Sendable {
  /// m(X), P numbers.
  let values: [Double]
  /// The prior covariance of the coefficients, D x D.
  let covariance: Matrix
}
