import Foundation
import LinearAlgebra
import Renorm
import Testing

@testable import RenormCompanions

@Suite struct MixturePruningTests {
  private func prune(
    _ name: String, _ parameters: [String: Double], _ rules: [MixturePruning.Rule], width: Int = 2000,
    layers: Int = 1,
    draws: Int = 400
  ) throws -> MixturePruning {
    let network = try MixtureNetwork(
      NodeLaws.named(name, parameters), inputs: Matrix(rows: 1, columns: 1, elements: [1]), layers: layers)
    return try MixturePruning(network, width: width, rules: rules, draws: draws, seed: 9)
  }

  /// The grid of the published figure: slopes of the formula, and of networks.
  @Test(arguments: [(0.1, 0.896, 0.895), (0.3, 0.697, 0.695), (0.5, 0.498, 0.522)])
  func slopes(alpha: Double, predicted: Double, recorded: Double) throws {
    let grid = (0..<10).map { MixturePruning.Rule.threshold(pow(10, -5 + 5 * Double($0) / 9)) }
    let pruning = try prune("gbfry", ["alpha": alpha, "tau": 5], grid, draws: 150)
    // Which part of the grid was fitted is not recorded; the slope for small thresholds is 1 - alpha.
    let small = try prune("gbfry", ["alpha": alpha, "tau": 5], Array(grid[..<6]), draws: 150)
    expectNear(try #require(small.predictedSlope), predicted, 0.004)
    // For alpha = 0.1 some thirty small nodes of a network are all there is: their noise is in the slope.
    expectNear(try #require(small.slope), recorded, 0.05)
    expectNear(try #require(small.asymptoticSlope), 1 - alpha, 1e-12)
    for row in pruning.rows[4..<8] {
      expectNear(
        row.sampled.mean / (try #require(row.theory).mean), 1,
        0.05 + 4 * row.sampled.standardError / row.sampled.mean)
    }
  }

  /// The mass of the smallest nodes, with known values.
  @Test func fractions() throws {
    let law = try NodeLaws.named("inverse-gamma")
    expectNear(try #require(law.prunedMass(fraction: 0.5)), 0.187, 5e-4)
    expectNear(try #require(law.prunedMass(fraction: 0.9)), 0.588, 5e-4)
    let rows = try prune("inverse-gamma", [:], [.fraction(0.5), .fraction(0.9)]).rows
    for (row, mass) in zip(rows, [0.187, 0.587]) {
      expectNear(2 * row.sampled.mean, mass, 8 * row.sampled.standardError + 0.001)
      expectNear(2 * (try #require(row.theory).mean), mass, 0.0015)
    }
    let constant = try prune("deterministic", ["c": 2], [.fraction(0.25), .fraction(0)]).rows
    expectNear(try #require(constant[0].theory).mean, 0.25, 1e-12)
    expectNear(constant[0].sampled.mean, 0.25, 4 * constant[0].sampled.standardError)
    #expect(constant[1].sampled.mean == 0 && constant[1].kept == 1)
    for (name, kappa) in [("iid", 0.7), ("group-lasso", 0.3)] {
      let row = try prune(name, [:], [.fraction(kappa)]).rows[0]
      expectNear(
        try #require(row.theory).mean, row.sampled.mean, 4 * row.sampled.standardError + 1e-4, "\(name)")
    }
  }

  /// Pareto-stable nodes of alpha = 0.5: the recorded masses .00500 at p = 200 where half is dropped and .00281
  /// at p = 3200 where nine tenths are.
  @Test(arguments: [(200, 0.5, 0.00500, 0.00505), (3200, 0.9, 0.00281, 0.00282)])
  func recordedRates(width: Int, kappa: Double, theory: Double, sampled: Double) throws {
    let law = try NodeLaws.named("pareto-stable", ["alpha": 0.5])
    let mass = try #require(law.prunedMass(fraction: kappa, width: width))
    expectNear(mass, theory, 5e-6)
    let row = try prune("pareto-stable", ["alpha": 0.5], [.fraction(kappa)], width: width).rows[0]
    // E relu^2 = 1/2.
    expectNear(2 * row.sampled.mean, sampled, 3 * 2 * row.sampled.standardError + 5e-5)
  }

  /// Pareto-stable nodes: the formula is compared with networks.
  @Test(arguments: [0.3, 0.5, 0.7]) func stableRates(alpha: Double) throws {
    let row = try prune("pareto-stable", ["alpha": alpha], [.fraction(0.5)], width: 200).rows[0]
    expectNear(row.sampled.mean, try #require(row.theory).mean, 4 * row.sampled.standardError)
    let mass = alpha / (1 - alpha) * pow(200, 1 - 1 / alpha) * (pow(0.5, -(1 - alpha) / alpha) - 1)
    expectNear(try #require(row.theory).mean / (mass / 2), 1, 1e-12)
  }

  /// Only mixtures are compressible: half of the nodes of a Gaussian law carry a fixed share, those of a
  /// mixture less with every doubling of the width.
  @Test func compressibility() throws {
    let shares = try [200, 800, 3200].map {
      try prune("horseshoe", [:], [.fraction(0.5)], width: $0, draws: 200).rows[0].share
    }
    #expect(shares[1] < shares[0] / 2 && shares[2] < shares[1] / 2, "\(shares)")
    #expect(try prune("horseshoe", [:], [.fraction(0.5)]).rows[0].theory?.mean == 0)
    #expect(try prune("horseshoe", [:], [.fraction(0.5)]).outputVariance.isInfinite)
  }

  /// Two hidden layers: the recorded loss of networks with explicit weights, .0329 +- .0035, and of the
  /// recursion.
  @Test(.enabled(if: SlowTests.areOn, SlowTests.comment)) func twoLayers() throws {
    let row = try prune(
      "gbfry", ["alpha": 0.3, "tau": 5], [.threshold(0.02)], width: 300, layers: 2, draws: 20_000
    ).rows[0]
    expectNear(row.sampled.mean, 0.0320, 3 * (row.sampled.standardError + 0.0015))
    let theory = try #require(row.theory)
    expectNear(row.sampled.mean, theory.mean, 4 * (row.sampled.standardError + theory.standardError) + 0.001)
  }
}
