import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Several outputs at many positions: the sampler records the average of v v^T over units and positions.
@Suite struct OutputComparisonTests {
  @Test(arguments: [true, false]) func comparesTheAverageOverPositions(isShared: Bool) throws {
    let generator = RandomGenerator(seed: 3)
    let shape = ImageShape(channels: 1, height: 4, width: 4)
    let data = Dataset(
      shape: shape, inputs: Matrix.random(16, 12, generator), targets: Matrix.random(12, 2, generator))
    // Wide and warm, where leading order is close: what differs is the sampler's noise.
    let architecture: any Architecture =
      isShared ? Convolutional(mask: Extent(2)) : LocallyConnected(mask: Extent(2))
    let network = try Network(architecture: architecture, width: .finite(60), temperature: 0.5, lambda1: 0.5)
    let posterior = try network.fit(data)
    let average = try #require(posterior.solution.outputAverage)
    let q = posterior.orderParameter
    for c in 0..<2 {
      for d in 0..<2 {
        expectClose(average[c, d], (0..<4).reduce(0) { $0 + q[2 * $1 + c, 2 * $1 + d] / 4 }, relative: 1e-12)
      }
    }
    let sampled = try #require(try network.sample(data, options: SamplingOptions(samples: 400)))
    let comparison = Comparison(posterior, nil, sampled, test: nil)
    #expect(comparison.orderParameter.count == 3)
    for entry in comparison.orderParameter {
      // 1/N corrections are below 0.01 here, so are the errors of 400 draws of four chains.
      expectClose(entry.theory, entry.sampled, relative: 0, absolute: 0.02, "\(entry)")
    }
  }
}
