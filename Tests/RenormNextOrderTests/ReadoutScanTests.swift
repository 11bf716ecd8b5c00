import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// The action of a condensed neuron has many minima; the scan over its readout is to follow the lowest.
@Suite(.slow("tens of searches on a hundred examples")) struct ReadoutScanTests {
  /// Noisy signs of one direction of Gaussian inputs, four examples a hidden unit.
  private static func problem(seed: UInt32) throws -> CondensedProblem {
    let random = RandomGenerator(seed: seed)
    let inputs = Matrix(rows: 30, columns: 120) { _, _ in random.gaussian() }
    let targets = Matrix(rows: 120, columns: 1) { mu, _ in
      inputs[0, mu] + 0.2 * random.gaussian() > 0 ? 1 : -1
    }
    let network = try Network(architecture: FullyConnected(), width: .finite(60), temperature: 0.02)
    let posterior = try network.fit(
      Dataset(shape: ImageShape(channels: 1, height: 1, width: 30), inputs: inputs, targets: targets),
      options: FitOptions(threads: 1))
    return try CondensedProblem(posterior, threads: 1)
  }

  /// Annealing alone against searches from laws around random directions, of the size that condensed units
  /// have, and around that of the targets.
  @Test(arguments: [1, 2, 3]) func noStartIsBetter(seed: UInt32) throws {
    let problem = try Self.problem(seed: seed)
    let scan = try ReadoutScan(problem, tolerance: 1e-2, starts: 0)
    let random = RandomGenerator(seed: 100 + seed)
    let node = scan.nodes[scan.peak]
    let action = UnitAction(problem, readout: node.readout, units: problem.width - 1, cut: node.readout)
    let directed = [1.0, 3, 6, 12].map { problem.targetDirection.scaled(by: $0) }
    for mean in (0..<8).map({ _ in (0..<problem.rank).map { _ in random.gaussian() } }) + directed {
      let start = ReadoutNode(at: node.readout, UnitLaw(mean: mean, precision: .identity(problem.rank)))
      let other = try #require(SolvedNode(action, from: start, tolerance: 1e-2)).node
      // Both stop a few hundredths above their minimum.
      #expect(other.logWeight < node.logWeight + 0.1, "v = \(node.readout)")
    }
  }
}
