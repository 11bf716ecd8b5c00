import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Where the data say nothing, draws are those of the prior.
@Suite struct SampledPriorTests {
  /// At T = 1e6 the data say nothing: lambda0 w^2 and lambda1 v^2 are 1 on average.
  @Test func priorAtHighTemperature() throws {
    let generator = RandomGenerator(seed: 18)
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 2, width: 4),
      inputs: Matrix(rows: 8, columns: 4) { _, _ in generator.gaussian() },
      targets: Matrix(rows: 4, columns: 1) { _, _ in generator.gaussian() })
    let network = try Network(
      architecture: LocallyConnected(mask: Extent(2)), width: .finite(3), temperature: 1e6, lambda0: 2,
      lambda1: 3)
    let estimates = try #require(
      try network.sample(data, options: SamplingOptions(samples: 500))
    ).estimates
    #expect(abs(estimates.weightNorm.mean - 1) < 4.5 * estimates.weightNorm.standardError)
    // The readout's conditional moments hardly vary: 1 up to the size of 1/T.
    for i in 0..<2 { #expect(abs(estimates.orderParameter[i][i].mean - 1) < 1e-4) }
  }
}
