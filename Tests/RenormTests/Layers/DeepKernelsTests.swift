import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels

/// The kernels of layers against loops over their recursion.
@Suite struct DeepKernelsTests {
  private static func kernels(
    _ activation: any Activation, _ lambdas: [Double], _ theory: DeepTheory = .linearPart
  ) throws -> DeepKernels {
    let first = try LocalKernels(
      architecture: FullyConnected(), activation: activation, lambda0: 0.7,
      image: ImageShape(channels: 1, height: 2, width: 3), threads: 2)
    return DeepKernels(first: first, lambdas: lambdas, theory: theory)
  }

  private static func inputs(_ seed: UInt32, _ count: Int) -> Matrix {
    .random(6, count, RandomGenerator(seed: seed))
  }

  private static let activations: [any Activation] = [Erf(), ReLU(), Sine()]

  /// B_l and M_l as docs/depth.md has them, element by element.
  @Test(arguments: 0..<3) func bankIsTheRecursion(index: Int) throws {
    let activation = Self.activations[index]
    let lambdas = [0.8, 1.5, 0.6]
    let kernels = try Self.kernels(activation, lambdas)
    let (x, y) = (Self.inputs(1, 5), Self.inputs(2, 4))
    let points = Matrix(rows: 6, columns: 9, elements: x.elements + y.elements)
    // K_0..K_L over all points.
    var layers = [Matrix(rows: 9, columns: 9) { i, j in dot(points.column(i), points.column(j)) / (0.7 * 6) }]
    for lambda in lambdas {
      let below = layers[layers.count - 1]
      layers.append(
        Matrix(rows: 9, columns: 9) { i, j in
          activation.secondMoment(below[i, i], below[i, j], below[j, j]) / lambda
        })
    }
    func slope(_ l: Int, _ i: Int) -> Double { activation.meanSlope(variance: layers[l][i, i]) }
    func mean(_ l: Int, _ i: Int) -> Double { activation.mean(variance: layers[l][i, i]) }
    func handedOn(_ l: Int, _ i: Int, _ j: Int) -> Double {
      (l..<3).reduce(1) { product, m in
        product * (m > l ? slope(m, i) * slope(m, j) : 1) / lambdas[m]
      }
    }
    let expected =
      (0..<3).map { l in
        Matrix(rows: 9, columns: 9) { i, j in
          let linear = l == 0 ? 0 : slope(l, i) * slope(l, j) * layers[l][i, j]
          let noise = layers[l + 1][i, j] * lambdas[l] - linear - mean(l, i) * mean(l, j)
          return handedOn(l, i, j) * noise
        }
      }
      + (activation.isOdd
        ? []
        : (0..<3).map { l in
          Matrix(rows: 9, columns: 9) { i, j in handedOn(l, i, j) * mean(l, i) * mean(l, j) }
        })

    let bank = kernels.bank(points, nil)
    #expect(bank.count == expected.count && kernels.count == expected.count)
    let cross = kernels.bank(x, y)
    let diagonals = kernels.bankDiagonals(points)
    for (k, expected) in expected.enumerated() {
      expectClose(
        bank[k].mirrored, expected, relative: 1e-12, absolute: 1e-14, "\(activation.name), kernel \(k)")
      let part = Matrix(rows: 5, columns: 4) { expected[$0, 5 + $1] }
      expectClose(cross[k], part, relative: 1e-12, absolute: 1e-14)
      expectClose(diagonals[k], expected.diagonal, relative: 1e-12, absolute: 1e-14)
      // Covariances of noise.
      let least = try SymmetricEigen(expected).values[0]
      #expect(least > -1e-12)
    }
    // Their sum is the kernel of infinite width.
    let whole = kernels.composed(points, nil, scales: lambdas.map { 1 / $0 })
    expectClose(bank.weightedSum(bank.map { _ in 1 }).mirrored, whole.mirrored, relative: 1e-12)
    expectClose(whole.mirrored, layers[3], relative: 1e-12)
  }

  @Test func linearNetworksHaveOneKernel() throws {
    let kernels = try Self.kernels(Linear(), [0.5, 2, 4])
    #expect(kernels.count == 1)
    let x = Self.inputs(3, 5)
    let covariance = (1 / (0.7 * 6 * 4)) * (x.asTranspose * x)
    expectClose(kernels.bank(x, nil)[0].mirrored, covariance, relative: 1e-13)
  }

  /// At q = 1 all theories are the kernel of infinite width, and nested ones scale what an activation sees.
  @Test func theories() throws {
    let (x, y) = (Self.inputs(4, 5), Self.inputs(5, 3))
    let bank = try Self.kernels(Erf(), [1, 0.5])
    let whole = bank.contract(.identity(2), x, y)
    let nested = try Self.kernels(Erf(), [1, 0.5], .nested)
    expectClose(
      try Self.kernels(Erf(), [1, 0.5], .vanilla).contract(.identity(1), x, y), whole, relative: 1e-12)
    expectClose(nested.contract(.identity(2), x, y), whole, relative: 1e-12)
    let q = [0.7, 1.8]
    let other = try Self.kernels(Erf(), [1 / q[0], 0.5 / q[1]], .nested)
    expectClose(nested.contract(.diagonal(q), x, y), other.contract(.identity(2), x, y), relative: 1e-13)
    expectClose(
      nested.contractDiagonal(.diagonal(q), x), nested.contract(.diagonal(q), x, x).diagonal, relative: 1e-12)
  }

  /// g = E s'(h): closed forms against the integral of the protocol, and dE[s(a) s(b)] against differences.
  @Test func slopesAndDerivatives() throws {
    struct Plain: Activation {
      let own: any Activation
      var name: String { own.name }
      var isOdd: Bool { own.isOdd }
      func callAsFunction(_ h: Double) -> Double { own(h) }
      func mean(variance: Double) -> Double { own.mean(variance: variance) }
      func secondMoment(_ a: Double, _ b: Double, _ c: Double) -> Double { own.secondMoment(a, b, c) }
      static func == (a: Plain, b: Plain) -> Bool { a.name == b.name }
      func hash(into hasher: inout Hasher) { hasher.combine(name) }
    }
    for activation in [Erf(), ReLU(), Linear()] as [any ComposableActivation] {
      for variance in [0.01, 0.5, 3, 40] {
        expectClose(
          activation.meanSlope(variance: variance), Plain(own: activation).meanSlope(variance: variance),
          relative: 1e-10, "\(activation.name), \(variance)")
      }
      for (a, c, b) in [(0.5, 0.2, 1.3), (2, -1.5, 1.9), (1, 0.9, 1)] {
        let slopes = activation.secondMomentGradient(a, c, b)
        let byVariance = Naive.derivative(step: 1e-4) { activation.secondMoment(a + $0, c, b) }
        let byCovariance = Naive.derivative(step: 1e-4) { activation.secondMoment(a, c + $0, b) }
        expectClose(slopes.caa, byVariance, 1e-9, "\(activation.name)")
        expectClose(slopes.cab, byCovariance, 1e-9, "\(activation.name)")
      }
    }
    // The limit at variance 0 is s'(0).
    expectClose(Plain(own: Erf()).meanSlope(variance: 0), 2 / Double.pi.squareRoot(), relative: 1e-7)
  }
}
