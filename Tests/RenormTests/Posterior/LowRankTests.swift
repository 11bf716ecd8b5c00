import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Kernels of exact low rank against algebra of the order of the rank.
@Suite struct LowRankTests {
  private static let options = FitOptions(tolerance: 1e-11)

  /// Ridge regression in the space of the inputs: P examples of d < P inputs, a linear network of one output.
  private struct Ridge {
    let data: Dataset
    let scale: Double
    let temperature: Double
    let width: Double
    let values: [Double]
    let vectors: Matrix
    /// v_i^T X y.
    let projections: [Double]

    init(_ data: Dataset, _ network: Network, width: Double) throws {
      self.data = data
      self.width = width
      temperature = network.temperature
      scale = 1 / (network.lambda0 * network.lambda1 * Double(data.inputs.rows))
      let spectrum = try SymmetricEigen(data.inputs * data.inputs.transposed)
      (values, vectors) = (spectrum.values, spectrum.vectors)
      projections = (vectors.transposed * (data.inputs * data.targets)).column(0)
    }

    /// dS/d log q.
    func gradient(_ q: Double) -> Double {
      let c = scale * q
      var sum = 0.0
      for (g, b) in zip(values, projections) {
        let a: Double = temperature + c * g
        sum += c * g / a
        sum -= c * b * b / (a * a)
      }
      return q - 1 + sum / width
    }

    /// The zero nearest to the given q, by bisection.
    func orderParameter(near q: Double) -> Double {
      var (low, high) = (0.9 * q, 1.1 * q)
      for _ in 0..<100 {
        let middle = (low + high) / 2
        if gradient(middle) < 0 { low = middle } else { high = middle }
      }
      return (low + high) / 2
    }

    func prediction(_ x: [Double], _ q: Double) -> (mean: Double, variance: Double) {
      let own = (vectors.transposed * Matrix(columns: [x])).column(0)
      let c = scale * q
      var (mean, variance) = (0.0, 0.0)
      for (i, g) in values.enumerated() {
        mean += own[i] * c * projections[i] / (temperature + c * g)
        variance += temperature * c * own[i] * own[i] / (temperature + c * g)
      }
      return (mean, variance)
    }

    func logEvidence(_ q: Double) -> Double {
      let c = scale * q
      let count = data.count
      // |y|^2 outside the range, from the residual of least squares.
      let inverse = Matrix.diagonal(values.map { 1 / $0 })
      let weights = vectors * (inverse * Matrix(columns: [projections]))
      let residual = data.targets - data.inputs.transposed * weights
      var sum: Double = width * (q - 1 - log(q))
      sum += Double(count - values.count) * log(temperature)
      sum += residual.innerProduct(residual) / temperature
      sum += Double(count) * log(2 * Double.pi)
      for (g, b) in zip(values, projections) {
        let a: Double = temperature + c * g
        sum += log(a)
        sum += b * b / (g * a)
      }
      return -sum / 2
    }
  }

  @Test(arguments: UInt32(1)...30, [1e-3, 1e-7, 1e-12])
  func linearWithMoreExamplesThanInputs(seed: UInt32, temperature: Double) throws {
    let generator = RandomGenerator(seed: seed)
    let d = 1 + generator.integer(below: 6)
    let count = d + 1 + generator.integer(below: 20)
    let x = Matrix(rows: d, columns: count) { _, _ in generator.gaussian() }
    let y = Matrix(rows: count, columns: 1) { _, _ in generator.gaussian() }
    let data = Dataset(shape: ImageShape(channels: 1, height: 1, width: d), inputs: x, targets: y)
    let width = 2 + generator.integer(below: 40)
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(width), temperature: temperature,
      lambda0: 0.7, lambda1: 1.6)
    let ridge = try Ridge(data, network, width: Double(width))
    let test = Matrix(rows: d, columns: 3) { _, _ in generator.gaussian() }

    let family = try KernelFamily(network, data, options: Self.options)
    let posterior = try family.fit()
    #expect(posterior.solution.convergence.converged)
    let q = ridge.orderParameter(near: posterior.orderParameter[0, 0])
    expectClose(posterior.orderParameter[0, 0], q, relative: 1e-9)
    let member = try family.member(network, at: family.heldOut(test))
    let prediction = try posterior.predict(test)
    for p in 0..<3 {
      let expected = ridge.prediction(test.column(p), q)
      for found in [prediction, member.prediction] {
        expectClose(found.mean[p, 0], expected.mean, relative: 1e-8, absolute: 1e-9)
        expectClose(found.variance[p, 0], expected.variance, relative: 1e-8)
      }
    }
    expectClose(try #require(posterior.logEvidence), ridge.logEvidence(q), relative: 1e-8)
    expectClose(try #require(member.result.logEvidence), ridge.logEvidence(q), relative: 1e-8)
    let action = try #require(posterior.solution.action)
    let evidence = -2 * ridge.logEvidence(q) - Double(count) * log(2 * .pi)
    expectClose(Double(width) * (action - 1), evidence, relative: 1e-8)
  }

  /// Every example comes with a partner: equal, opposite for odd activations, or three times as large for relu.
  /// It is the problem of one example with 1 + c^2 times the information.
  @Test(arguments: UInt32(1)...48, [1e-2, 1e-6]) func partners(seed: UInt32, temperature: Double) throws {
    let generator = RandomGenerator(seed: 100 + seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let activations: [NaiveNetwork.Activation] = [.erf, .relu, .sine, .linear]
    let kind = kinds[Int(seed % 3)]
    var problem = RandomProblem(
      generator, kind: kind, activation: activations[Int(seed / 3 % 4)],
      outputs: kind == .fullyConnected && seed % 2 == 0 ? 3 : 1, largestCount: 6)
    if kind == .convolutional, seed % 2 == 0 { problem.readout = MeanPooling() }
    problem.width = max(problem.width, 4)
    problem.naive.temperature = temperature
    problem.naive.lambda1 = 1
    let activation = problem.naive.activation
    let c = activation == .relu ? 3.0 : seed % 2 == 0 ? 1 : -1
    let count = problem.inputs.columns
    var doubled = problem
    doubled.inputs = Matrix(rows: problem.inputs.rows, columns: 2 * count) { i, p in
      p % 2 == 0 ? problem.inputs[i, p / 2] : c * problem.inputs[i, p / 2]
    }
    let noise = Matrix(rows: count, columns: problem.targets.columns) { _, _ in generator.gaussian() }
    // Targets y + c e and c y - e have the projection y.
    doubled.targets = Matrix(rows: 2 * count, columns: problem.targets.columns) { p, d in
      let (y, e) = (problem.targets[p / 2, d], noise[p / 2, d])
      return p % 2 == 0 ? y + c * e : c * y - e
    }
    problem.naive.temperature = temperature / (1 + c * c)

    for width in [Width.finite(problem.width), .infinite] {
      let single = try problem.fit(width, options: Self.options)
      let both = try doubled.fit(width, options: Self.options)
      // Partners are multiples up to rounding.
      #expect(both.solution.convergence.roundingError <= 10 * single.solution.convergence.roundingError + 1e-8)
      expectClose(both.orderParameter, single.orderParameter, relative: 1e-7, absolute: 1e-9, "\(doubled)")
      let (first, second) = (try single.predict(problem.test), try both.predict(problem.test))
      expectClose(second.mean, first.mean, relative: 1e-6, absolute: 1e-8, "\(doubled)")
      expectClose(second.variance, first.variance, relative: 1e-6, absolute: 1e-8, "\(doubled)")
      // Residuals at the partners: e of both, and that of the projection.
      let information: Double = 1 + c * c
      let numbers = Double(noise.elements.count)
      let outside: Double = information * noise.innerProduct(noise)
      let error: Double =
        (outside + information * (try #require(single.trainingError)) * numbers) / (2 * numbers)
      expectClose(try #require(both.trainingError), error, relative: 1e-6, "\(doubled)")
      let logarithms: Double = log(temperature) + log(1 + c * c) + log(2 * Double.pi)
      let constants: Double = Double(noise.elements.count) * logarithms + outside / temperature
      if let evidence = single.logEvidence {
        expectClose(try #require(both.logEvidence), evidence - constants / 2, relative: 1e-6, "\(doubled)")
      }
      let member = try KernelFamily(doubled.network(width), doubled.data, options: Self.options)
      let result = try member.member(doubled.network(width), at: member.heldOut(problem.test))
      expectClose(result.prediction.mean, first.mean, relative: 1e-6, absolute: 1e-8, "\(doubled)")
      expectClose(try #require(result.result.trainingError), error, relative: 1e-6, "\(doubled)")
      if let evidence = both.logEvidence {
        expectClose(try #require(result.result.logEvidence), evidence, relative: 1e-6, "\(doubled)")
      }
      // The whole kernel, at a temperature where it can be seen.
      let full = both.trainingKernel
      for p in 0..<count {
        expectClose(full[2 * p, 2 * p + 1], c * full[2 * p, 2 * p], relative: 1e-9, "\(doubled)")
      }
    }
  }

  /// A linear CNN or LCN has no more than as many independent examples as pixels; a zero gradient by loops over
  /// all.
  @Test(arguments: UInt32(1)...12) func linearBanks(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(
      generator, kind: seed % 2 == 0 ? .convolutional : .locallyConnected, activation: .linear)
    let count = problem.shape.count + 4
    problem.inputs = Matrix(rows: problem.shape.count, columns: count) { _, _ in generator.gaussian() }
    problem.targets = Matrix(rows: count, columns: 1) { _, _ in generator.gaussian() }
    problem.naive.temperature = 0.05
    problem.width = 10
    let posterior = try problem.fit(options: Self.options)
    #expect(posterior.range.isReduced && posterior.range.inputs.columns <= problem.shape.count)
    let kernels = problem.trainingKernels
    let q = posterior.orderParameter
    expectClose(
      try #require(posterior.solution.action),
      kernels.action(q, targets: problem.targets, width: 10), relative: 1e-9, "\(problem)")
    // At low temperature order parameters approach a limit, linearly in T.
    var found: [Matrix] = []
    for temperature in [1e-5, 1e-6, 1e-11] {
      problem.naive.temperature = temperature
      let cold = try problem.fit(options: Self.options)
      #expect(cold.solution.convergence.converged, "\(cold.solution.convergence) \(problem)")
      #expect(!cold.warnings.contains { $0.contains("rounding") }, "\(cold.warnings)")
      found.append(cold.orderParameter)
    }
    expectClose(found[1], found[2], relative: 1e-3)
    let ratio = (found[0] - found[2]).frobenius / (found[1] - found[2]).frobenius
    expectClose(ratio, 10, relative: 0.05)
  }

  /// Examples that are all different stay as they are.
  @Test func generalExamplesAreKept() throws {
    let generator = RandomGenerator(seed: 5)
    let problem = RandomProblem(generator, kind: .fullyConnected, activation: .erf, largestCount: 60)
    let range = try RangeExamples(problem.data, problem.local())
    #expect(!range.isReduced && range.inputs == problem.inputs && range.targets == problem.targets)
    #expect(range.outside(0.1, isWhitened: true).logDeterminant == 0)
  }

  /// Multiples are found among many, whatever their order, and only by activations that cannot tell them apart.
  @Test func groups() throws {
    let generator = RandomGenerator(seed: 6)
    let base = Matrix(rows: 7, columns: 40) { _, _ in generator.gaussian() }
    let factors = (0..<200).map { _ in exp(generator.gaussian()) }
    let inputs = Matrix(rows: 7, columns: 200) { i, p in factors[p] * base[i, (p * 7) % 40] }
    let pixels = Array(0..<7)
    let found = try #require(ProportionalGroups(inputs, pixels, areOdd: false, areHomogeneous: true))
    #expect(found.representatives.count == 40)
    for p in 0..<200 {
      let own = found.representatives[found.group[p]]
      #expect((own * 7) % 40 == (p * 7) % 40)
      expectClose(found.factors[p], factors[p] / factors[own], relative: 1e-14)
    }
    #expect(ProportionalGroups(inputs, pixels, areOdd: true, areHomogeneous: false) == nil)
    let opposite = Matrix(rows: 7, columns: 80) { i, p in p < 40 ? base[i, p] : -base[i, p - 40] }
    #expect(ProportionalGroups(opposite, pixels, areOdd: false, areHomogeneous: true) == nil)
    let pairs = try #require(ProportionalGroups(opposite, pixels, areOdd: true, areHomogeneous: false))
    #expect(pairs.representatives.count == 40)
  }
}
