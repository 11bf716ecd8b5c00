import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The softmax likelihood of deep networks, and of activations with means, against actions by loops
/// (docs/classification.md, docs/depth.md).
@Suite struct DeepClassificationTests {
  private static let shape = ImageShape(channels: 1, height: 3, width: 4)

  private static func data(_ seed: UInt32, classes: Int, count: Int = 12) -> Dataset {
    let generator = RandomGenerator(seed: seed)
    let inputs = Matrix.random(12, count, generator)
    let own = (0..<count).map { mu in
      (0..<classes).max { a, b in inputs[a, mu] < inputs[b, mu] + 0.2 * generator.gaussian() } ?? 0
    }
    return Dataset(
      shape: shape, inputs: inputs,
      targets: classes == 2
        ? Matrix(rows: count, columns: 1) { row, _ in own[row] == 0 ? -1 : 1 }
        : Matrix(rows: count, columns: classes) { (own[$0] == $1 ? 1 : 0) - 1 / Double(classes) },
      classes: (0..<classes).map { .integer($0) })
  }

  private static func network(
    _ widths: [Width], _ activation: String = "erf", theory: DeepTheory = .linearPart,
    approximation: LikelihoodApproximation = .laplace, masks: [Int] = []
  ) throws -> Network {
    var description = NetworkDescription([
      .architecture: .name(masks.isEmpty ? "fc" : "cnn"), .activation: .name(activation),
      .temperature: .number(0.2), .lambda0: .number(0.6), .likelihood: .name("softmax"),
      .approximation: .name(approximation.rawValue), .widths: .list(widths.map { .width($0) }),
      .lambdas: .list(widths.indices.map { .number(0.6 + 0.3 * Double($0)) }),
    ])
    if widths.count > 1 { description[.deepTheory] = .name(theory.rawValue) }
    if !masks.isEmpty { description[.mask] = .list(masks.map { .extent(Extent($0)) }) }
    return try Network(description.completed)
  }

  private static func bank(_ network: Network, _ data: Dataset) throws -> [Matrix] {
    let (local, _) = try network.kernels(on: data.shape, threads: 1)
    return DeepKernels(first: local, lambdas: network.lambdas, theory: network.deepTheory)
      .bank(data.inputs, nil).map(\.mirrored)
  }

  /// log Z_lik of a kernel over examples and latents.
  private static func integral(_ kernel: Matrix, _ network: Network, _ data: Dataset) throws -> LatentIntegral {
    let likelihood = try #require(network.latentLikelihood(outputs: data.outputs))
    return try network.likelihood.approximation.method.integral(
      kernel, labels: (0..<data.count).map(data.targets.row), likelihood, from: nil)
  }

  /// Stationary for N S = sum_l N_l (q_l - log q_l) - 2 log Z_lik, which has the reported value; the evidence.
  @Test(
    arguments: [([20, 8], "erf"), ([9, 30, 14], "erf"), ([12, 7], "linear")], LikelihoodApproximation.allCases)
  func twoClasses(_ layers: (widths: [Int], activation: String), approximation: LikelihoodApproximation) throws
  {
    let data = Self.data(1, classes: 2)
    for theory in [DeepTheory.linearPart, .vanilla] {
      let network = try Self.network(
        layers.widths.map { .finite($0) }, layers.activation, theory: theory, approximation: approximation)
      let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-9))
      let convergence = posterior.solution.convergence
      #expect(convergence.reachedTolerance && convergence.evaluations <= 10, "\(convergence)")
      let q = try #require(posterior.solution.layers).orderParameters
      #expect(q.allSatisfy { abs($0 - 1) > 1e-3 })
      let bank = try Self.bank(network, data)
      let depth = q.count
      let action = { (x: [Double]) -> Double in
        let weights =
          bank.count == 1 ? [exp(x.reduce(0, +))] : (0..<depth).map { exp(x[$0...].reduce(0, +)) }
        let prior = zip(layers.widths, x).reduce(0) { $0 + Double($1.0) * (exp($1.1) - $1.1) }
        return try prior - 2 * Self.integral(bank.weightedSum(weights), network, data).logLikelihood
      }
      let x = q.map { log($0) }
      for l in 0..<depth {
        let slope = try Naive.derivative(step: 1e-3) { t in
          var moved = x
          moved[l] += t
          return try action(moved)
        }
        expectClose(slope, 0, relative: 0, absolute: 2e-6, "\(theory), layer \(l)")
      }
      let width = Double(layers.widths[depth - 1])
      expectClose(try #require(posterior.solution.action), try action(x) / width, relative: 1e-9)
      let excess = layers.widths.reduce(0.0) { $0 + Double($1) }
      expectClose(try #require(posterior.logEvidence), -0.5 * (try action(x) - excess), relative: 1e-9)
      let family = try KernelFamily(network, data)
      let (_, gradient) = try family.action(at: posterior.solution.coordinates)
      #expect(gradient.frobenius < 1e-6)
    }
  }

  /// Means, variances and probabilities at points from the kernel by loops.
  @Test(arguments: [2, 3]) func predictions(classes: Int) throws {
    let data = Self.data(3, classes: classes)
    let network = try Self.network([.finite(15), .finite(10)])
    let test = Matrix.random(12, 4, RandomGenerator(seed: 8))
    let posterior = try network.fit(data)
    let prediction = try posterior.predict(test)
    let all = Dataset(
      shape: Self.shape,
      inputs: Matrix(columns: (0..<data.count).map(data.inputs.column) + (0..<4).map(test.column)),
      targets: Matrix(rows: data.count + 4, columns: 1))
    let bank = try Self.bank(network, all)
    let m = max(classes - 1, 1)
    let layers = try #require(posterior.solution.layers)
    let coordinates = BlockDiagonal(
      of: posterior.solution.coordinates, sizes: posterior.solution.space.blockSizes)
    // P_l over contrasts.
    let weights = m == 1 ? layers.paths.map { Matrix.diagonal([$0]) } : coordinates.blocks
    let kernel = Matrix(rows: all.count * m, columns: all.count * m) { a, b in
      zip(bank, weights).reduce(0) { $0 + $1.0[a / m, b / m] * $1.1[a % m, b % m] }
    }
    let own = Array(0..<data.count * m)
    let found = try Self.integral(kernel.selectingRows(own).selectingColumns(own), network, data)
    let h = network.latentLikelihood(outputs: data.outputs)?.contrasts ?? .identity(1)
    for x in 0..<4 {
      let points = (0..<m).map { (data.count + x) * m + $0 }
      let cross = kernel.selectingRows(own).selectingColumns(points)
      let covariance =
        kernel.selectingRows(points).selectingColumns(points) - cross.asTranspose * found.solve(cross)
      expectClose(
        prediction.mean.row(x), h * (cross.asTranspose * found.response), relative: 1e-6, absolute: 1e-8)
      expectClose(
        prediction.variance.row(x), (h * covariance * h.asTranspose).diagonal, relative: 1e-6, absolute: 1e-8)
    }
    let family = try KernelFamily(network, data)
    let member = try family.member(network, at: family.heldOut(test))
    expectClose(member.prediction.mean, prediction.mean, relative: 1e-6, absolute: 1e-7)
    let probabilities = prediction.classProbabilities(temperature: 1)
    for x in 0..<4 { expectClose(probabilities.row(x).reduce(0, +), 1, relative: 1e-12) }
  }

  /// Three classes: P_l over contrasts is stationary, and the reported matrices have rows that sum to 1.
  @Test(arguments: [[20, 8], [9, 14, 12]]) func threeClasses(widths: [Int]) throws {
    let data = Self.data(2, classes: 3)
    let network = try Self.network(widths.map { .finite($0) })
    let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-9))
    let convergence = posterior.solution.convergence
    #expect(convergence.reachedTolerance && convergence.evaluations <= 25, "\(convergence)")
    let bank = try Self.bank(network, data)
    let blocks = BlockDiagonal(of: posterior.solution.coordinates, sizes: posterior.solution.space.blockSizes)
      .blocks
    let action = { (p: [Matrix]) -> Double in
      let kernel = Matrix(rows: data.count * 2, columns: data.count * 2) { a, b in
        zip(bank, p).reduce(0) { $0 + $1.0[a / 2, b / 2] * $1.1[a % 2, b % 2] }
      }
      let prior = p.indices.reduce(0.0) { sum, l in
        let quotient = l + 1 < p.count ? Naive.product(Naive.inverse(p[l + 1]), p[l]) : p[l]
        return sum + Double(widths[l]) * (quotient.trace - log(Naive.determinant(quotient)))
      }
      return try prior - 2 * Self.integral(kernel, network, data).logLikelihood
    }
    let generator = RandomGenerator(seed: 4)
    for _ in 0..<3 {
      let step = blocks.map { Matrix.randomSymmetric($0.rows, generator) }
      let slope = try Naive.derivative(step: 1e-4) { t in try action(zip(blocks, step).map { $0 + t * $1 }) }
      expectClose(slope, 0, relative: 0, absolute: 1e-5)
    }
    // The mean over outputs adds an identity of order 1 to every layer.
    let common = widths.reduce(0) { $0 + Double($1) }
    let width = Double(widths[widths.count - 1])
    expectClose(try #require(posterior.solution.action), (try action(blocks) + common) / width, relative: 1e-9)
    expectClose(try #require(posterior.logEvidence), -0.5 * (try action(blocks) - 2 * common), relative: 1e-9)
    let layers = try #require(posterior.solution.layers)
    for (p, own) in zip(try #require(layers.matrices), blocks) {
      #expect(p.rows == 3)
      expectClose(p * [1, 1, 1], [1, 1, 1], absolute: 1e-12)
      expectClose(p.trace, own.trace + 1, relative: 1e-12)
    }
    expectClose(layers.paths, zip(blocks, blocks).map { ($0.0.trace + 1) / 3 }, relative: 1e-12)
  }

  /// Two convolutional layers weigh a bank of kernels, as positions do: stationary, with its evidence.
  @Test(arguments: LikelihoodApproximation.allCases) func convolutions(approximation: LikelihoodApproximation)
    throws
  {
    let generator = RandomGenerator(seed: 6)
    let own = Self.data(6, classes: 2)
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 4, width: 4), inputs: Matrix.random(16, 12, generator),
      targets: own.targets, classes: own.classes)
    let network = try Self.network([.finite(14), .finite(9)], approximation: approximation, masks: [2, 2])
    let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-9))
    #expect(posterior.solution.convergence.reachedTolerance, "\(posterior.solution.convergence)")
    let kernel = posterior.renormalizedKernel
    let found = try Self.integral(kernel, network, data)
    expectClose(
      try #require(posterior.logEvidence), found.logLikelihood - 9 * posterior.solution.priorExcess / 2,
      relative: 1e-8)
    let family = try KernelFamily(network, data)
    let (value, gradient) = try family.action(at: posterior.solution.coordinates)
    expectClose(value, try #require(posterior.solution.action), relative: 1e-9)
    let step = BlockDiagonal(posterior.solution.space.blockSizes.map { Matrix.randomSymmetric($0, generator) })
      .dense
    let slope = try Naive.derivative(step: 1e-4) { t in
      try family.action(at: posterior.solution.coordinates + t * step).value
    }
    expectClose(slope, 0, absolute: 1e-6)
    expectClose(gradient.innerProduct(step), slope, absolute: 1e-6)
  }

  /// Layers of infinite width: the Gaussian process with K_L, and wide networks come near it.
  @Test(arguments: [2, 3]) func infiniteWidth(classes: Int) throws {
    let data = Self.data(5, classes: classes)
    let infinite = try Self.network([.infinite, .infinite])
    let posterior = try infinite.fit(data)
    let kernel = try Self.bank(infinite, data).weightedSum([1, 1])
    let latents = classes == 2 ? 1 : 2
    let found = try Self.integral(kernel.spread(over: latents), infinite, data)
    expectClose(try #require(posterior.logEvidence), found.logLikelihood, relative: 1e-10)
    let wide = try Self.network([.finite(10_000_000), .finite(20_000_000)]).fit(data)
    let test = Matrix.random(12, 3, RandomGenerator(seed: 2))
    expectClose(
      try wide.predict(test).mean, try posterior.predict(test).mean, relative: 1e-5, absolute: 1e-6)
  }

  /// One finite layer is one hidden layer on the kernel of those below it.
  @Test func oneFiniteLayerIsOneKernel() throws {
    let data = Self.data(7, classes: 2)
    let network = try Self.network([.infinite, .finite(11)])
    let q = try #require(network.fit(data, options: FitOptions(tolerance: 1e-10)).solution.layers)
      .orderParameters
    let kernel = try Self.bank(network, data).weightedSum([1, 1])
    let term = LatentDataTerm(
      bank: OutputKernelBank(kernel, outputs: 1, amplification: 1), space: .outputs(1),
      parameters: ActionParameters(temperature: 0.2, width: 11, kernelScale: 1),
      likelihood: LogisticLatent(inverseTemperature: 5), labels: (0..<data.count).map(data.targets.row),
      approximation: .laplace)
    let one = try ConeMinimizer(options: SolverOptions(tolerance: 1e-10))
      .solve(EffectiveAction(prior: GaussianLayer(), data: term)).solution
    #expect(q[0] == 1)
    expectClose(q[1], one.coordinates[0, 0], relative: 1e-8)
  }

  /// The pair of docs/theory.md, section 4: Q = Gc and Qbar = r - r Gm r with G of the likelihood.
  @Test(arguments: LikelihoodApproximation.allCases) func pairOfNumbers(approximation: LikelihoodApproximation)
    throws
  {
    let data = Self.data(9, classes: 2, count: 14)
    let network = try Self.network([.finite(12)], "relu", approximation: approximation)
    let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-10))
    #expect(posterior.solution.formulation == .saddle && posterior.solution.convergence.reachedTolerance)
    let weights = posterior.solution.weights
    let (qbar, r) = (weights.covariance.blocks[0][0, 0], try #require(weights.mean).blocks[0][0, 0])
    #expect(abs(qbar - 1) > 1e-2 && abs(r - 1) > 1e-2)
    let (local, _) = try network.kernels(on: data.shape, threads: 1)
    let means = Matrix(columns: [local.means(data.inputs).column(0)])
    let kernel = local.contract(.identity(1), data.inputs).mirrored
    let centred = kernel - means * means.asTranspose
    let scale = 1 / network.lambda1
    let whole = scale * (qbar * centred + r * (means * means.asTranspose))
    expectClose(posterior.renormalizedKernel, whole, relative: 1e-12)
    let found = try Self.integral(whole, network, data)
    var g = found.inverse.mirrored
    g.add(1, outer: found.shift, found.shift)
    g.add(-1, outer: found.response, found.response)
    let width = 12.0
    let gc = scale / width * g.innerProduct(centred)
    let gm = scale / width * dot(means.column(0), g * means.column(0))
    expectClose(1 / r - 1, gc, relative: 1e-7, absolute: 1e-8)
    expectClose(qbar, r - r * gm * r, relative: 1e-7)
    let conjugate = 1 / r - 1
    expectClose(
      try #require(posterior.logEvidence),
      found.logLikelihood - width / 2 * (-conjugate * qbar + log(1 + conjugate)), relative: 1e-9)
    expectClose(
      try #require(posterior.solution.action),
      -conjugate * qbar + log(1 + conjugate) - 2 / width * found.logLikelihood, relative: 1e-9)
    // Predictions know the means too.
    let test = Matrix.random(12, 3, RandomGenerator(seed: 3))
    let mixed = Matrix(columns: (0..<data.count).map(data.inputs.column) + (0..<3).map(test.column))
    let m = local.means(mixed).column(0)
    let k = local.contract(.identity(1), mixed).mirrored
    let prediction = try posterior.predict(test)
    for x in 0..<3 {
      let place = data.count + x
      let cross = (0..<data.count).map {
        scale * (qbar * (k[$0, place] - m[$0] * m[place]) + r * m[$0] * m[place])
      }
      expectClose(prediction.mean[x, 0], dot(cross, found.response), relative: 1e-7, absolute: 1e-9)
    }
  }

  /// A deep network with means: stationary in q and r, as differences of its own action through predictions of
  /// wide and narrow networks are not available by loops; at large widths it is the Gaussian process.
  @Test func deepMeans() throws {
    let data = Self.data(10, classes: 2)
    let wide = try Self.network([.finite(5_000_000), .finite(5_000_000)], "relu").fit(data)
    let infinite = try Self.network([.infinite, .infinite], "relu").fit(data)
    expectClose(try #require(wide.logEvidence), try #require(infinite.logEvidence), relative: 1e-5)
    let narrow = try Self.network([.finite(30), .finite(30)], "relu").fit(data)
    #expect(narrow.solution.convergence.converged && narrow.solution.layers?.meanWeights?.count == 2)
    #expect(narrow.logEvidence != infinite.logEvidence)
  }

  @Test func refusals() throws {
    #expect(throws: RenormError.self) { try Self.network([.finite(9), .finite(9)], theory: .nested) }
    #expect(throws: RenormError.self) {
      try Self.network([.finite(9)], "relu").fit(Self.data(1, classes: 3))
    }
    let network = try Network(
      architecture: Convolutional(mask: Extent(2)), activation: ReLU(), width: .finite(9), temperature: 1,
      likelihood: SoftmaxLikelihood())
    do {
      _ = try network.fit(Self.data(1, classes: 2))
      Issue.record("a fit of several positions with means")
    } catch {
      #expect("\(error)".contains("several positions") && "\(error)".contains("closed form"))
    }
  }
}
