import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Transformations of network and data under which whole fits must not change, predictions included.
///
/// Both fits stop at a gradient of 1e-10 or where rounding ends the descent, so that they agree to 1e-7.
@Suite struct FitInvarianceTests {
  static let options = FitOptions(tolerance: 1e-10)

  private func expectEqual(
    _ a: Posterior, _ b: Posterior, on points: Matrix, and otherPoints: Matrix? = nil, _ comment: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (first, second) = (try a.predict(points), try b.predict(otherPoints ?? points))
    expectClose(
      first.mean, second.mean, relative: 1e-7, absolute: 1e-8, comment, sourceLocation: sourceLocation)
    expectClose(
      first.variance, second.variance, relative: 1e-7, absolute: 1e-8, comment, sourceLocation: sourceLocation
    )
    expectClose(
      try #require(a.trainingError), try #require(b.trainingError), relative: 1e-6, absolute: 1e-9, comment,
      sourceLocation: sourceLocation)
    expectClose(
      a.logEvidence ?? 0, b.logEvidence ?? 0, relative: 1e-7, absolute: 1e-7, comment,
      sourceLocation: sourceLocation)
  }

  @Test(arguments: UInt32(1)...20) func permutingExamples(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, outputs: seed % 4 == 0 ? 2 : 1)
    var permuted = problem
    let order = generator.permutation(of: problem.inputs.columns)
    permuted.inputs = problem.inputs.selectingColumns(order)
    permuted.targets = problem.targets.selectingRows(order)
    let (a, b) = (try problem.fit(options: Self.options), try permuted.fit(options: Self.options))
    expectClose(a.orderParameter, b.orderParameter, relative: 1e-7, "\(problem)")
    try expectEqual(a, b, on: problem.test, "\(problem)")
  }

  @Test(arguments: UInt32(1)...16) func onePositionIsFullyConnected(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, kind: .fullyConnected, outputs: seed % 4 == 0 ? 2 : 1)
    for width in [Width.finite(problem.width), .infinite] {
      let reference = try problem.fit(width, options: Self.options)
      for kind in [NaiveNetwork.Kind.locallyConnected, .convolutional] {
        var other = problem
        other.naive.kind = kind
        let fit = try other.fit(width, options: Self.options)
        expectClose(fit.orderParameter, reference.orderParameter, relative: 1e-8, "\(other)")
        try expectEqual(fit, reference, on: problem.test, "\(other)")
      }
    }
  }

  /// The bank with one position and the single kernel are different code for the same network.
  @Test(arguments: UInt32(1)...10) func bankAndSingleKernelAgreeOnOnePosition(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, kind: .fullyConnected, activation: seed % 2 == 0 ? .relu : .erf)
    let local = try problem.local()
    let term = BankDataTerm(
      bank: TiledBank(local, problem.inputs), means: seed % 2 == 0 ? local.means(problem.inputs) : nil,
      targets: problem.targets.column(0), space: .positions(groups: local.pairs.groups, basis: nil),
      parameters: ActionParameters(
        temperature: problem.naive.temperature, width: Double(problem.width),
        kernelScale: 1 / problem.naive.lambda1))
    let prior: any PriorTerm =
      term.hasMeans ? ConjugatePair(width: Double(problem.width)) : GaussianLayer()
    let solution = try ConeMinimizer(options: Self.options.solver)
      .solve(EffectiveAction(prior: prior, data: term)).solution
    let fit = try problem.fit(options: Self.options)
    expectClose(solution.weights.covariance.dense, fit.orderParameter, relative: 1e-7, "\(problem)")
    expectClose(
      try #require(solution.action), try #require(fit.solution.action), relative: 1e-9, absolute: 1e-9)
  }

  /// FC at width N predicts as the infinitely wide network with readout precision lambda1/q.
  @Test(arguments: UInt32(1)...12) func globalRenormalizationIsAChangeOfPrior(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let activations: [NaiveNetwork.Activation] = [.erf, .linear, .sine]
    let problem = RandomProblem(generator, kind: .fullyConnected, activation: activations[Int(seed % 3)])
    let fit = try problem.fit()
    var infinite = problem
    infinite.naive.lambda1 /= fit.orderParameter[0, 0]
    let wide = try infinite.fit(.infinite)
    let (a, b) = (try fit.predict(problem.test), try wide.predict(problem.test))
    expectClose(a.mean, b.mean, relative: 1e-10, absolute: 1e-11, "\(problem)")
    expectClose(a.variance, b.variance, relative: 1e-10, absolute: 1e-11, "\(problem)")
  }

  /// C = x.x'/(lambda0 M): inputs c x with lambda0 are inputs x with lambda0/c^2.
  @Test(arguments: UInt32(1)...12) func scalingInputsIsAChangeOfLambda0(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let c = 0.5 + 2 * generator.uniform()
    var scaled = problem
    scaled.inputs = c * problem.inputs
    var narrowed = problem
    narrowed.naive.lambda0 /= c * c
    let (a, b) = (try scaled.fit(options: Self.options), try narrowed.fit(options: Self.options))
    expectClose(a.orderParameter, b.orderParameter, relative: 1e-7, "\(problem)")
    try expectEqual(a, b, on: c * problem.test, and: problem.test, "\(problem)")
  }

  /// Targets c y at T c^2 and lambda1/c^2 are the same problem in other units.
  @Test(arguments: UInt32(1)...12) func scalingTargets(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let c = 0.5 + 2 * generator.uniform()
    var scaled = problem
    scaled.targets = c * problem.targets
    scaled.naive.temperature *= c * c
    scaled.naive.lambda1 /= c * c
    let (a, b) = (try problem.fit(options: Self.options), try scaled.fit(options: Self.options))
    expectClose(a.orderParameter, b.orderParameter, relative: 1e-7, "\(problem)")
    let (first, second) = (try a.predict(problem.test), try b.predict(problem.test))
    expectClose(c * first.mean, second.mean, relative: 1e-7, absolute: 1e-8, "\(problem)")
    expectClose(c * c * first.variance, second.variance, relative: 1e-7, absolute: 1e-8, "\(problem)")
  }

  /// Doubling N halves the distance to infinite width: the ratio is 2 up to terms of order P/N.
  @Test(arguments: UInt32(1)...12) func infiniteWidthIsApproachedAsOneOverN(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, largestCount: 6)
    problem.naive.temperature = 0.5
    let limit = try problem.fit(.infinite).predict(problem.test)
    func distance(_ units: Int) throws -> (order: Double, mean: Double) {
      let fit = try problem.fit(.finite(units), options: Self.options)
      let n = fit.orderParameter.rows
      let mean = try fit.predict(problem.test).mean - limit.mean
      return ((fit.orderParameter - .identity(n)).frobenius, mean.frobenius)
    }
    let (near, far) = (try distance(200_000), try distance(400_000))
    expectClose(near.order / far.order, 2, relative: 1e-2, "\(problem)")
    expectClose(near.mean / far.mean, 2, relative: 1e-2, "\(problem)")
  }

  /// With s(h) = h the mean over positions passes through to the patches.
  @Test(arguments: UInt32(1)...10) func linearMeanPoolingIsAnFCNetworkOnMeanPatches(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, kind: .convolutional, activation: .linear)
    problem.readout = MeanPooling()
    var pooled = problem
    pooled.readout = IndependentReadout()
    pooled.naive.kind = .fullyConnected
    let pool = { (inputs: Matrix) in
      Matrix(
        columns: (0..<inputs.columns).map { p in
          let patches = problem.naive.patches(inputs.column(p), problem.shape)
          return patches[0].indices.map { k in patches.reduce(0) { $0 + $1[k] } / Double(patches.count) }
        })
    }
    pooled.inputs = pool(problem.inputs)
    pooled.test = pool(problem.test)
    pooled.shape = ImageShape(channels: 1, height: 1, width: pooled.inputs.rows)
    for width in [Width.finite(problem.width), .infinite] {
      let (a, b) = (
        try problem.fit(width, options: Self.options), try pooled.fit(width, options: Self.options)
      )
      try expectEqual(a, b, on: problem.test, and: pooled.test, "\(problem)")
      // The pooled number q stands as q S, S = 1/n everywhere.
      let n = Double(a.grid.positions)
      expectClose(a.orderParameter[0, 0] * n, b.orderParameter[0, 0], relative: 1e-7, "\(problem)")
    }
  }

  /// A length scale far below the grid spacing leaves independent weights; far above, mean pooling times n.
  @Test(arguments: UInt32(1)...10) func limitsOfTheLengthScale(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, kind: .convolutional)
    let independent = try problem.fit(options: Self.options)
    for readout: any Readout in [
      try ExponentialReadout(lengthScale: 0.01), try Matern32Readout(lengthScale: 0.01),
    ] {
      var short = problem
      short.readout = readout
      let fit = try short.fit(options: Self.options)
      expectClose(fit.orderParameter, independent.orderParameter, relative: 1e-7, "\(short)")
      try expectEqual(fit, independent, on: problem.test, "\(short)")
    }
    // S -> 1 everywhere is n times the S = 1/n of mean pooling: lambda1 smaller by n.
    var long = problem
    long.readout = try ExponentialReadout(lengthScale: 1e9)
    var pooled = problem
    pooled.readout = MeanPooling()
    pooled.naive.lambda1 /= Double(independent.grid.positions)
    let (a, b) = (try long.fit(options: Self.options), try pooled.fit(options: Self.options))
    let (first, second) = (try a.predict(problem.test), try b.predict(problem.test))
    expectClose(first.mean, second.mean, relative: 1e-5, absolute: 1e-6, "\(long)")
    expectClose(first.variance, second.variance, relative: 1e-5, absolute: 1e-6, "\(long)")
  }

  /// Y -> Y V with an orthogonal V turns Q into V^T Q V and predictions into those times V.
  @Test(arguments: UInt32(1)...12) func rotatingOutputs(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, outputs: 3, largestCount: 6)
    let v: Matrix
    if seed % 2 == 0 {
      let order = generator.permutation(of: 3)
      v = Matrix(rows: 3, columns: 3) { i, j in i == order[j] ? 1 : 0 }
    } else {
      v = try SymmetricEigen(Matrix.randomPositiveDefinite(3, generator)).vectors
    }
    var rotated = problem
    rotated.targets = problem.targets * v
    let (a, b) = (try problem.fit(options: Self.options), try rotated.fit(options: Self.options))
    expectClose(b.orderParameter, v.asTranspose * (a.orderParameter * v), relative: 1e-7, "\(problem)")
    let (first, second) = (try a.predict(problem.test), try b.predict(problem.test))
    expectClose(second.mean, first.mean * v, relative: 1e-7, absolute: 1e-8, "\(problem)")
    expectClose(a.logEvidence ?? 0, b.logEvidence ?? 0, relative: 1e-7, absolute: 1e-7, "\(problem)")
  }

  /// Two equal outputs y are, rotated by 45 degrees, one output sqrt(2) y and one without signal.
  @Test(arguments: UInt32(1)...8) func copiedOutputs(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let activations: [NaiveNetwork.Activation] = [.erf, .linear, .sine]
    let problem = RandomProblem(generator, kind: .fullyConnected, activation: activations[Int(seed % 3)])
    var copied = problem
    copied.targets = Matrix(columns: [problem.targets.column(0), problem.targets.column(0)])
    var signal = problem
    signal.targets = 2.0.squareRoot() * problem.targets
    var silence = problem
    silence.targets = 0 * problem.targets
    let fits = try [copied, signal, silence].map { try $0.fit(options: Self.options) }
    let (q1, q2) = (fits[1].orderParameter[0, 0], fits[2].orderParameter[0, 0])
    let expected = Matrix(rows: 2, columns: 2) { i, j in (q1 + (i == j ? q2 : -q2)) / 2 }
    expectClose(fits[0].orderParameter, expected, relative: 1e-7, "\(problem)")
    let predictions = try fits.map { try $0.predict(problem.test) }
    for d in 0..<2 {
      expectClose(
        predictions[0].mean.column(d), predictions[1].mean.column(0).map { $0 / 2.0.squareRoot() },
        relative: 1e-7, absolute: 1e-8, "\(problem)")
      expectClose(
        predictions[0].variance.column(d),
        zip(predictions[1].variance.elements, predictions[2].variance.elements).map { ($0 + $1) / 2 },
        relative: 1e-7, absolute: 1e-8, "\(problem)")
    }
  }

  /// Sums are kept by each worker, so thread counts agree to rounding.
  @Test(arguments: UInt32(1)...6) func fitsHardlyDependOnThreads(seed: UInt32) throws {
    let problem = RandomProblem(RandomGenerator(seed: seed), kind: .convolutional)
    let a = try problem.fit(options: FitOptions(tolerance: 1e-10, threads: 1))
    for threads in [2, 5] {
      let b = try problem.fit(options: FitOptions(tolerance: 1e-10, threads: threads))
      expectClose(a.orderParameter, b.orderParameter, relative: 1e-8, "\(problem)")
      let (first, second) = (try a.predict(problem.test), try b.predict(problem.test))
      expectClose(first.mean, second.mean, relative: 1e-8, absolute: 1e-8, "\(problem)")
      expectClose(first.variance, second.variance, relative: 1e-8, absolute: 1e-8, "\(problem)")
    }
  }
}
