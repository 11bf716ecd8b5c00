import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormAction

/// The saddle of activations with means on random banks.
@Suite struct LayerSaddleTests {
  private static func action(seed: UInt32, depth: Int, width: Double) -> LayerAction {
    let generator = RandomGenerator(seed: seed)
    let count = 12
    let vectors = (0..<depth).map { _ in Matrix.random(count, 1, generator) }
    return LayerAction(
      prior: LayerPairs(ratios: [Double](repeating: 1, count: depth)),
      data: BankLayerData(
        bank: (0..<depth).map { _ in .randomPositiveDefinite(count, generator) }
          + vectors.map { Naive.product($0, $0.transposed) },
        targets: (0..<count).map { _ in generator.gaussian() }, weights: .pairs(depth)),
      temperature: 0.1, width: width, elementRounding: 1e-16)
  }

  @Test(arguments: UInt32(1)...9) func isTheMinimumOfMaxima(seed: UInt32) throws {
    let depth = 1 + Int(seed % 3)
    let action = Self.action(seed: seed, depth: depth, width: 30)
    let found = try LayerSaddle(options: SolverOptions(tolerance: 1e-10)).solve(action, floor: 1e-3)
    let result = try #require(found)
    #expect(result.convergence.reachedTolerance)
    let x = result.point.x
    // Any other r is lower, and the maximum over r at another Qbar higher.
    let generator = RandomGenerator(seed: seed)
    for _ in 0..<5 {
      var other = x
      for k in depth..<2 * depth { other[k] += 0.05 * generator.gaussian() }
      #expect(try action.point(other).value <= result.point.value + 1e-12)
      var moved = x
      for k in 0..<depth { moved[k] += 0.05 * generator.gaussian() }
      #expect(try maximum(action, moved, depth) >= result.point.value - 1e-10)
    }
  }

  /// The maximum over log r by Newton's method on that part alone.
  private func maximum(_ action: LayerAction, _ start: [Double], _ depth: Int) throws -> Double {
    var x = start
    for _ in 0..<30 {
      let point = try action.point(x)
      let hessian = try point.hessian()
      let inner = Matrix(rows: depth, columns: depth) { -hessian[depth + $0, depth + $1] }
      let step = try Cholesky(inner).solve(Array(point.gradient[depth...]))
      for k in 0..<depth { x[depth + k] += step[k] }
    }
    return try action.point(x).value
  }

  /// Narrow networks are reached from wide ones, or nothing is claimed.
  @Test(arguments: UInt32(1)...6) func narrowNetworks(seed: UInt32) throws {
    for width in [3.0, 8, 1000] {
      let action = Self.action(seed: seed, depth: 2, width: width)
      var counts = 0
      let result = try LayerSaddle(options: SolverOptions()).solve(action, floor: 1e-3) { count, _ in
        counts = max(counts, count)
      }
      guard let result else {
        #expect(width < 1000)
        continue
      }
      #expect(result.convergence.reachedTolerance && result.convergence.evaluations >= counts)
      #expect(LayerSaddle.isSaddle(try result.point.hessian(), free: action.prior.isFree))
    }
  }

  @Test func signs() {
    let all = [true, true]
    #expect(LayerSaddle.isSaddle(Matrix(rows: 2, columns: 2, elements: [0, 1, 1, -1]), free: all))
    #expect(!LayerSaddle.isSaddle(Matrix(rows: 2, columns: 2, elements: [-2, 1, 1, -1]), free: all))
    #expect(!LayerSaddle.isSaddle(Matrix(rows: 2, columns: 2, elements: [1, 0, 0, 1]), free: all))
  }
}
