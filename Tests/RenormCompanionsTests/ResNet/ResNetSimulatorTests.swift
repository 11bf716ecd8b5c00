import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormCompanions

@Suite struct ResNetSimulatorTests {
  private let half = 0.5.squareRoot()

  private func shape(
    _ n: Int, _ d: Int, _ alpha: Double, _ lambda: Double, _ gating: ResNetShape.Gating
  ) throws -> ResNetShape {
    try ResNetShape(width: n, depth: d, alphas: [alpha], lambdas: [lambda], gating: gating)
  }

  /// log |zout|^2 of a network with all its weight matrices, by the definition.
  private func explicit(_ shape: ResNetShape, nin: Int, nout: Int, _ random: RandomGenerator) -> Double {
    let n = shape.width
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      var elements = [Double](repeating: 0, count: rows * columns)
      random.fillGaussian(&elements)
      return Matrix(rows: rows, columns: columns, elements: elements)
    }
    let input = (0..<nin).map { Double($0 % 3) - 0.5 }
    let norm = input.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = Double(nin).squareRoot() / norm
    var z = (matrix(n, nin) * input).map { $0 * scale / Double(nin).squareRoot() }
    for layer in 0..<shape.depth {
      let signs = (0..<n).map { _ in
        shape.gating == .balanced && random.bits() & 1 == 1 ? -1.0 : 1.0
      }
      let branch = matrix(n, n) * zip(signs, z).map { max(0, $0 * $1) }
      let factor = shape.lambdas[layer] * (2 / Double(n)).squareRoot()
      z = zip(z, branch).map { shape.alphas[layer] * $0 + factor * $1 }
    }
    let out = (matrix(nout, n) * z).map { $0 / Double(n).squareRoot() }
    return log(out.reduce(0) { $0 + $1 * $1 })
  }

  /// The simulator without matrices has the law of explicit networks: p > 0.001 at a fixed seed.
  @Test(arguments: [ResNetShape.Gating.vanilla, .balanced]) func explicitNetworks(gating: ResNetShape.Gating)
    throws
  {
    let shape = try shape(12, 10, half, half, gating)
    let networks = SeededDraws.map(4000, seed: 3) { explicit(shape, nin: 4, nout: 3, $0) }
    let draws = try ResNetSimulator(shape, inputs: 4, outputs: 3).draws(4000, seed: 4)
    #expect(KolmogorovSmirnov(networks, draws.map(\.logNorm)).pValue > 0.001)
  }

  /// A sign vector shared by all layers has the law of the plain network, and fresh signs have another.
  @Test func sharedSigns() throws {
    func norms(_ gating: ResNetShape.Gating) throws -> [Double] {
      try ResNetSimulator(shape(20, 20, half, half, gating)).draws(6000, seed: gating == .vanilla ? 1 : 2).map(
        \.logNorm)
    }
    let vanilla = try norms(.vanilla)
    #expect(KolmogorovSmirnov(vanilla, try norms(.sharedSigns)).pValue > 0.001)
    #expect(KolmogorovSmirnov(vanilla, try norms(.balanced)).pValue < 1e-6)
  }

  /// E |z_d|^2 = S E |z_0|^2 for a balanced network of every width: here with few, narrow layers.
  @Test func balancedMeanSquare() throws {
    let draws = try ResNetSimulator(shape(4, 3, 0.9, 0.3, .balanced)).draws(40_000, seed: 5)
    let moments = SampleMoments(draws.map { exp($0.logRatio) })
    expectNear(moments.mean.mean, pow(0.9, 3), 4 * moments.mean.standardError)
  }

  @Test func seedsAndThreads() throws {
    let simulator = try ResNetSimulator(shape(10, 5, 1, 0.5, .balanced))
    let draws = simulator.draws(200, seed: 1, threads: 1)
    #expect(draws == simulator.draws(200, seed: 1, threads: 2))
    #expect(draws != simulator.draws(200, seed: 2))
  }

  /// Two units and no skip connection: a layer passes nothing with probability 1/4.
  @Test func deadNetworks() throws {
    let shape = try shape(2, 1, 0, 1, .vanilla)
    let law = try ResNetOutput(ResNetLaw(shape))
    let sample = try ResNetSample(
      ResNetSimulator(shape), law: law, infinite: ResNetOutput(ResNetLaw(shape), isInfinite: true), count: 4000,
      seed: 1)
    expectNear(Double(sample.deadCount) / 4000, 0.25, 4 * (0.1875 / 4000.0).squareRoot())
    #expect(sample.logRatio.mean.mean.isFinite && sample.logRatio.count == 4000 - sample.deadCount)
  }

  /// A thousand layers of gain 100 would overflow without logarithms.
  @Test func noOverflow() throws {
    let draws = try ResNetSimulator(shape(5, 1000, 10, 1e-3, .vanilla)).draws(4, seed: 1)
    for draw in draws { expectNear(draw.logRatio, 2000 * log(10), 1) }
  }

  /// Expects the moments of balanced networks within three errors; of vanilla ones the mean within three errors
  /// and 8 percent, the variance with its relative correction of at most 12/n.
  private func expectLaw(_ shape: ResNetShape, draws: Int, seed: UInt32) throws {
    let law = ResNetLaw(shape)
    let values = try ResNetSimulator(shape).draws(draws, seed: seed).map(\.logRatio)
    let moments = SampleMoments(values)
    let (mean, variance) = (moments.mean, moments.variance)
    let isVanilla = shape.gating == .vanilla
    let slack = isVanilla ? 0.08 * abs(law.mean) : 0
    expectNear(
      mean.mean, law.logScale + law.mean, 3 * mean.standardError + slack,
      "mean of \(shape.gating): \(mean), \(law)")
    let ratio = variance.mean / law.variance
    let error = 3 * variance.standardError / law.variance
    let bias = isVanilla ? 12 / Double(shape.width) : 0
    #expect(
      ratio >= 1 - error && ratio <= 1 + bias + error, "variance of \(shape.gating): \(ratio) +- \(error / 3)")
  }

  @Test(arguments: [ResNetShape.Gating.vanilla, .balanced]) func law(gating: ResNetShape.Gating) throws {
    try expectLaw(shape(50, 50, half, half, gating), draws: 4000, seed: 11)
  }

  /// All networks of the published comparison.
  @Test(
    .enabled(if: SlowTests.areOn, SlowTests.comment),
    arguments: [
      (100, 100, 0.5, 0.5), (50, 100, 0.5, 0.5), (50, 50, 0.5, 0.5), (100, 200, 0.5, 0.5),
      (100, 100, 0.75, 0.25),
      (100, 100, 0.9, 0.1), (100, 100, 1.0, 0.05), (100, 50, 0, 1),
    ], [ResNetShape.Gating.vanilla, .balanced])
  func recordedLaws(network: (Int, Int, Double, Double), gating: ResNetShape.Gating) throws {
    let (n, d, alpha2, lambda2) = network
    try expectLaw(shape(n, d, alpha2.squareRoot(), lambda2.squareRoot(), gating), draws: 10_000, seed: 21)
  }

  /// n V and n(E h - 1) of vanilla networks approach the law with growing width: 628, 566, 555, 548 (+- 10) and
  /// -1.930, -1.822, -1.764, -1.741 (+- .007) are recorded at depth 100, the law has 533.6 and -1.7177.
  @Test(
    .enabled(if: SlowTests.areOn, SlowTests.comment),
    arguments: [(50, 628.0, -1.930, -0.390), (100, 566, -1.822, -0.360), (200, 555, -1.764, -0.346)])
  func recordedWidths(width: Int, variance: Double, late: Double, fraction: Double) throws {
    let draws = try ResNetSimulator(shape(width, 100, half, half, .vanilla)).draws(
      10_000, seed: 18, recordsLayers: true)
    let n = Double(width)
    let moments = SampleMoments(draws.map(\.logRatio)).variance
    expectNear(n * moments.mean, variance, 3 * (n * moments.standardError + 10))
    let h = SampleMoments(draws.map { $0.activations[50...].reduce(0, +) / 50 - 1 }).mean
    expectNear(n * h.mean, late, 3 * (n * h.standardError + 0.007))
    let active = SampleMoments(draws.map { $0.fractions[50...].reduce(0, +) / 50 - 0.5 }).mean
    expectNear(n * active.mean, fraction, 3 * (n * active.standardError + 0.007))
  }

  /// Layers of a plain ReLU ResNet: hypoactivation and active units per 1/n of late layers at n = 100, recorded
  /// with these widths; the law of infinite width is -1.7177 and -0.335.
  @Test(.enabled(if: SlowTests.areOn, SlowTests.comment)) func recordedLayers() throws {
    let draws = try ResNetSimulator(shape(100, 100, half, half, .vanilla)).draws(
      20_000, seed: 8, recordsLayers: true)
    // One number for a draw: late layers of a network are correlated.
    let late = SampleMoments(draws.map { $0.activations[50...].reduce(0, +) / 50 - 1 }).mean
    let fraction = SampleMoments(draws.map { $0.fractions[50...].reduce(0, +) / 50 - 0.5 }).mean
    expectNear(100 * late.mean, -1.822, 3 * 100 * late.standardError + 3 * 0.007)
    expectNear(100 * fraction.mean, -0.360, 3 * 100 * fraction.standardError + 3 * 0.007)
  }
}
