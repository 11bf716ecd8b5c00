import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormAction

/// The action of deep networks and its derivatives on random banks, against loops and differences.
@Suite struct LayerActionTests {
  private static let count = 7

  /// A bank of positive kernels, and targets.
  private static func problem(_ kernels: Int, _ generator: RandomGenerator) -> (
    bank: [Matrix], targets: [Double]
  ) {
    (
      (0..<kernels).map { _ in .randomPositiveDefinite(count, generator) },
      (0..<count).map { _ in 2 * generator.gaussian() }
    )
  }

  /// log det A + y^T A^-1 y by loops.
  private static func naive(_ bank: [Matrix], _ weights: [Double], _ targets: [Double], _ temperature: Double)
    -> Double
  {
    var a = Matrix(rows: count, columns: count) { i, j in
      zip(bank, weights).reduce(i == j ? temperature : 0) { $0 + $1.1 * $1.0[i, j] }
    }
    a = a.symmetricPart
    let y = Matrix(columns: [targets])
    return Naive.logDeterminant(a) + Naive.product(y.transposed, Naive.solve(a, y))[0, 0]
  }

  /// Gradient and Hessian are differences of value and gradient.
  private static func expectDerivatives(
    _ count: Int, _ generator: RandomGenerator, _ point: @escaping ([Double]) throws -> LayerActionPoint
  ) throws {
    let x = (0..<count).map { _ in 0.4 * generator.gaussian() }
    let here = try point(x)
    let hessian = try here.hessian()
    for k in 0..<count {
      let moved = { (t: Double) in
        var moved = x
        moved[k] += t
        return try? point(moved)
      }
      let slope = Naive.derivative(step: 1e-3) { moved($0)?.value ?? .nan }
      expectClose(here.gradient[k], slope, 1e-9, "gradient \(k)")
      for l in 0..<count {
        let bend = Naive.derivative(step: 1e-3) { moved($0)?.gradient[l] ?? .nan }
        expectClose(hessian[k, l], bend, 1e-8, "Hessian \(k), \(l)")
      }
    }
  }

  @Test(arguments: UInt32(1)...8) func chain(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let depth = 1 + Int(seed % 4)
    let (bank, targets) = Self.problem(depth, generator)
    let ratios = (0..<depth).map { _ in 0.3 + 2 * generator.uniform() }
    let action = LayerAction(
      prior: LayerChain(ratios: ratios),
      data: BankLayerData(bank: bank.map(\.poisonedAbove), targets: targets, weights: .paths(depth)),
      temperature: 0.2, width: 9, elementRounding: 1e-16)
    try Self.expectDerivatives(depth, generator) { try action.point($0) }
    // The value at q, p_l = q_l .. q_L.
    let x = (0..<depth).map { _ in 0.4 * generator.gaussian() }
    let q = x.map { exp($0) }
    let p = (0..<depth).map { l in q[l...].reduce(1, *) }
    var prior = 0.0
    for (ratio, q) in zip(ratios, q) { prior += ratio * (q - log(q)) }
    expectClose(try action.point(x).value, prior + Self.naive(bank, p, targets, 0.2) / 9, 1e-11)
  }

  @Test(arguments: UInt32(1)...6) func pairs(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let depth = 1 + Int(seed % 3)
    let (bank, targets) = Self.problem(2 * depth, generator)
    let ratios = (0..<depth).map { _ in 0.3 + 2 * generator.uniform() }
    let action = LayerAction(
      prior: LayerPairs(ratios: ratios),
      data: BankLayerData(bank: bank, targets: targets, weights: .pairs(depth)),
      temperature: 0.2, width: 9, elementRounding: 1e-16)
    try Self.expectDerivatives(2 * depth, generator) { try action.point($0) }
    let x = (0..<2 * depth).map { _ in 0.3 * generator.gaussian() }
    let (qbar, r) = (x[..<depth].map { exp($0) }, x[depth...].map { exp($0) })
    let path = { (l: Int) -> Double in qbar[l...].reduce(1, *) }
    let weights: [Double] = (0..<depth).map { path($0) } + (0..<depth).map { path($0 + 1) * r[$0] }
    var prior = 0.0
    for l in 0..<depth {
      let conjugate = 1 / r[l] - 1
      prior += ratios[l] * (log(1 + conjugate) - conjugate * qbar[l])
    }
    expectClose(try action.point(x).value, prior + Self.naive(bank, weights, targets, 0.2) / 9, 1e-11)
  }

  /// One kernel by its spectrum, and the same as a bank of one.
  @Test(arguments: UInt32(1)...6) func spectrum(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let depth = 1 + Int(seed % 3)
    let (bank, targets) = Self.problem(1, generator)
    let action = { (data: any LayerData) in
      LayerAction(
        prior: LayerChain(ratios: (0..<depth).map { 1 + Double($0) / 2 }), data: data, temperature: 0.1,
        width: 5,
        elementRounding: 1e-16)
    }
    let spectral = action(
      try SpectralLayerData(kernel: bank[0].poisonedAbove, targets: targets, weights: .product(depth)))
    try Self.expectDerivatives(depth, generator) { try spectral.point($0) }
    let x = (0..<depth).map { _ in generator.gaussian() }
    let (a, b) = (
      try spectral.point(x),
      try action(BankLayerData(bank: bank, targets: targets, weights: .product(depth))).point(x)
    )
    expectClose(a.value, b.value, 1e-12)
    expectClose(a.gradient, b.gradient, 1e-11)
    expectClose(try a.hessian(), try b.hessian(), relative: 1e-10, absolute: 1e-10)
  }

  /// Layers of infinite width keep q = 1 and have no derivatives.
  @Test func infiniteLayers() throws {
    let generator = RandomGenerator(seed: 5)
    let (bank, targets) = Self.problem(3, generator)
    let action = LayerAction(
      prior: LayerChain(ratios: [1, .infinity, 2]),
      data: BankLayerData(bank: bank, targets: targets, weights: .paths(3)), temperature: 0.2, width: 9,
      elementRounding: 1e-16)
    let point = try action.point([0.1, 0, -0.2])
    #expect(point.gradient[1] == 0)
    let hessian = try point.hessian()
    #expect(hessian[1, 1] == 1 && hessian[0, 1] == 0 && hessian[1, 2] == 0)
    let result = try LayerSearch(options: SolverOptions()).solve(action, floor: 1e-3)
    #expect(result.convergence.reachedTolerance && result.point.x[1] == 0)
  }

  /// The prior's excess is that of a Gamma law: its Laplace approximation at q = 1 is 0.
  @Test func excess() {
    let chain = LayerChain(ratios: [0.5, 2])
    expectClose(chain.excess([0, 0]), 0, relative: 0, absolute: 0)
    expectClose(chain.excess([log(2), log(3)]), 0.5 * (1 - log(2)) + 2 * (2 - log(3)), relative: 1e-14)
    let pairs = LayerPairs(ratios: [0.5])
    expectClose(pairs.excess([0, 0]), 0, relative: 0, absolute: 0)
  }
}
