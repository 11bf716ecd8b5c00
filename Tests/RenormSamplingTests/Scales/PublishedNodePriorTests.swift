import Renorm
import RenormAction
import RenormFiles
import Testing

@testable import RenormSampling

/// docs/theory.md, section 9: tau = Bernoulli(0.3)/0.3 on MNIST 3 against 8, every second pixel, P = 60, T =
/// 0.05, sampled by another program.
@Suite(.slow("800 draws on MNIST"), .needsData) struct PublishedNodePriorTests {
  /// The errors of the rows are not recorded: two percent, and 0.012 of the fraction (0.003 at N = 200, a third
  /// of its distance from the prior's), are those of some hundred effective draws.
  @Test(
    arguments: [
      ("linear", 40, 3.0, 1.984, 0.364), ("linear", 40, 0.3, 0.315, 0.229), ("erf", 200, 1, 1.157, 0.309),
    ])
  func sampledRows(activation: String, width: Int, lambda1: Double, order: Double, open: Double) throws {
    let folder = try #require(Machine.dataFolder)
    let data = try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz"),
      DataSelection(classes: [3, 8], trainCount: 60, pixelStep: 2)
    ).train
    let network = try Network(
      architecture: FullyConnected(), activation: Activations.builtIn.named(activation), width: .finite(width),
      temperature: 0.05, lambda1: lambda1, nodePrior: BernoulliNodePrior(openFraction: 0.3))
    let sampled = try #require(
      try network.sample(data, options: SamplingOptions(samples: 200, warmup: 120, seed: 4)))
    // R-hat of 800 draws is noisy; errors are those of the effective draws that there are.
    #expect(sampled.diagnostics.scalars.allSatisfy { ($0.rHat ?? .infinity) < 1.05 }, "\(sampled.warnings)")
    let own = sampled.estimates.orderParameter[0][0]
    let scales = try #require(sampled.estimates.scales)
    #expect(abs(own.mean - order) < 3 * own.standardError + 0.02 * order, "\(own)")
    #expect(abs(scales.mean - open) < 3 * scales.standardError + (width == 200 ? 0.003 : 0.012), "\(scales)")
  }
}
