import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormCompanions

/// 0.6 Bernoulli(1/p) beside a constant 0.4: a law of the test, made as a user would make one.
struct ConstantAndBernoulli: NodeLaw {
  var name: String { "test" }
  var locationA: Double { 0.4 }
  func levyDensity(_ w: Double) -> Double { 0 }
  func levyTail(_ x: Double) -> Double { x < 0.6 ? 1 : 0 }
  func levyMassBelow(_ eps: Double) -> Double { eps < 0.6 ? 0 : 0.6 }
  var levyMass: Double { 0.6 }
  var levySquare: Double { 0.36 }
  func laplaceExponent(_ t: Double) -> Double { 0.4 * t - expm1(-0.6 * t) }
  func atom(arrival: Double, marks: ArraySlice<Double>) -> Double { arrival < 1 ? 0.6 : 0 }
  func residualMass(truncation: Double) -> Double { 0 }
  func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    0.4 / Double(p) + (random.uniform() * Double(p) < 1 ? 0.6 : 0)
  }
}

@Suite struct MixtureNetworkTests {
  private let unit = Matrix(rows: 1, columns: 1, elements: [1])
  private let limit = MixtureNetwork.Nodes.limit(truncation: 40)

  private func network(_ name: String, _ parameters: [String: Double] = [:], layers: Int = 1) throws
    -> MixtureNetwork
  {
    try MixtureNetwork(NodeLaws.named(name, parameters), inputs: unit, layers: layers)
  }

  /// Exact laws of one hidden layer on the input 1, p > 0.001 at fixed seeds.
  @Test(arguments: [limitNodes, .finite(width: 1000)]) func exactLaws(nodes: MixtureNetwork.Nodes) throws {
    func draws(_ name: String) throws -> [(output: [Double], diagonal: [Double])] {
      try network(name).outputs(nodes, draws: 2000, seed: 4)
    }
    // Beta(1/(2p), 1/2): K is Gamma(1/4, rate 1/2).
    let beta = try draws("beta").map { $0.diagonal[0] }
    #expect(KolmogorovSmirnov(beta) { SpecialFunctions.regularisedLowerGamma(0.25, $0 / 2) }.pValue > 0.001)
    // Horseshoe: Z is Cauchy of scale 1/2.
    let cauchy = try draws("horseshoe").map { $0.output[0] }
    #expect(KolmogorovSmirnov(cauchy) { 0.5 + atan(2 * $0) / .pi }.pValue > 0.001)
    // Bernoulli(1/p): K is chi squared with a Poisson(1/2) number of degrees of freedom.
    let bernoulli = try draws("bernoulli").map { $0.diagonal[0] }
    let zero = Double(bernoulli.count { $0 == 0 }) / 2000
    expectNear(zero, exp(-0.5), 4 * 0.011)
    let moments = SampleMoments(bernoulli)
    expectNear(moments.mean.mean, 0.5, 4 * moments.mean.standardError)
    expectNear(moments.variance.mean, 1.5, 4 * moments.variance.standardError)
  }

  static let limitNodes = MixtureNetwork.Nodes.limit(truncation: 60)

  /// Homogeneity: on one input without biases K is a product of independent factors.
  @Test func productOfLayers() throws {
    let deep = try network("beta", layers: 2).outputs(limit, draws: 3000, seed: 6).map { $0.diagonal[0] }
    let single = try network("beta").outputs(limit, draws: 6000, seed: 7).map { $0.diagonal[0] }
    let products = (0..<3000).map { single[2 * $0] * single[2 * $0 + 1] }
    #expect(KolmogorovSmirnov(deep, products).pValue > 0.001)
  }

  /// A constant law is the classical network: K is its kernel at any truncation.
  @Test func gaussianProcess() throws {
    let inputs = Matrix(rows: 2, columns: 3) { i, j in Double(i + 1) * cos(Double(3 * j + i)) }
    let network = try MixtureNetwork(
      NodeLaws.named("deterministic"), inputs: inputs, layers: 1, weightScale: 1.3, biasScale: 0.2)
    let kernel = network.kernel(limit, RandomGenerator(seed: 1))
    let first = network.firstKernel
    expectNear(
      first[0, 1], 0.04 + 1.69 / 2 * (inputs[0, 0] * inputs[0, 1] + inputs[1, 0] * inputs[1, 1]), 1e-13)
    let expected = 0.04 + 1.69 * ReLU().secondMoment(first[1, 1], first[1, 2], first[2, 2])
    expectNear(kernel[1, 2], expected, 1e-12)
    // Sampled networks of this width are near.
    let wide = network.kernel(.finite(width: 20_000), RandomGenerator(seed: 2))
    expectNear(wide[1, 2] / kernel[1, 2], 1, 0.05)
  }

  /// Two hidden layers on two inputs: explicit weights, the recursion without weights, and the limit have one
  /// law.
  @Test func explicitWeights() throws {
    let inputs = Matrix(rows: 2, columns: 2, elements: [1, 0.5, -0.3, 0.8])
    let network = try MixtureNetwork(
      ConstantAndBernoulli(), inputs: inputs, layers: 2, weightScale: 1.2, biasScale: 0.3)
    let p = 60
    let explicit = SeededDraws.map(2000, seed: 8) { random -> [Double] in
      var z = [[Double]]()
      for _ in 0..<p {
        let (w, v, b) = (random.gaussian(), random.gaussian(), 0.3 * random.gaussian())
        z.append((0..<2).map { 1.2 / 2.0.squareRoot() * (w * inputs[0, $0] + v * inputs[1, $0]) + b })
      }
      for layer in 0..<2 {
        let roots = (0..<p).map { _ in network.law.sampleFinite(width: p, random).squareRoot() }
        z = (0..<(layer == 1 ? 1 : p)).map { _ in
          let bias = 0.3 * random.gaussian()
          var sum = [bias, bias]
          for j in 0..<p {
            let v = 1.2 * random.gaussian() * roots[j]
            for x in 0..<2 { sum[x] += v * max(0, z[j][x]) }
          }
          return sum
        }
      }
      return z[0]
    }
    let recursion = try network.outputs(.finite(width: p), draws: 2000, seed: 9).map(\.output)
    let mixture = try network.outputs(limit, draws: 2000, seed: 10).map(\.output)
    for statistic in [{ $0[0] }, { $0[0] - $0[1] }, { $0[0] * $0[1] }] as [([Double]) -> Double] {
      #expect(KolmogorovSmirnov(explicit.map(statistic), recursion.map(statistic)).pValue > 0.001)
      #expect(KolmogorovSmirnov(recursion.map(statistic), mixture.map(statistic)).pValue > 0.001)
    }
  }

  /// Corr(Z1^2, Z2^2): 2/7 for beta, 3/10 for Bernoulli, none for a heavier law, 0 for a Gaussian process.
  @Test func correlationOfSquares() throws {
    func exact(_ name: String, _ parameters: [String: Double] = [:]) throws -> Double? {
      MixtureMoments(try NodeLaws.named(name, parameters), weightScale: 1, biasScale: 0, inputVariance: 1)
        .correlationOfSquares
    }
    expectNear(try #require(try exact("beta")), 0.2857, 5e-5)
    expectNear(try #require(try exact("bernoulli")), 0.3, 1e-12)
    #expect(try exact("horseshoe") == nil && exact("gbfry", ["tau": 2]) == nil && exact("deterministic") == 0)
    let sampled = MixtureMoments.correlationOfSquares(
      try network("bernoulli").outputs(limit, draws: 6000, seed: 5).map { $0.diagonal[0] })
    expectNear(sampled.mean, 0.3, 4 * sampled.standardError)
    #expect(sampled.standardError < 0.02)
  }

  /// The largest outgoing weight of horseshoe nodes: P(max <= x) = exp(-sqrt(2/(pi x))).
  @Test func largestWeight() throws {
    let law = try NodeLaws.named("horseshoe")
    let largest = SeededDraws.map(3000, seed: 6) { random in
      (0..<500).reduce(0.0) { largest, _ in
        let v = random.gaussian()
        return max(largest, law.sampleFinite(width: 500, random) * v * v)
      }
    }
    expectNear(Double(largest.count { $0 <= 1 }) / 3000, 0.4503, 4 * 0.0091)
  }

  /// Tails of beta-Pareto with tau = 1.5 against recorded ratios; the horseshoe has P ~ 1/(pi t).
  @Test func tails() throws {
    let tails = try MixtureTails(
      network("beta-pareto", ["tau": 1.5]), limit, thresholds: [6, 12, 24], draws: 40_000, seed: 3)
    #expect(tails.index == 3)
    for (row, ratio) in zip(tails.rows, [1.104, 1.063, 1.031]) {
      let power = try #require(row.asymptotic)
      expectNear(row.probability.mean / power, ratio, 4 * row.probability.standardError / power + 0.02)
    }
    let horseshoe = try MixtureTails(network("horseshoe"), limit, thresholds: [50], draws: 20_000, seed: 3)
      .rows[0]
    expectNear(try #require(horseshoe.asymptotic), 1 / (50 * Double.pi), 1e-12)
    expectNear(horseshoe.probability.mean, 1 / (50 * Double.pi), 4 * horseshoe.probability.standardError)
    #expect(
      try MixtureTails(network("bernoulli"), limit, thresholds: [1], draws: 10, seed: 1).rows[0].asymptotic
        == nil)
  }

  @Test func refusals() throws {
    func refused(_ body: () throws -> Void) -> Bool {
      do { try body() } catch { return true }
      return false
    }
    let law = try NodeLaws.named("beta")
    for (sv, sb) in [(0.0, 0.0), (-1, 0), (.nan, 0), (1, -1), (1, .nan), (1, .infinity)] {
      #expect(
        refused { _ = try MixtureNetwork(law, inputs: unit, weightScale: sv, biasScale: sb) }, "\(sv) \(sb)")
    }
    #expect(refused { _ = try MixtureNetwork(law, inputs: unit, layers: 0) })
    #expect(refused { _ = try network("beta").outputs(.finite(width: 0), draws: 10, seed: 1) })
    #expect(refused { _ = try network("beta").outputs(limit, draws: 1, seed: 1) })
    #expect(refused { _ = try MixtureTails(network("beta"), limit, thresholds: [0], draws: 10, seed: 1) })
  }
}
