import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormAction

/// The search for the order parameters of layers on random banks.
@Suite struct LayerSearchTests {
  private static func action(seed: UInt32, depth: Int, targets size: Double) -> LayerAction {
    let generator = RandomGenerator(seed: seed)
    let count = 12
    return LayerAction(
      prior: LayerChain(ratios: (0..<depth).map { _ in 0.3 + generator.uniform() }),
      data: BankLayerData(
        bank: (0..<depth).map { _ in .randomPositiveDefinite(count, generator) },
        targets: (0..<count).map { _ in size * generator.gaussian() }, weights: .paths(depth)),
      temperature: 0.05, width: 10, elementRounding: 1e-16)
  }

  @Test(arguments: UInt32(1)...12) func convergesInAFewEvaluations(seed: UInt32) throws {
    let action = Self.action(seed: seed, depth: 1 + Int(seed % 4), targets: [0.3, 1, 3][Int(seed % 3)])
    var norms: [Double] = []
    let result = try LayerSearch(options: SolverOptions(tolerance: 1e-10)).solve(action, floor: 3e-4) {
      norms.append($1)
    }
    #expect(result.convergence.reachedTolerance && result.convergence.evaluations <= 8, "\(norms)")
    #expect(norms.count == result.convergence.evaluations)
    #expect(result.convergence.orderParameterError < 1e-7 && result.convergence.converged)
    // It is a minimum.
    #expect(try SymmetricEigen(result.point.hessian()).values.allSatisfy { $0 > 0 })
  }

  /// Far starts end at the same minimum.
  @Test(arguments: UInt32(1)...6) func startsDoNotMatter(seed: UInt32) throws {
    let action = Self.action(seed: seed, depth: 3, targets: 2)
    let search = LayerSearch(options: SolverOptions(tolerance: 1e-10))
    let expected = try search.solve(action, floor: 3e-4).point.x
    let generator = RandomGenerator(seed: seed + 100)
    for _ in 0..<4 {
      let start = expected.map { _ in 1.5 * generator.gaussian() }
      let found = try search.solve(action, from: start, floor: 3e-4)
      #expect(found.convergence.reachedTolerance)
      expectClose(found.point.x, expected, 1e-8, "from \(start)")
    }
  }

  @Test func iterationsAreLimited() throws {
    let action = Self.action(seed: 1, depth: 3, targets: 3)
    let result = try LayerSearch(options: SolverOptions(tolerance: 1e-12, maximumIterations: 1)).solve(
      action, floor: 3e-4)
    #expect(result.convergence.iterations == 1 && !result.convergence.converged)
  }
}
