import RenormSampling
import Testing

@Suite struct DiagnosticsTests {
  /// An AR(1) chain of n draws is worth n (1 - rho)/(1 + rho). The estimate over 40000 draws scatters by a few
  /// percent; 15 % are more than three times that.
  @Test(arguments: [-0.5, 0, 0.3, 0.6, 0.9]) func effectiveSizeOfAnAutoregression(rho: Double) throws {
    let found = Diagnostics(chains: Series(seed: 21, chainCount: 4, draws: 10_000, rho: rho).chains)
    let expected = 40_000 * (1 - rho) / (1 + rho)
    #expect(abs(try #require(found.bulkESS) / expected - 1) < 0.15)
    let deviation = (1 / (1 - rho * rho)).squareRoot()
    #expect(abs(found.standardDeviation / deviation - 1) < 0.05)
    #expect(abs(try #require(found.standardError) / (deviation / expected.squareRoot()) - 1) < 0.15)
    #expect(abs(found.mean) < 4 * (try #require(found.standardError)))
    #expect(try #require(found.rHat) < 1.01)
    #expect(found.isConverged)
  }

  @Test func chainsAtDifferentPlacesHaveNotMixed() throws {
    let found = Diagnostics(chains: Series(seed: 3, chainCount: 4, draws: 500, rho: 0, shift: 5).chains)
    #expect(try #require(found.rHat) > 1.2)
    #expect(try #require(found.bulkESS) < 50)
    #expect(!found.isConverged)
  }

  /// A drift within one chain shows because the chain is split.
  @Test func aDriftIsSeenInOneChain() throws {
    let chain = Series(seed: 4, chainCount: 1, draws: 1000, rho: 0).chains[0]
    let drifting = chain.enumerated().map { $1 + 0.005 * Double($0) }
    #expect(try #require(Diagnostics(chains: [chain]).rHat) < 1.01)
    #expect(try #require(Diagnostics(chains: [drifting]).rHat) > 1.2)
  }

  /// Monotone functions of the draws leave ranks, and with them R-hat and bulk size, as they are.
  @Test func ranksDoNotSeeMonotoneFunctions() throws {
    let plain = Series(seed: 5, chainCount: 3, draws: 200, rho: 0.4)
    var cubed = plain
    cubed.shape = .cube
    let (a, b) = (Diagnostics(chains: plain.chains), Diagnostics(chains: cubed.chains))
    #expect(a.bulkESS == b.bulkESS)
    #expect(a.tailESS == b.tailESS)
  }

  @Test func constants() {
    let found = Diagnostics(chains: [[0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1]])
    #expect(found.isConstant && found.isConverged)
    #expect(found.mean == 0.1 && found.standardDeviation == 0 && found.standardError == 0)
    #expect(found.rHat == nil && found.bulkESS == nil && found.tailESS == nil)
  }

  /// Each chain stands still, at another value.
  @Test func chainsThatStandStill() {
    let found = Diagnostics(chains: [0.1, 0.7, 0.3].map { [Double](repeating: $0, count: 20) })
    #expect(found.rHat == .infinity)
    #expect(!found.isConverged)
    // As many independent numbers as chains, or fewer.
    #expect((found.bulkESS ?? .nan) < 7)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func notFinite(value: Double) {
    let found = Diagnostics(chains: [[1, 2, 3, value, 5], [1, 2, 3, 4, 6]])
    #expect(found.mean.isNaN && found.standardDeviation.isNaN)
    #expect(found.rHat == nil && found.bulkESS == nil && found.tailESS == nil && found.standardError == nil)
    #expect(!found.isConverged && !found.isConstant)
  }

  @Test func tooShort() {
    let found = Diagnostics(chains: [[1, 2, 3], [2, 3, 4]])
    #expect(found.mean == 2.5)
    #expect(abs(found.standardDeviation - 1.1.squareRoot()) < 1e-15)
    #expect(found.rHat == nil && found.bulkESS == nil && found.standardError == nil)
    let single = Diagnostics(chains: [[1]])
    #expect(single.mean == 1 && single.standardDeviation.isNaN && !single.isConverged)
    for chains in [[], [[]], [[], [1, 2, 3, 4, 5]]] as [[[Double]]] {
      let empty = Diagnostics(chains: chains)
      #expect(empty.mean.isNaN && empty.rHat == nil && !empty.isConverged)
    }
  }

  @Test func unequalLengthsCountUpToTheShortest() {
    let chains = Series(seed: 6, chainCount: 2, draws: 60, rho: 0.2).chains
    let longer = [chains[0] + [1, 2, 3], chains[1]]
    #expect(Diagnostics(chains: longer) == Diagnostics(chains: chains))
  }
}
