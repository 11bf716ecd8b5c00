internal import LinearAlgebra

/// Gaussian-process classification, or another likelihood that is not Gaussian noise, on a training set
/// (docs/classification.md; Rasmussen and Williams, Gaussian Processes, 2006, sections 3.4 to 3.6) with the
/// renormalized kernel as its prior covariance. With the integral over latents at K_R and k = K_R(X, x), of
/// order m P x m for the m latents of a point,
///
///     mean(x) = k^T (a + b),   cov(x) = K_R(x, x) - k^T R k,
///
/// outputs are H g, and the probability of a class is the average of its softmax over N(mean, cov).
struct LatentRegression: Regression {
  let integral: LatentIntegral
  private let likelihood: any LatentLikelihood
  /// K_R over the training set, both triangles.
  private let kernel: Matrix
  /// Q of K_R = Q (x) k, where k(X, x) is of examples; nil where it is of examples and latents.
  private let outputWeights: Matrix?
  /// The relative error of an element of the kernel.
  private let elementRounding: Double
  /// A bound of the eigenvalues of R: those of W.
  private let largestPrecision: Double
  private let threads: Int

  /// - Parameters:
  ///   - kernel: k(X, X), the lower triangle.
  ///   - outputWeights: what k is multiplied by between latents; nil where it has an index of them.
  ///   - labels: rows of the targets.
  ///   - solved: the integral, where a fit ended with it.
  /// - Throws: `RenormError.numericalFailure` where the integral is not found.
  init(
    kernel: Matrix, outputWeights: Matrix?, _ likelihood: any LatentLikelihood, labels: [[Double]],
    _ approximation: LikelihoodApproximation, solved: LatentIntegral?, elementRounding: Double, threads: Int
  ) throws(RenormError) {
    self.likelihood = likelihood
    self.outputWeights = outputWeights
    self.elementRounding = elementRounding
    self.threads = threads
    let whole = outputWeights.map { kernel.mirrored.kronecker($0) } ?? kernel.mirrored
    self.kernel = whole
    if let solved {
      integral = solved
    } else {
      integral = try factoring("1 + W K_R") { () throws(LinearAlgebraError) in
        try approximation.method.integral(whole, labels: labels, likelihood, from: nil)
      }
    }
    largestPrecision = integral.largestPrecision
    guard integral.hasConverged else {
      throw .numericalFailure(
        what: "the approximation '\(approximation.rawValue)' of the likelihood has not converged",
        advice: "take a higher temperature, or another approximation")
    }
  }

  private var latents: Int { likelihood.latents }
  var outputs: Int { likelihood.contrasts?.rows ?? latents }
  var hasFeature: Bool { false }
  var needsCovariances: Bool { true }

  func logLikelihood(count: Int) -> Double { integral.logLikelihood }

  func predict(_ block: HeldOutBlock) -> BlockPrediction {
    let m = latents
    let cross = outputWeights.map { block.cross.kronecker($0) } ?? block.cross
    let points = cross.columns / m
    let explained = integral.whiten(cross)
    let priors = priorVariances(block, points)
    let latentsOfPoints = laws(cross, explained) { priors[$0] }
    var result = BlockPrediction(
      mean: Matrix(rows: points, columns: outputs), meanError: Matrix(rows: points, columns: outputs),
      variance: Matrix(rows: points, columns: outputs), error: Matrix(rows: points, columns: outputs),
      logProbabilities: classes == 0 ? nil : Matrix(rows: points, columns: classes))
    let rounding = 3 * roundingOfMeans
    let norms = explained.columnNormsSquared
    for (p, own) in latentsOfPoints.enumerated() {
      let (mean, variance) = own.outputs(likelihood.contrasts)
      // An error E of K changes k^T u by no more than |R k| |E u|, and R is below W.
      let weight = (largestPrecision * norms[p * m..<(p + 1) * m].reduce(0, +)).squareRoot()
      for d in 0..<outputs {
        result.mean[p, d] = mean[d]
        // What is below zero is rounding of a difference of equal numbers.
        result.variance[p, d] = max(variance[d], 0)
        result.error[p, d] = 3 * elementRounding * priors[p].diagonal.reduce(0, +) / Double(m)
        result.meanError[p, d] = rounding * (1 + weight)
      }
    }
    if result.logProbabilities != nil {
      let rows = likelihood.averages(latentsOfPoints, threads: threads)
      for p in 0..<points { for c in 0..<classes { result.logProbabilities?[p, c] = rows[p][c] } }
    }
    return result
  }

  /// The posterior of the latents of every point, N(k^T u, K_R(x, x) - k^T R k).
  ///
  /// - Parameters:
  ///   - cross: k, m P x m points.
  ///   - explained: F^T k with R = F F^T.
  ///   - prior: K_R(x, x) of a point, m x m.
  private func laws(_ cross: Matrix, _ explained: Matrix, prior: (Int) -> Matrix) -> [GaussianLatents] {
    let m = latents
    let means = cross.asTranspose * integral.response
    return (0..<cross.columns / m).map { p in
      let columns = (0..<m).map { explained.column(p * m + $0) }
      let own = prior(p)
      return GaussianLatents(
        mean: Array(means[p * m..<(p + 1) * m]),
        covariance: Matrix(rows: m, columns: m) { c, d in own[c, d] - dot(columns[c], columns[d]) })
    }
  }

  private var classes: Int { likelihood.logProbabilities(at: [Double](repeating: 0, count: latents)).count }

  /// K_R(x, x) between the latents of every point, m x m.
  private func priorVariances(_ block: HeldOutBlock, _ points: Int) -> [Matrix] {
    if let outputWeights { return block.variances.map { $0 * outputWeights } }
    return (0..<points).map { p in
      block.covariances?[p] ?? .diagonal(Array(block.variances[p * latents..<(p + 1) * latents]))
    }
  }

  /// The mean of -log p of the training labels and the share of examples whose class is predicted, from the
  /// posterior of their latents K (a + b).
  func training(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> TrainingScores {
    guard let prediction = trainingPrediction, let classes = data.classes, !classes.isEmpty else {
      return TrainingScores()
    }
    let own = data.classIndices
    let nll = own.indices.reduce(0.0) { $0 - prediction[$1, own[$1]] } / Double(max(own.count, 1))
    let hits = own.indices.count { prediction.classIndex(row: $0, isOfLargest: true) == own[$0] }
    return TrainingScores(nll: nll, accuracy: Double(hits) / Double(max(own.count, 1)))
  }

  /// log p of the classes of the training examples; nil where labels are real numbers.
  private var trainingPrediction: Matrix? {
    guard classes > 0 else { return nil }
    let m = latents
    let own = laws(kernel, integral.whiten(kernel)) { mu in
      Matrix(rows: m, columns: m) { c, d in kernel[mu * m + c, mu * m + d] }
    }
    let rows = likelihood.averages(own, threads: threads)
    return Matrix(rows: rows.count, columns: classes) { rows[$0][$1] }
  }

  func trainingMeans(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> Matrix {
    let means = Matrix(interleaved: kernel * integral.response, columns: latents)
    return likelihood.contrasts.map { means * $0.asTranspose } ?? means
  }

  /// cov(x, x') of one output H_c g between b points.
  func covariance(
    cross: Matrix, prior: Matrix, feature: [Double], output: Int, inside: RangeCoordinates?,
    variances: () -> [Double]
  ) -> Matrix {
    let m = latents
    let direction = Matrix(columns: [likelihood.contrasts?.row(output) ?? (0..<m).map { $0 == output ? 1 : 0 }])
    let expand = { (k: Matrix) in self.outputWeights.map { k.kronecker($0) } ?? k }
    let toOutput = Matrix.identity(expand(prior).columns / m).kronecker(direction)
    let whitened = integral.whiten(expand(cross) * toOutput)
    return (toOutput.asTranspose * (expand(prior) * toOutput) - whitened.asTranspose * whitened).symmetricPart
  }

  /// With E the rounding of k(X, X) a mean w^T u changes by w^T E u.
  var roundingOfMeans: Double {
    let u = integral.response
    let size = (kernel.innerProduct(kernel)).squareRoot() / Double(max(kernel.rows, 1))
    return elementRounding * size * dot(u, u).squareRoot()
  }
}
