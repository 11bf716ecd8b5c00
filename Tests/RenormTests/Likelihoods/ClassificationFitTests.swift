import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Fits with the softmax likelihood against loops, differences, and limits that are known.
@Suite struct ClassificationFitTests {
  /// A random problem whose targets are classes.
  private struct Classes {
    var problem: RandomProblem
    let data: Dataset
    let classes: Int

    init(_ generator: RandomGenerator, kind: NaiveNetwork.Kind? = nil, classes: Int = 2, count: Int? = nil) {
      problem = RandomProblem(generator, kind: kind, activation: .erf, largestCount: 7)
      if let count {
        problem.inputs = Matrix.random(problem.shape.count, count, generator)
      }
      let count = problem.inputs.columns
      problem.naive.temperature = [0.05, 0.3, 2][generator.integer(below: 3)]
      let own = (0..<count).map { _ in generator.integer(below: classes) }
      let targets =
        classes == 2
        ? Matrix(rows: count, columns: 1) { row, _ in own[row] == 0 ? -1 : 1 }
        : Matrix(rows: count, columns: classes) { (own[$0] == $1 ? 1 : 0) - 1 / Double(classes) }
      data = Dataset(
        shape: problem.shape, inputs: problem.inputs, targets: targets,
        classes: (0..<classes).map { .integer($0) })
      self.classes = classes
    }

    func network(_ width: Width? = nil, _ approximation: LikelihoodApproximation = .laplace) throws -> Network {
      try Network(
        architecture: problem.architecture, activation: problem.activation,
        width: width ?? .finite(problem.width),
        temperature: problem.naive.temperature, lambda0: problem.naive.lambda0, lambda1: problem.naive.lambda1,
        readout: problem.readout, likelihood: SoftmaxLikelihood(approximation: approximation))
    }

    /// K_R(Q) by loops, latent c of example mu at mu m + c.
    func kernel(_ q: Matrix, _ kernels: NaiveKernels, _ rows: Range<Int>, _ columns: Range<Int>) -> Matrix {
      let m = max(classes - 1, 1)
      let n = q.rows / m
      return Matrix(rows: rows.count * m, columns: columns.count * m) { a, b in
        var sum = 0.0
        for i in 0..<n {
          for j in 0..<n {
            sum +=
              q[i * m + a % m, j * m + b % m]
              * kernels.k[i][j][rows.lowerBound + a / m, columns.lowerBound + b / m]
          }
        }
        return sum / (problem.naive.lambda1 * Double(n))
      }
    }

    var labels: [[Double]] { (0..<data.count).map(data.targets.row) }
  }

  private static let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]

  @Test(arguments: UInt32(1)...24) func actionAndGradient(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var own = Classes(generator, kind: Self.kinds[Int(seed % 3)], classes: [2, 3, 4][Int(seed / 3 % 3)])
    if own.problem.naive.kind == .convolutional, seed % 2 == 0 {
      own.problem.readout = [try ExponentialReadout(lengthScale: 1.3), MeanPooling()][Int(seed / 2 % 2)]
    }
    let network = try own.network(nil, own.classes == 2 && seed % 2 == 1 ? .ep : .laplace)
    let family = try KernelFamily(network, own.data)
    let space = try network.orderParameterSpace(on: own.data.shape, outputs: own.data.outputs)
    let q = BlockDiagonal(space.blockSizes.map { Matrix.randomPositiveDefinite($0, generator) })
    let (value, gradient) = try family.action(at: q.dense)

    // K_R by loops over Q of positions and latents.
    let m = max(own.classes - 1, 1)
    let local = try own.problem.local()
    let basis = try ReadoutFactor(own.problem.readout, on: local.grid).basis.map { $0.spread(over: m) }
    let weights = basis.map { $0 * q.dense * $0.asTranspose } ?? q.dense
    let all = 0..<own.data.count
    let likelihood = try #require(network.latentLikelihood(outputs: own.data.outputs))
    let exact = try network.likelihood.approximation.method.integral(
      own.kernel(weights, own.problem.trainingKernels, all, all), labels: own.labels, likelihood, from: nil)
    let width = Double(own.problem.width)
    let common = own.classes > 2 ? Double(q.order / m) : 0
    expectClose(
      value, q.trace - Naive.logDeterminant(q.dense) - 2 / width * exact.logLikelihood + common, relative: 1e-9,
      absolute: 1e-9, "\(own.problem)")

    let direction = BlockDiagonal(space.blockSizes.map { Matrix.randomSymmetric($0, generator) })
    let along = try Naive.derivative(step: 1e-4) { try family.action(at: (q + $0 * direction).dense).value }
    expectClose(
      gradient.innerProduct(direction.dense), along, relative: 1e-6,
      absolute: 1e-7 * gradient.frobenius * direction.norm, "\(own.problem)")
  }

  /// Means, covariances and probabilities at points from dense formulas; a family's member, the predictive
  /// covariance and the training means agree with them.
  @Test(arguments: UInt32(1)...12) func predictions(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let own = Classes(generator, kind: Self.kinds[Int(seed % 3)], classes: [2, 3, 4][Int(seed / 3 % 3)])
    let width: Width? = seed % 4 == 0 ? .infinite : nil
    let network = try own.network(width, own.classes == 2 && seed % 2 == 1 ? .ep : .laplace)
    let posterior = try network.fit(own.data)
    let prediction = try posterior.predict(own.problem.test)

    let m = max(own.classes - 1, 1)
    let kernels = own.problem.allKernels
    let (p, points) = (own.data.count, own.problem.test.columns)
    let n = try own.problem.local().positions
    let q =
      width == .infinite
      ? Matrix.identity(n * m)
      : posterior.solution.coordinates.rows == n * m
        ? posterior.solution.coordinates : Matrix.identity(n).kronecker(posterior.solution.coordinates)
    let likelihood = try #require(network.latentLikelihood(outputs: own.data.outputs))
    let kernel = own.kernel(q, kernels, 0..<p, 0..<p)
    let found = try network.likelihood.approximation.method.integral(
      kernel, labels: own.labels, likelihood, from: nil)
    let cross = own.kernel(q, kernels, 0..<p, p..<p + points)
    let prior = own.kernel(q, kernels, p..<p + points, p..<p + points)
    let means = cross.transposed * found.response
    let covariance = prior - cross.asTranspose * found.solve(cross)
    let h = likelihood.contrasts ?? .identity(m)
    for x in 0..<points {
      let mean = h * Array(means[x * m..<(x + 1) * m])
      let block = covariance.selectingRows(x * m..<(x + 1) * m).selectingColumns(x * m..<(x + 1) * m)
      expectClose(prediction.mean.row(x), mean, relative: 1e-7, absolute: 1e-9, "\(own.problem)")
      expectClose(
        prediction.variance.row(x), (h * block * h.asTranspose).diagonal, relative: 1e-7, absolute: 1e-9)
    }
    let probabilities = prediction.classProbabilities(temperature: network.temperature)
    for x in 0..<points { expectClose(probabilities.row(x).reduce(0, +), 1, relative: 1e-12) }
    if m == 1 {
      for x in 0..<points {
        let (mean, deviation) = (prediction.mean[x, 0], prediction.variance[x, 0].squareRoot())
        let exact = Quadrature.integrate(from: -9, to: 9, relative: 1e-10) {
          exp(-$0 * $0 / 2) / (2 * .pi).squareRoot() / (1 + exp(-mean - deviation * $0))
        }.value
        expectClose(probabilities[x, 1], exact, relative: 1e-9)
      }
    }

    let (result, member) = try {
      let family = try KernelFamily(network, own.data)
      return try family.member(network, at: family.heldOut(own.problem.test))
    }()
    expectClose(member.mean, prediction.mean, relative: 1e-7, absolute: 1e-9)
    expectClose(try #require(result.logEvidence), try #require(posterior.logEvidence), relative: 1e-9)
    let excess = width == .infinite ? 0 : Double(own.problem.width) * posterior.solution.priorExcess
    expectClose(try #require(posterior.logEvidence), found.logLikelihood - excess / 2, relative: 1e-7)
    for output in 0..<own.data.outputs {
      expectClose(
        try posterior.predictiveCovariance(of: own.problem.test, output: output).diagonal,
        prediction.variance.column(output), relative: 1e-8, absolute: 1e-9)
    }
    expectClose(
      posterior.trainingMeans, Matrix(interleaved: kernel * found.response, columns: m) * h.asTranspose,
      relative: 1e-7, absolute: 1e-9)
    let row = try posterior.predict(own.data.inputs)
    let nll = row.labelScores(targets: own.data.targets, isClassification: true, temperature: 1).nll
    expectClose(try #require(posterior.trainingNLL), nll, relative: 1e-7, absolute: 1e-10)
    #expect(
      posterior.trainingError == nil
        && prediction.scores(targets: Matrix(rows: points, columns: own.data.outputs), isClassification: true)
          .bias == nil
    )
  }

  /// Two outputs with a softmax are one output with twice the prior variance: f = sqrt(2) g.
  @Test func twoOutputsAreTheLogisticNetwork() throws {
    let generator = RandomGenerator(seed: 3)
    let own = Classes(generator, kind: .fullyConnected, count: 7)
    let kernel = own.problem.trainingKernels.k[0][0]
    func solve(_ likelihood: any LatentLikelihood, scale: Double, contrasts: Matrix?) throws -> Solution {
      let space = OrderParameterSpace.outputs(1, contrasts: contrasts)
      let term = LatentDataTerm(
        bank: OutputKernelBank(kernel, outputs: 1, amplification: 1), space: space,
        parameters: ActionParameters(temperature: 0.1, width: 10, kernelScale: scale), likelihood: likelihood,
        labels: own.labels, approximation: .laplace)
      return try ConeMinimizer(options: SolverOptions(tolerance: 1e-11))
        .solve(EffectiveAction(prior: GaussianLayer(), data: term)).solution
    }
    let two = SoftmaxLatent(inverseTemperature: 10, classes: 2)
    let a = try solve(TwoOutputs(base: two), scale: 0.7, contrasts: two.contrasts)
    let b = try solve(LogisticLatent(inverseTemperature: 10), scale: 1.4, contrasts: nil)
    expectClose(a.coordinates, b.coordinates, relative: 1e-10)
    expectClose(try #require(a.action), try #require(b.action), relative: 1e-10)
    // Q_full = H q H^T + 1/2: rows sum to 1.
    expectClose(a.orderParameter * [1, 1], [1, 1], relative: 1e-14)
    expectClose(a.orderParameter[0, 0], (b.coordinates[0, 0] + 1) / 2, relative: 1e-10)
  }

  /// Equal rows of the reported matrix sum to S, and so do those of outputs at every position.
  @Test(arguments: [NaiveNetwork.Kind.fullyConnected, .convolutional]) func reportedMatrix(
    kind: NaiveNetwork.Kind
  )
    throws
  {
    let own = Classes(RandomGenerator(seed: 8), kind: kind, classes: 3, count: 6)
    let posterior = try own.network().fit(own.data)
    let q = posterior.orderParameter
    let n = q.rows / 3
    for i in 0..<n {
      for j in 0..<n {
        for c in 0..<3 {
          expectClose((0..<3).reduce(0) { $0 + q[i * 3 + c, j * 3 + $1] }, i == j ? 1 : 0, absolute: 1e-13)
        }
      }
    }
    if let average = posterior.solution.outputAverage {
      expectClose(average * [1, 1, 1], [1, 1, 1], absolute: 1e-13)
    }
  }

  /// beta -> 0: Q = 1 - (beta/(N lambda1)) sum_mu K_mumu E[sigma'(f_mu)], f_mu ~ N(0, K_mumu/lambda1); Laplace
  /// has sigma'(0) = 1/4 in the place of the average.
  @Test(arguments: LikelihoodApproximation.allCases) func highTemperature(
    approximation: LikelihoodApproximation
  )
    throws
  {
    var own = Classes(RandomGenerator(seed: 5), kind: .fullyConnected, count: 6)
    own.problem.naive.temperature = 1e5
    own.problem.naive.lambda1 = 0.2
    let q = try own.network(.finite(3), approximation).fit(own.data, options: FitOptions(tolerance: 1e-13))
      .orderParameter[0, 0]
    let slope = own.problem.trainingKernels.k[0][0].diagonal.reduce(0.0) { sum, k in
      let deviation = (k / 0.2).squareRoot()
      let average = Quadrature.integrate(from: -9, to: 9) { z in
        exp(-z * z / 2) / (2 * .pi).squareRoot() / (2 + 2 * cosh(deviation * z))
      }.value
      return sum + k * (approximation == .ep ? average : 0.25)
    }
    expectClose(1 - q, 1e-5 / (3 * 0.2) * slope, relative: 1e-3)
  }

  /// beta -> infinity: q = log(beta) sqrt(w2/N), w2 = y^T K^-1 y/... the least f^T K^-1 f with margins of 1,
  /// which are all equal where K is nearly diagonal.
  @Test func lowTemperature() throws {
    let generator = RandomGenerator(seed: 6)
    let count = 5
    let shape = ImageShape(channels: 1, height: 1, width: 200)
    let inputs = Matrix.random(200, count, generator)
    let targets = Matrix(rows: count, columns: 1) { row, _ in row % 2 == 0 ? -1 : 1 }
    let data = Dataset(shape: shape, inputs: inputs, targets: targets, classes: [.integer(0), .integer(1)])
    func q(_ beta: Double) throws -> Posterior {
      try Network(
        architecture: FullyConnected(), width: .finite(20), temperature: 1 / beta,
        likelihood: SoftmaxLikelihood()
      ).fit(data)
    }
    let cold = try q(1e8)
    let kernel = (1 / cold.orderParameter[0, 0]) * cold.renormalizedKernel
    let solved = Naive.solve(kernel, targets)
    #expect((0..<count).allSatisfy { solved[$0, 0] * targets[$0, 0] > 0 })
    let limit = log(1e8) * (targets.innerProduct(solved) / 20).squareRoot()
    expectClose(cold.orderParameter[0, 0], limit, relative: 0.1)
    // The approach is from above, as margins are log(beta) plus a constant.
    let warm = try q(1e4)
    let ratio = { (posterior: Posterior, beta: Double) in
      posterior.orderParameter[0, 0] / (log(beta) * (targets.innerProduct(solved) / 20).squareRoot())
    }
    #expect(abs(ratio(cold, 1e8) - 1) < abs(ratio(warm, 1e4) - 1))
    #expect(cold.solution.convergence.converged && cold.solution.convergence.evaluations <= 30)
    #expect(cold.warnings.contains { $0.contains("separates") })
    #expect(throws: RenormError.self) { try q(2e8) }
  }

  @Test func edgesOfLabels() throws {
    let generator = RandomGenerator(seed: 7)
    let own = Classes(generator, kind: .fullyConnected, classes: 3, count: 6)
    func data(_ classes: [Int], of count: Int) -> Dataset {
      Dataset(
        shape: own.data.shape, inputs: own.data.inputs,
        targets: count == 2
          ? Matrix(rows: 6, columns: 1) { row, _ in classes[row] == 0 ? -1 : 1 }
          : Matrix(rows: 6, columns: count) { (classes[$0] == $1 ? 1 : 0) - 1 / Double(count) },
        classes: (0..<count).map { .integer($0) })
    }
    let network = try own.network()
    let missing = try network.fit(data([0, 1, 1, 0, 1, 0], of: 3))
    #expect(missing.warnings.contains { $0.contains("no training example is of class 2") })
    let only = try network.fit(data([1, 1, 1, 1, 1, 1], of: 2))
    #expect(only.warnings.contains { $0.contains("all training examples are of class 1") })
    #expect(only.orderParameter[0, 0] > 0 && only.solution.convergence.converged)
    // Contradictory duplicates: the mode is 0, and q below 1.
    let inputs = Matrix(rows: own.data.inputs.rows, columns: 6) { own.data.inputs[$0, $1 / 2] }
    let duplicates = Dataset(
      shape: own.data.shape, inputs: inputs,
      targets: Matrix(rows: 6, columns: 1) { row, _ in row % 2 == 0 ? -1 : 1 },
      classes: [.integer(0), .integer(1)])
    let contradictory = try network.fit(duplicates)
    expectClose(contradictory.trainingMeans, Matrix(rows: 6, columns: 1), absolute: 1e-9)
    #expect(contradictory.orderParameter[0, 0] < 1)

    let real = Dataset(shape: own.data.shape, inputs: own.data.inputs, targets: own.data.targets)
    #expect(throws: RenormError.self) { try network.fit(real) }
    #expect(throws: RenormError.self) { try own.network(nil, .ep).fit(own.data) }
    #expect(throws: RenormError.self) {
      try Network(
        architecture: FullyConnected(), activation: ReLU(), width: .finite(10), temperature: 1,
        likelihood: SoftmaxLikelihood()
      ).fit(own.data)
    }
    let infinite = try Network(
      architecture: FullyConnected(), activation: ReLU(), width: .infinite, temperature: 1,
      likelihood: SoftmaxLikelihood()
    ).fit(own.data)
    #expect(infinite.logEvidence?.isFinite == true)
  }
}

/// What classification is refused, or planned, beside fits.
@Suite struct ClassificationPlanTests {
  private static let image = ImageShape(channels: 1, height: 8, width: 8)

  private static func network(_ architecture: any Architecture, _ likelihood: any Likelihood) throws -> Network
  {
    try Network(architecture: architecture, width: .finite(20), temperature: 0.5, likelihood: likelihood)
  }

  /// Eight matrices of order P (D - 1) more than with Gaussian noise of as many outputs, and the order itself;
  /// the same at infinite width, where outputs decouple but latents do not.
  @Test(arguments: [2, 5]) func memoryOfLatents(classes: Int) throws {
    let (examples, m) = (300, max(classes - 1, 1))
    let (outputs, latents) = (classes == 2 ? 1 : classes, 8 * 8 * examples * m * examples * m)
    func plan(_ architecture: any Architecture, _ likelihood: any Likelihood, outputs: Int) throws -> MemoryPlan
    {
      try Self.network(architecture, likelihood).memoryPlan(
        image: Self.image, examples: examples, outputs: outputs, options: FitOptions(memoryLimit: 1 << 40))
    }
    for architecture in [FullyConnected(), Convolutional(mask: Extent(4))] as [any Architecture] {
      let softmax = try plan(architecture, SoftmaxLikelihood(), outputs: outputs)
      let gaussian = try plan(architecture, GaussianLikelihood(), outputs: m)
      #expect(softmax.bytes == gaussian.bytes + latents, "\(architecture.name)")
      #expect(softmax.order == examples * m && softmax.storage == .float64)
    }
    let infinite = try Network(
      architecture: FullyConnected(), width: .infinite, temperature: 1, likelihood: SoftmaxLikelihood())
    let plan = try infinite.memoryPlan(
      image: Self.image, examples: examples, outputs: outputs, options: FitOptions(memoryLimit: 1 << 40))
    #expect(plan.bytes > latents && plan.order == examples * m)
  }

  /// Where latents do not fit a fit is refused before its kernels are computed, with the order in its reason.
  @Test func latentsThatDoNotFit() throws {
    let network = try Self.network(FullyConnected(), SoftmaxLikelihood())
    let (examples, classes) = (1000, 10)
    do {
      _ = try network.memoryPlan(
        image: Self.image, examples: examples, outputs: classes, options: FitOptions(memoryLimit: 1 << 30))
      Issue.record("a plan of latents that do not fit")
    } catch {
      guard case .outOfMemory(_, let bytes, let available, _) = error else { throw error }
      #expect(bytes > 8 * 8 * 9000 * 9000 && available == 1 << 30)
      #expect("\(error)".contains("10 classes") && "\(error)".contains("order 9000"), "\(error)")
    }
    let two = try network.memoryPlan(
      image: Self.image, examples: examples, outputs: 1, options: FitOptions(memoryLimit: 1 << 30))
    #expect(two.order == 1000)
  }

  /// Deep networks count them too.
  @Test(arguments: [2, 4]) func memoryOfDeepLatents(classes: Int) throws {
    let (examples, m) = (200, max(classes - 1, 1))
    func plan(_ likelihood: String, outputs: Int) throws -> MemoryPlan {
      try Network(
        NetworkDescription([
          .architecture: .name("fc"), .activation: .name("erf"), .temperature: .number(0.5), .depth: .count(2),
          .width: .width(.finite(20)), .likelihood: .name(likelihood),
        ]).completed
      ).memoryPlan(
        image: Self.image, examples: examples, outputs: outputs, options: FitOptions(memoryLimit: 1 << 40))
    }
    let softmax = try plan("softmax", outputs: classes == 2 ? 1 : classes)
    #expect(try softmax.bytes == plan("gaussian", outputs: m).bytes + 8 * 8 * examples * m * examples * m)
    #expect(softmax.order == examples * m)
  }

  private static let data: Dataset = {
    let random = RandomGenerator(seed: 31)
    let inputs = Matrix.random(64, 24, random)
    return Dataset(
      shape: image, inputs: inputs,
      targets: Matrix(rows: 24, columns: 1) { mu, _ in inputs[0, mu] + inputs[9, mu] > 0 ? 1 : -1 },
      classes: [.integer(0), .integer(1)])
  }()

  /// The evidence chooses no temperature of a likelihood that is normalised at T = 1 only; alone or among others.
  @Test func temperatureIsNotTunedByEvidence() throws {
    let network = try Self.network(FullyConnected(), SoftmaxLikelihood())
    let temperature = try TunedParameter(.temperature, from: 0.1, to: 2)
    let lambda1 = try TunedParameter(.lambda1, from: 0.1, to: 5)
    for parameters in [[temperature], [lambda1, temperature]] {
      do {
        _ = try Tuning(network, parameters)
        Issue.record("a temperature by the evidence")
      } catch {
        #expect("\(error)".contains("tuning the temperature by the evidence"), "\(error)")
        #expect("\(error)".contains("'softmax'"), "\(error)")
      }
    }
    _ = try Tuning(network, [temperature], by: .folds(3))
    _ = try Tuning(network, [lambda1])
  }

  /// lambda1 by the evidence, and T by -log p of held-out labels: no point of a grid is better.
  @Test(arguments: [FullyConnected() as any Architecture, Convolutional(mask: Extent(4))])
  func tunes(architecture: any Architecture) throws {
    let network = try Self.network(architecture, SoftmaxLikelihood())
    let byEvidence = try Tuning(
      network, [TunedParameter(.lambda1, from: 0.05, to: 5)], options: TuningOptions(starts: 2)
    ).run(on: Self.data)
    let best = try #require(byEvidence.network.fit(Self.data).logEvidence)
    expectClose(byEvidence.value, best, relative: 1e-6)
    for lambda1 in [0.05, 0.15, 0.5, 1.5, 5] {
      let other = try network.with(lambda1: lambda1).fit(Self.data).logEvidence
      #expect(try #require(other) <= best + 2e-2, "\(lambda1)")
    }
    let criterion = TuningCriterion.heldOut(fraction: 0.4)
    let byLabels = try Tuning(
      network, [TunedParameter(.temperature, from: 0.1, to: 5)], by: criterion,
      options: TuningOptions(starts: 2, seed: 3)
    ).run(on: Self.data)
    let part = try TuningFits(criterion, Self.data, seed: 3, FitOptions()) { _ in }.parts[0]
    let out = try #require(part.heldOut)
    for temperature in [0.1, 0.3, 1, 3, 5] {
      let nll = try network.with(temperature: temperature).fit(part.train).predict(out.inputs)
        .labelScores(targets: out.targets, isClassification: true, temperature: 1).nll
      #expect(nll >= byLabels.value - 1e-3, "\(temperature)")
    }
  }
}

/// Softmax of two outputs, whose labels are written as one number.
private struct TwoOutputs: LatentLikelihood {
  let base: SoftmaxLatent
  var latents: Int { 1 }
  var contrasts: Matrix? { base.contrasts }
  private func both(_ label: [Double]) -> [Double] { label[0] > 0 ? [-0.5, 0.5] : [0.5, -0.5] }
  func derivatives(at g: [Double], label: [Double]) -> LatentDerivatives {
    base.derivatives(at: g, label: both(label))
  }
  func force(at g: [Double], label: [Double], variance: Matrix) -> [Double] {
    base.force(at: g, label: both(label), variance: variance)
  }
  func logProbabilities(at g: [Double]) -> [Double] { base.logProbabilities(at: g) }
}
