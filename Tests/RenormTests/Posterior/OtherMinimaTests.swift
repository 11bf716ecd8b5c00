import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormKernels

/// Actions with several minima: inputs of very unlike sizes, targets along the small ones, fewer units than
/// examples.
@Suite struct OtherMinimaTests {
  private struct Problem {
    let inputs: Matrix
    let targets: [Double]
    let width: Int
    let temperature: Double
    let lambda1: Double

    init(_ seed: UInt32) {
      let generator = RandomGenerator(seed: seed)
      let (count, large) = (10 + generator.integer(below: 25), 4 + generator.integer(below: 6))
      let x = Matrix(rows: large + 1, columns: count) { i, _ in (i < large ? 100 : 1) * generator.gaussian() }
      inputs = x
      targets = (0..<count).map { 1.6 * x[large, $0] + generator.gaussian() }
      width = 1 + generator.integer(below: 5)
      temperature = [0.3, 1, 3, 10][generator.integer(below: 4)]
      lambda1 = [0.01, 0.1, 1, 10][generator.integer(below: 4)]
    }

    var data: Dataset {
      Dataset(
        shape: ImageShape(channels: 1, height: 1, width: inputs.rows), inputs: inputs,
        targets: Matrix(columns: [targets]))
    }

    func network(temperatureFactor: Double = 1) throws -> Network {
      try Network(
        architecture: FullyConnected(), activation: Linear(), width: .finite(width),
        temperature: temperature * temperatureFactor, lambda1: lambda1)
    }

    /// S(q) from the spectrum of K/lambda1 = X^T X/(M lambda1).
    func action() throws -> (Double) -> Double {
      let k = (1 / (Double(inputs.rows) * lambda1)) * (inputs.asTranspose * inputs)
      let spectrum = try SymmetricEigen(k.symmetricPart)
      let y = spectrum.vectors.asTranspose * targets
      return { q in
        q - log(q)
          + zip(spectrum.values, y).reduce(0) { sum, mode in
            let a = temperature + q * max(mode.0, 0)
            return sum + log(a) + mode.1 * mode.1 / a
          } / Double(width)
      }
    }
  }

  /// A scan in steps of 3 percent from 1e-12 to 1e6 finds nothing lower. Half of these problems have two minima.
  @Test func theLowestIsFound() throws {
    var several = 0
    for seed in UInt32(1)...60 {
      let problem = Problem(seed)
      let action = try problem.action()
      let values = (0..<1400).map { action(1e-12 * pow(1.03, Double($0))) }
      let minima = values.indices.dropFirst().dropLast().filter {
        values[$0] < values[$0 - 1] && values[$0] < values[$0 + 1]
      }
      if minima.count > 1 { several += 1 }
      let solution = try problem.network().fit(problem.data).solution
      let q = solution.orderParameter[0, 0]
      #expect(solution.convergence.converged, "\(seed)")
      #expect(action(q) <= (values.min() ?? 0) + 1e-9 * abs(action(q)), "\(seed): q = \(q)")
    }
    #expect(several >= 10, "\(several) problems with several minima")
  }

  /// Two layers: no scan of both order parameters, in steps of a third, finds anything lower.
  @Test func theLowestOfDeepNetworksIsFound() throws {
    for seed in UInt32(1)...25 {
      let problem = Problem(seed)
      let lambdas = [problem.lambda1, 1.0]
      let network = try Network(
        widths: [.finite(problem.width), .finite(problem.width)], activation: Linear(),
        temperature: problem.temperature, lambdas: lambdas)
      let solution = try network.fit(problem.data).solution
      let one = try problem.action()
      // S = q_1 - log q_1 + q_2 - log q_2 + data(q_1 q_2): of equal layers q_1 = q_2 at a given product.
      let action = { (product: Double) in
        2 * product.squareRoot() - log(product) + (one(product) - product + log(product))
      }
      let layers = try #require(solution.layers)
      let found = action(layers.paths[0])
      let least = (0..<1400).map { action(1e-12 * pow(1.03, Double($0))) }.min() ?? 0
      #expect(found <= least + 1e-9 * abs(found), "seed \(seed), \(layers.orderParameters)")
    }
  }

  /// A fit that starts in the basin of the higher minimum, as those of a sweep do, ends in the lower one.
  @Test func startsDoNotMatter() throws {
    for seed in UInt32(1)...20 {
      let problem = Problem(seed)
      let family = try KernelFamily(problem.network(), problem.data)
      let alone = try family.solve(problem.network())
      for factor in [1e-4, 1e-2, 1e2, 1e4] {
        let neighbour = try family.solve(problem.network(temperatureFactor: factor))
        let found = try family.solve(problem.network(), from: neighbour)
        expectClose(found.orderParameter, alone.orderParameter, relative: 1e-6, "\(seed), \(factor)")
      }
    }
  }
}
