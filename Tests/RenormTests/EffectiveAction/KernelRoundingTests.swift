import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormAction

/// The bound that stands for the part of the trace in the rounding of a gradient, with unequal noise N_g =
/// T/d_g.
@Suite struct KernelRoundingTests {
  /// tr(A^-1 K) changes by tr(A^-1 N A^-1 E): its norm is below the bound, and not by orders of magnitude where
  /// all noise is T.
  @Test(arguments: UInt32(1)...20) func traceFactor(seed: UInt32) throws {
    let random = RandomGenerator(seed: seed)
    let (order, rank) = (2 + random.integer(below: 8), 1 + random.integer(below: 8))
    let temperature = [1e-6, 1e-2, 1][random.integer(below: 3)]
    let isUnequal = seed % 2 == 0
    let noise = (0..<order).map { _ in temperature / (isUnequal ? 1 + Double(random.integer(below: 50)) : 1) }
    let features = Matrix(rows: rank, columns: order) { _, _ in random.gaussian() }
    let a = features.transposed * features + Matrix.diagonal(noise)
    let factor = try Cholesky(a)
    let inverse = Matrix(columns: (0..<order).map { factor.solve(Matrix.identity(order).column($0)) })
    let image = inverse * (Matrix.diagonal(noise) * inverse)
    let exact = image.innerProduct(image).squareRoot()
    let trace = (0..<order).reduce(0) { $0 + noise[$1] * inverse[$1, $1] }
    let bound = KernelRounding.traceFactor(trace, leastNoise: noise.min() ?? 0)
    #expect(exact <= bound * (1 + 1e-6), "\(exact), \(bound)")
    if !isUnequal { #expect(bound <= Double(order) * exact * 3, "\(exact), \(bound)") }
  }

  @Test func unequalNoiseCounts() {
    let parameters = ActionParameters(temperature: 1e-6, width: 10, kernelScale: 1)
    func gradient(_ leastNoise: Double) -> Double {
      KernelRounding(
        elements: [1e-16], normsSquared: [0], noiseTraces: [4], leastNoise: leastNoise, parameters
      ).gradient
    }
    expectClose(gradient(1e-8), 100 * gradient(1e-6), relative: 1e-12)
  }
}
