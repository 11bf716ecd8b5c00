import GSLNumerics
import Renorm
import RenormFiles
import Testing

@testable import RenormSampling

/// When chains count as converged, and what a user is told when they do not.
@Suite struct SampledDiagnosticsTests {
  private let layout: DrawLayout

  init() throws {
    let problem = SampledProblem(RandomGenerator(seed: 1), kind: .fc, outputs: 1)
    layout = try problem.collapsed().layout
  }

  private static var good: ChainCounts {
    ChainCounts(
      transitions: 1000, gradients: 5000, divergences: 0, accepted: 800, truncated: 0, acceptance: 800)
  }

  /// Four chains of the layout's numbers: log density, norm of the weights, training loss, order parameter.
  private func diagnostics(
    _ counts: [ChainCounts] = [ChainCounts](repeating: good, count: 4), samples: Int = 1000,
    _ value: (_ chain: Int, _ draw: Int, _ quantity: Int, _ noise: Double) -> Double = { $3 }
  ) -> SampledDiagnostics {
    let generator = RandomGenerator(seed: 2)
    let chains = counts.enumerated().map { chain, counts in
      let values = (0..<samples).flatMap { draw in
        (0..<layout.count).map { value(chain, draw, $0, generator.gaussian()) }
      }
      return Draws.Chain(
        values: values, stepSize: 0.1, trajectoryLength: 1, warmup: ChainCounts(), sampling: counts)
    }
    return SampledDiagnostics(
      Draws(quantities: layout.names, chains: chains, isComplete: true), layout, losses: nil)
  }

  @Test func independentDraws() {
    let found = diagnostics()
    #expect(found.isConverged && found.warnings.isEmpty, "\(found.warnings)")
    #expect(found.transitions == 4000 && found.acceptance == 0.8 && found.stuckChains.isEmpty)
  }

  @Test func chainsThatDisagree() {
    let found = diagnostics { chain, _, quantity, noise in quantity == 2 && chain == 1 ? noise + 1 : noise }
    #expect(!found.isConverged)
    #expect(found.warnings.contains { $0.contains("the chains do not agree") && $0.contains("trainingLoss") })
  }

  @Test func slowChains() {
    var last = 0.0
    let found = diagnostics { _, draw, quantity, noise in
      guard quantity == 1 else { return noise }
      last = draw == 0 ? noise : 0.95 * last + 0.312 * noise
      return last
    }
    #expect(!found.isConverged)
    #expect(found.warnings.contains { $0.contains("independent ones for weightNorm") }, "\(found.warnings)")
  }

  /// The number with the largest R-hat may be another than that with the fewest effective draws, of bulk or
  /// tails.
  @Test func namesOfTheWorst() throws {
    typealias Entry = SampledDiagnostics.Entry
    func entry(_ name: String, _ rHat: Double?, _ bulk: Double, _ tail: Double) -> Entry {
      Entry(name: name, slowest: name, rHat: rHat, bulkESS: bulk, tailESS: tail, isConverged: true)
    }
    let entries = [entry("a", 1, 900, 50), entry("b", 1.2, 3000, 2000), entry("c", nil, 700, 800)]
    let worst = try #require(Entry(worstOf: entries))
    #expect(worst.name == "b" && worst.slowest == "a")
    #expect(worst.rHat == 1.2 && worst.bulkESS == 700 && worst.tailESS == 50)
    // The worst of the worst keep their names.
    let again = try #require(Entry(worstOf: [worst, entry("d", 1.1, 100, 100)]))
    #expect(again.name == "b" && again.slowest == "a")
    #expect(Entry(worstOf: []) == nil)
  }

  @Test func infiniteRHat() {
    let found = diagnostics { chain, _, quantity, noise in quantity == 3 ? Double(chain) : noise }
    #expect(!found.isConverged && found.worst?.rHat == .infinity)
    #expect(
      found.warnings.contains { $0.contains("R-hat is infinite for orderParameter[0,0]") }, "\(found.warnings)")
  }

  @Test func tooFewDraws() {
    let found = diagnostics(samples: 3)
    #expect(!found.isConverged && found.warnings.contains { $0.contains("too few draws") })
  }

  /// Equal numbers in all draws are those of a chain that stands still, not of one that has converged.
  @Test func chainsThatNeverMove() {
    var stuck = Self.good
    (stuck.accepted, stuck.acceptance) = (0, 0)
    let one = diagnostics([stuck]) { _, _, _, _ in 1 }
    #expect(!one.isConverged && one.stuckChains == [0] && one.acceptance == nil)
    #expect(one.warnings.count == 1 && one.warnings[0].contains("chain 0 never moved"), "\(one.warnings)")
    let two = diagnostics([Self.good, stuck, Self.good, stuck])
    #expect(!two.isConverged && two.warnings.contains { $0.contains("chains 1, 3 never moved") })
    // Also where the counts say otherwise.
    let constant = diagnostics { _, _, quantity, noise in quantity == 0 ? 5 : noise }
    #expect(!constant.isConverged)
  }

  @Test func lowAcceptance() {
    var low = Self.good
    low.acceptance = 120
    let found = diagnostics([Self.good, low, Self.good, Self.good])
    #expect(found.acceptance == 0.12)
    #expect(found.warnings.count == 1 && found.warnings[0].contains("only 12 percent"), "\(found.warnings)")
  }

  /// One transition in a thousand may diverge, with a warning; more may not.
  @Test func divergences() {
    var few = Self.good
    few.divergences = 1
    let some = diagnostics([few, few, few, few])
    #expect(some.isConverged && some.warnings.count == 1 && some.warnings[0].contains("4 transitions diverged"))
    few.divergences = 2
    let many = diagnostics([few, Self.good, few, few])
    #expect(!many.isConverged && many.warnings.contains { $0.contains("more than one in a thousand") })
  }

  @Test func cutTrajectories() {
    var cut = Self.good
    cut.truncated = 80
    #expect(diagnostics([cut, cut, cut, cut]).warnings.isEmpty)
    cut.truncated = 370
    let found = diagnostics([cut, cut, cut, cut])
    #expect(found.isConverged && found.warnings.count == 1 && found.warnings[0].contains("37 percent"))
  }

  /// A network at steps so large that none is accepted.
  @Test func aNetworkThatNeverMoves() throws {
    let generator = RandomGenerator(seed: 3)
    var problem = SampledProblem(generator, kind: .fc, outputs: 1, units: 4, count: 12)
    problem.temperature = 1e-9
    let method = HamiltonianOptions(stepSize: 1.5, trajectoryLength: 20)
    let sampled = try #require(
      try problem.network().sample(
        problem.data, predicting: problem.data, sampler: .collapsed(method),
        options: SamplingOptions(chains: 1, samples: 20, warmup: 0)))
    #expect(sampled.diagnostics.stuckChains == [0] && !sampled.diagnostics.isConverged)
    let estimates = sampled.estimates
    for estimate in [estimates.logDensity, estimates.trainingLoss, estimates.orderParameter[0][0]]
      + [estimates.scores?.bias, estimates.predictions[0].mean[0]].compactMap(\.self)
    {
      #expect(estimate.mean.isFinite && estimate.standardError.isNaN)
    }
  }
}
