package import LinearAlgebra

/// A fitted network: the order parameter, and the Gaussian process with the renormalized kernel
/// (docs/theory.md, section 7),
///
///     mean(x) = k(x)^T A^-1 y,   var(x) = K_R(x, x) - k(x)^T A^-1 k(x)
///     k(x)    = K_R(X, x),       A      = T I + K_R(X, X).
///
/// A is factored once; a prediction costs O(P^2) for its variance. Mean and variance are those of the network's
/// output f under the posterior of its weights, at leading order; a new label has the variance T more.
///
/// Where the order parameter couples D outputs at many positions, A and kernels are of order P D, with example
/// mu of output c at mu D + c.
public struct Posterior: Sendable {
  /// The training examples.
  public let training: Dataset
  /// What the fit has found.
  public let result: FitResult
  /// K_R as a function of two sets of inputs; over coupled outputs Kc/(lambda1 n), which Q multiplies.
  let kernel: RenormalizedKernel
  package let readout: ReadoutFactor
  /// The r examples that the factorisation is over: those that span the range of the kernels.
  let range: RangeExamples
  /// k(X, X) over the examples of `range`, r x r (r D x r D).
  private let rangeKernel: PackedSymmetric
  let regression: any Regression
  /// The prior covariance of the means' coefficients, D x D, where they are a feature of the regression.
  private let meanCovariance: Matrix?

  /// A posterior from what a file keeps of it.
  ///
  /// - Parameters:
  ///   - trainingKernel: k(X, X) for the kernel that `solution` implies.
  ///   - threads: for kernels with held-out points.
  /// - Throws: `RenormError.numericalFailure` where T I + K_R cannot be factored.
  package init(
    network: Network, training: Dataset, solution: Solution, trainingKernel: PackedSymmetric, threads: Int
  ) throws(RenormError) {
    let (local, readout) = try network.kernels(on: training.shape, threads: threads)
    let range = try RangeExamples(of: training, local, of: network)
    let rule = network.renormalizedKernel(solution, local: local)
    try self.init(
      network: network, training: training, range: range, solution: solution, local: local, readout: readout,
      rangeKernel: range.isReduced
        ? PackedSymmetric(lowerTriangleOf: rule.cross(range.inputs, range.inputs)) : trainingKernel)
  }

  /// - Parameters:
  ///   - rangeKernel: k(X, X) over `range` for the kernel that `solution` implies.
  ///   - elementRounding: the relative error of its elements; nil for that of double precision.
  ///   - integral: of a likelihood that is not Gaussian, where the fit ended with it.
  init(
    network: Network, training: Dataset, range: RangeExamples, solution: Solution, local: LocalKernels,
    readout: ReadoutFactor, rangeKernel: PackedSymmetric, elementRounding: Double? = nil,
    integral: LatentIntegral? = nil
  ) throws(RenormError) {
    self.training = training
    self.readout = readout
    self.range = range
    self.rangeKernel = rangeKernel
    kernel = network.renormalizedKernel(solution, local: local)
    let meanCovariance =
      solution.space.index == .output
      ? solution.weights.mean.map { network.kernelScale(local.positions) * $0.blocks[0] } : nil
    self.meanCovariance = meanCovariance
    regression =
      if let likelihood = network.latentLikelihood(outputs: training.outputs) {
        try Self.latentRegression(
          network, likelihood, training, range, solution, rangeKernel, elementRounding, integral, local)
      } else {
        try Self.gaussianRegression(
          network, training, range, solution, rangeKernel, elementRounding, meanCovariance, local, readout)
      }
    result = FitResult(network, solution, regression, training, range, on: local.grid)
  }

  /// Gaussian noise of variance T.
  private static func gaussianRegression(
    _ network: Network, _ training: Dataset, _ range: RangeExamples, _ solution: Solution,
    _ rangeKernel: PackedSymmetric, _ elementRounding: Double?, _ meanCovariance: Matrix?,
    _ local: LocalKernels,
    _ readout: ReadoutFactor
  ) throws(RenormError) -> GaussianChannels<Cholesky> {
    let isCoupled = solution.space.index == .output
    let interleaved = solution.space.interleavedOutputs
    let spectrum = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try SymmetricEigen(
        isCoupled ? solution.weights.covariance.blocks[0] : .identity(training.outputs / interleaved))
    }
    let temperature = network.temperature
    return try GaussianChannels(
      factoring: { (weight) throws(LinearAlgebraError) in
        var a = rangeKernel.lowerTriangle(scaledBy: weight)
        for i in 0..<a.rows { a[i, i] += range.noise(temperature, i / interleaved) }
        return try Cholesky(consume a)
      }, targets: interleaved > 1 ? Matrix(columns: [range.targets.interleaved]) : range.targets,
      basis: spectrum.vectors, weights: spectrum.values,
      feature: meanCovariance.map {
        FeaturePrior(values: readout.pooledMeans(local.means(range.inputs)), covariance: $0)
      }, outside: range.outside(temperature, isWhitened: false),
      noise: range.noises(temperature),
      rounding: ElementRounding(
        kernelSize: rangeKernel.rootMeanSquare, amplification: range.amplification, storage: elementRounding),
      toTrainingOrder: { range.scaledByNoise(1, $0) }, interleaved: interleaved)
  }

  /// Another likelihood. k(X, X) has an index of latents where the order parameter couples them at every
  /// position; else Q multiplies it between latents, the identity at infinite width.
  private static func latentRegression(
    _ network: Network, _ likelihood: any LatentLikelihood, _ training: Dataset, _ range: RangeExamples,
    _ solution: Solution, _ kernel: PackedSymmetric, _ elementRounding: Double?, _ integral: LatentIntegral?,
    _ local: LocalKernels
  ) throws(RenormError) -> LatentRegression {
    let weights: Matrix? =
      switch solution.space.index {
      case .output: solution.weights.covariance.blocks[0]
      case .positionAndOutput, .path: nil
      case .position, .layer: .identity(likelihood.latents)
      }
    return try LatentRegression(
      kernel: kernel.lowerTriangle, outputWeights: weights, likelihood,
      labels: (0..<training.count).map(training.targets.row), network.likelihood.approximation,
      solved: integral,
      elementRounding: elementRounding ?? Double.ulpOfOne * range.amplification, threads: local.threads)
  }

  /// k(X, X) over the whole training set, F k F^T for a range F: of order P, or P D.
  package var trainingKernel: PackedSymmetric { range.spread(kernel: rangeKernel, outputs: kernel.outputs) }

  /// The number of examples that the kernels are over: fewer than P where they have exact low rank.
  package var rangeSize: Int { range.inputs.columns }

  /// The Cholesky factor of A = T I + k(X, X) over the r examples of the factorisation; nil where the
  /// regression has none, or several.
  package var covarianceFactor: Cholesky? {
    guard let channels = regression as? GaussianChannels<Cholesky>, channels.weights == [1] else { return nil }
    return channels.factors.first
  }

  /// Bytes of k(X, X) and of that factor.
  package var matrixBytes: Int {
    8 * (rangeKernel.elements.count + (covarianceFactor?.lower.elements.count ?? 0))
  }

  /// k(x, x) at the training examples, of the kernel that the order parameter implies.
  package var trainingVariances: [Double] {
    Parallel.withThreads(kernel.local.threads) { kernel.diagonal(training.inputs) }
  }

  /// The part of the means of hidden units in the kernel of several outputs that couple by their order
  /// parameter, R (x) m m^T/(lambda1 n) on vec(Y), which `renormalizedKernel` leaves out: m(x) = sum_i B_i
  /// m_i(x) at the training examples, P numbers, and R/(lambda1 n), D x D (docs/theory.md, section 5); nil for
  /// odd activations, one output, several positions and infinite width, where that part is in the kernel or
  /// does not exist.
  public var outputMeans: (values: [Double], covariance: Matrix)? {
    meanCovariance.map { covariance in
      Parallel.withThreads(kernel.local.threads) {
        (readout.pooledMeans(kernel.local.means(training.inputs)), covariance)
      }
    }
  }

  /// The network and its priors.
  public var network: Network { result.network }
  /// How the order parameter was found, and how well.
  public var solution: Solution { result.solution }
  /// The order parameter, as in `FitResult`.
  public var orderParameter: Matrix { result.orderParameter }
  /// log p(y | X), as in `FitResult`.
  public var logEvidence: Double? { result.logEvidence }
  /// Mean over training examples and outputs of (y - mean(x))^2, as in `FitResult`.
  public var trainingError: Double? { result.trainingError }
  /// Mean over training examples of -log p of the label, as in `FitResult`.
  public var trainingNLL: Double? { result.trainingNLL }
  /// Fraction of training examples whose class is predicted; nil for regression.
  public var trainingAccuracy: Double? { result.trainingAccuracy }
  /// What a user should know about the result; each is one line.
  public var warnings: [String] { result.warnings }

  /// The positions of the hidden layer on an image.
  public var grid: PatchGrid { kernel.local.grid }

  /// The load alpha = P/N; 0 at infinite width.
  public var load: Double { network.width.units.map { Double(training.count) / Double($0) } ?? 0 }

  /// Predictive mean and variance (docs/theory.md, section 7) at the columns of `inputs`, standardised as the
  /// training inputs were. Streams over blocks of points.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs,
  ///   `.notFinitePrediction` for a point whose mean or variance overflows.
  public func predict(_ inputs: Matrix) throws(RenormError) -> Prediction {
    try check(inputs)
    let prediction = Parallel.withThreads(kernel.local.threads) {
      self.prediction(at: HeldOutPoints(inputs: inputs, training: range))
    }
    try prediction.check()
    return prediction
  }

  func prediction(at points: any PointKernels) -> Prediction {
    var points = points
    if regression.hasFeature || regression.needsCovariances, var computed = points as? HeldOutPoints {
      computed.pooling = regression.hasFeature ? readout : nil
      computed.needsCovariances = regression.needsCovariances
      points = computed
    }
    return regression.prediction(at: points, kernel, scale: network.kernelScale(kernel.local.positions))
  }

  /// Predictive means at the training examples, P x D: f = y - T A^-1 y for Gaussian noise.
  public var trainingMeans: Matrix {
    Parallel.withThreads(kernel.local.threads) { regression.trainingMeans(network, training, range) }
  }
}
