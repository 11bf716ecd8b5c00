public import LinearAlgebra
public import RenormData

/// A fitted network: the order parameter, and the Gaussian process with the renormalized kernel.
public struct Posterior: Sendable {
  /// The network and its priors.
  public let network: Network
  /// The training examples.
  public let training: Dataset
  /// How the order parameter was found, and how well.
  public let solution: Solution
  let kernel: RenormalizedKernel
  let readout: ReadoutFactor
  /// k(X, X), of order P.
  let trainingKernel: PackedSymmetric
  let channels: GaussianChannels<Cholesky>

  /// - Parameter trainingKernel: k(X, X) for the kernel that `solution` implies.
  init(
    network: Network, training: Dataset, solution: Solution, local: LocalKernels, readout: ReadoutFactor,
    trainingKernel: PackedSymmetric
  ) throws(RenormError) {
    self.network = network
    self.training = training
    self.solution = solution
    self.readout = readout
    self.trainingKernel = trainingKernel
    kernel = network.renormalizedKernel(solution, local: local, readout: readout, outputs: training.outputs)
    let isCoupled = solution.isOverOutputs(training.outputs)
    let spectrum = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try SymmetricEigen(isCoupled ? solution.weights.covariance.blocks[0] : .identity(training.outputs))
    }
    let temperature = network.temperature
    channels = try GaussianChannels(
      factoring: { (weight) throws(LinearAlgebraError) in
        var a = weight * trainingKernel.lowerTriangle
        for i in 0..<a.rows { a[i, i] += temperature }
        return try Cholesky(a)
      }, targets: training.targets, basis: spectrum.vectors, weights: spectrum.values,
      feature: isCoupled
        ? solution.weights.mean.map { mean in
          FeaturePrior(
            values: readout.pooledMeans(local.means(training.inputs)),
            covariance: network.kernelScale(local.positions) * mean.blocks[0])
        } : nil)
  }

  /// The positions of the hidden layer on an image.
  public var grid: PatchGrid { kernel.local.grid }

  /// The load alpha = P/N; 0 at infinite width.
  public var load: Double { network.width.units.map { Double(training.count) / Double($0) } ?? 0 }

  /// The order parameter Q (Qbar in the formulation `saddle`): 1 x 1 for FC, n x n for LCN (diagonal) and CNN,
  /// D x D for several outputs.
  public var orderParameter: Matrix { solution.orderParameter(readout, outputs: training.outputs) }

  /// What a user should know about the result; each is one line.
  public var warnings: [String] {
    ResultWarnings.of(network, on: grid, training, solution.convergence)
  }

  /// Predictive mean and variance (docs/theory.md, section 7) at the columns of `inputs`, standardised as the
  /// training inputs were. Streams over blocks of points.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs,
  ///   `.notFinitePrediction` for a point whose mean or variance overflows.
  public func predict(_ inputs: Matrix) throws(RenormError) -> Prediction {
    guard inputs.rows == training.shape.count else {
      throw .shapeMismatch(expected: "\(training.shape)", got: "\(inputs.rows) values")
    }
    let prediction = Parallel.withThreads(kernel.local.threads) {
      channels.predict(inputs, kernel, training: training.inputs, readout)
    }
    try prediction.check()
    return prediction
  }

  /// Predictive means at the training examples, P x D: f = y - T A^-1 y.
  public var trainingMeans: Matrix {
    Parallel.withThreads(kernel.local.threads) {
      training.targets - network.temperature * (channels.coefficients * channels.basis.asTranspose)
    }
  }

  /// Mean over training examples and outputs of (y - mean(x))^2.
  public var trainingError: Double { meanSquare(training.targets - trainingMeans) }

  /// Fraction of training examples whose class is predicted; nil for regression.
  public var trainingAccuracy: Double? {
    training.classes == nil ? nil : classificationAccuracy(trainingMeans, training.targets)
  }

  /// log p(y | X) = -1/2 { N [tr Q' - log det Q' - r] + log det A + y^T A^-1 y + P D log 2 pi };
  /// nil in the formulation `saddle`.
  public var logEvidence: Double? {
    solution.logEvidence(
      width: network.width, logDeterminant: channels.logDeterminant, quadraticForm: channels.quadraticForm,
      count: training.targets.elements.count)
  }
}
