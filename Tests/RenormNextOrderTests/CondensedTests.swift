import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import TestSupport
import Testing

@testable import RenormNextOrder

@Suite struct CondensedTests {
  private static let points = SmallProblem.points.inputs
  private static let options = CondensedOptions(threads: 1)

  private func condensed(_ problem: SmallProblem, _ options: CondensedOptions = options) throws -> Condensed {
    try Condensed(problem.posterior(), points: Self.points, options: options)
  }

  /// Linear networks are the mixture over q, here against importance-free sums with another factorisation.
  @Test(arguments: [3, 12, 60]) func linear(width: Int) throws {
    let posterior = try SmallProblem(activation: Linear(), width: width).posterior()
    let own = try Condensed(posterior, points: Self.points, options: Self.options)
    let exact = try ExactMixture(posterior, points: Self.points, threads: 1).result
    #expect(own.summary.neurons == 0 && own.summary.readout == nil && own.warnings.isEmpty)
    expectClose(own.corrected.prediction.mean, exact.prediction.mean, relative: 1e-6)
    expectClose(own.corrected.prediction.variance, exact.prediction.variance, relative: 1e-6)
    expectClose(own.corrected.orderParameter, exact.orderParameter, relative: 1e-6)
    expectClose(own.corrected.logEvidence, exact.logEvidence, relative: 0, absolute: 1e-6)
  }

  /// The largest of many units has one share in N.
  @Test func infiniteWidth() throws {
    let own = try condensed(SmallProblem(width: 20_000))
    expectClose(own.corrected.prediction.mean, own.leading.prediction.mean, relative: 1e-3)
    expectClose(own.corrected.prediction.variance, own.leading.prediction.variance, relative: 1e-3)
    expectClose(own.corrected.orderParameter, own.leading.orderParameter, relative: 1e-3)
    expectClose(own.corrected.logEvidence, own.leading.logEvidence, relative: 0, absolute: 5e-3)
    // The median of the largest of N Gaussian sizes is 4.1, its mean 4.2.
    expectClose(own.summary.readout ?? 0, 4.2, relative: 0, absolute: 0.1)
  }

  /// Where noise is all, means are those of linear response at the prior, k(x, X) y/T, of which the explicit unit
  /// has its share too: a quarter at N = 20.
  @Test(arguments: [1e3, 1e6]) func noiseAlone(temperature: Double) throws {
    let own = try condensed(SmallProblem(width: 20, temperature: temperature))
    // Leading order is exact there; Cramer's theorem for the readouts of the bulk leaves a percent.
    expectClose(own.corrected.prediction.mean, own.leading.prediction.mean, relative: 0.02)
    expectClose(own.corrected.prediction.variance, own.leading.prediction.variance, relative: 0.02)
    expectClose(own.corrected.logEvidence, own.leading.logEvidence, relative: 0, absolute: 0.02)
    #expect(own.warnings.isEmpty)
  }

  /// Where nothing condenses the explicit unit is one of the bulk, and its weight integrates to one.
  @Test func nothingCondenses() throws {
    let own = try condensed(SmallProblem(width: 60, temperature: 0.5))
    // What the saddle points of the bulk leave, order 1/N, and the fourth cumulant of one unit.
    expectClose(own.summary.logRatio ?? .nan, 0, absolute: 0.04)
    let mixture = try ExactMixture(
      SmallProblem(width: 60, temperature: 0.5).posterior(), points: Self.points, threads: 1
    ).result
    // The bulk alone is that mixture.
    expectClose(own.bulkLogEvidence, mixture.logEvidence, relative: 0, absolute: 1e-5)
    #expect(own.summary.secondLogRatio == nil && own.warnings.isEmpty)
  }

  /// Twice the examples at twice the temperature are the same posterior, and so are opposite examples.
  @Test func repeatedExamples() throws {
    let small = SmallProblem(width: 10)
    let training = SmallProblem.training
    let both = Dataset(
      shape: training.shape,
      inputs: Matrix(
        rows: 16, columns: 16, elements: training.inputs.elements + training.inputs.elements.map { -$0 }),
      targets: Matrix(
        rows: 16, columns: 1, elements: training.targets.elements + training.targets.elements.map { -$0 }))
    let network = try small.network()
    let once = try Condensed(
      network.fit(training, options: FitOptions(threads: 1)), points: Self.points, options: Self.options)
    let twice = try Condensed(
      network.with(temperature: 2 * network.temperature).fit(both, options: FitOptions(threads: 1)),
      points: Self.points, options: Self.options)
    // Both stop their searches at 1e-6 in the action.
    expectClose(twice.corrected.prediction.mean, once.corrected.prediction.mean, relative: 1e-3)
    expectClose(twice.corrected.prediction.variance, once.corrected.prediction.variance, relative: 1e-3)
    expectClose(twice.summary.logRatio ?? .nan, once.summary.logRatio ?? 0, absolute: 1e-4)
    // N(y; f, T)^2 over N(y; f, T/2) with the constants of Gaussians.
    let constant = -8 * 0.5 * log(4 * .pi * 2 * network.temperature)
    expectClose(
      twice.corrected.logEvidence, once.corrected.logEvidence + constant, relative: 0,
      absolute: 1e-3)
  }

  /// Evidence and means against importance sampling from the prior of all hidden weights.
  @Test func priorSampling() throws {
    let small = SmallProblem(width: 6, temperature: 0.2)
    let own = try condensed(small)
    let exact = PriorSampling(try small.network(), SmallProblem.training, Self.points, draws: 60_000)
    // A bound at every v, less what a Gaussian law loses; the bulk's fourth cumulants are left out, at N = 6.
    #expect(abs(own.corrected.logEvidence - exact.logEvidence) < 0.3)
    #expect(abs(own.bulkLogEvidence - exact.logEvidence) > abs(own.corrected.logEvidence - exact.logEvidence))
    expectClose(own.corrected.prediction.mean.elements, exact.mean, relative: 0, absolute: 0.05)
  }

  /// Importance draws give what Jensen's bound loses, and no more than noise where the Gaussian law is exact.
  @Test func importanceDraws() throws {
    let small = SmallProblem(width: 6, temperature: 0.2)
    let (plain, drawn) = (
      try condensed(small), try condensed(small, CondensedOptions(draws: 4000, threads: 1))
    )
    let exact = PriorSampling(try small.network(), SmallProblem.training, Self.points, draws: 60_000)
    let gain = drawn.corrected.logEvidence - plain.corrected.logEvidence
    // Some hundredths of noise.
    #expect(gain > -0.02 && gain < 0.5)
    #expect((drawn.summary.effectiveShare ?? 0) > 0.1 && drawn.summary.draws == 4000)
    #expect(abs(drawn.corrected.logEvidence - exact.logEvidence) < 0.3)
    expectClose(drawn.corrected.prediction.mean.elements, exact.mean, relative: 0, absolute: 0.05)
    expectClose(
      drawn.corrected.prediction.variance, plain.corrected.prediction.variance, relative: 0.15)
  }

  @Test func threadsAndRepeats() throws {
    let (one, again) = (try condensed(SmallProblem(width: 8)), try condensed(SmallProblem(width: 8)))
    #expect(one.corrected == again.corrected && one.summary == again.summary)
  }

  @Test func refusals() throws {
    func refused(_ problem: SmallProblem) {
      #expect(throws: RenormError.self) { try condensed(problem) }
    }
    refused(SmallProblem(activation: ReLU()))
    refused(SmallProblem(architecture: Convolutional(mask: SmallProblem.mask)))
    refused(SmallProblem(width: 1))
    #expect(throws: RenormError.self) {
      try condensed(SmallProblem(), CondensedOptions(accuracy: 0, threads: 1))
    }
    #expect {
      try condensed(SmallProblem(), CondensedOptions(threads: 1, memoryLimit: 10))
    } throws: {
      if case RenormError.outOfMemory = $0 { true } else { false }
    }
  }
}

/// log E N(y; 0, T + K_w) and posterior means, K_w the kernel of N drawn hidden units.
struct PriorSampling {
  let logEvidence: Double
  let mean: [Double]

  init(_ network: Network, _ training: Dataset, _ points: Matrix, draws: Int) {
    let generator = RandomGenerator(seed: 11)
    let (count, held) = (training.count, points.columns)
    let inputs = Matrix(
      rows: training.inputs.rows, columns: count + held, elements: training.inputs.elements + points.elements)
    let units = network.width.units ?? 0
    let scale = 1 / (network.lambda0 * Double(inputs.rows)).squareRoot()
    let y = training.targets.column(0)
    var logs: [Double] = []
    var means: [[Double]] = []
    for _ in 0..<draws {
      var s = scale * (Matrix.random(units, inputs.rows, generator) * inputs)
      s.withUnsafeMutableElements { for i in $0.indices { $0[i] = erf($0[i]) } }
      let k = (1 / (network.lambda1 * Double(units))) * (s.asTranspose * s)
      let a = Matrix(rows: count, columns: count) { k[$0, $1] + ($0 == $1 ? network.temperature : 0) }
      guard let factor = try? Cholesky(a) else { continue }
      let u = factor.solve(y)
      logs.append(-0.5 * (factor.logDeterminant + dot(y, u) + Double(count) * log(2 * .pi)))
      means.append((0..<held).map { p in (0..<count).reduce(0) { $0 + k[$1, count + p] * u[$1] } })
    }
    let top = logs.max() ?? 0
    let weights = logs.map { exp($0 - top) }
    let total = weights.reduce(0, +)
    logEvidence = top + log(total / Double(draws))
    mean = means.weightedSum(weights.scaled(by: 1 / total))
  }
}
