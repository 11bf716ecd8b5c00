import Renorm
import RenormFiles
import Testing

@testable import RenormSampling

/// Order parameters that another program sampled (collapsed Hamiltonian Monte Carlo in NumPy, 600 to 800
/// draws): MNIST 0 against 1, every second pixel, P = 60, T = 0.02, lambda0 = lambda1 = 1.
@Suite(.slow("many draws on MNIST"), .needsData) struct PublishedTableTests {
  static func data() throws -> LoadedData {
    let folder = Machine.dataFolder ?? ""
    return try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz"),
      DataSelection(classes: [0, 1], trainCount: 60, pixelStep: 2))
  }

  /// Within 0.015: the table's own errors are about 0.01, ours, which R-hat vouches for, a tenth of it.
  @Test(arguments: PublishedTable.rows) func sampledOrderParameter(_ row: PublishedTable.Row) throws {
    let data = try Self.data().train
    let network = try Network(
      architecture: row.architecture, activation: row.activation, width: .finite(row.width), temperature: 0.02,
      readout: row.lengthScale.map { try ExponentialReadout(lengthScale: $0) } ?? IndependentReadout())
    let sampled = try #require(try network.sample(data, options: SamplingOptions(samples: 800)))
    #expect(sampled.diagnostics.isConverged)
    let estimates = sampled.estimates
    for (i, value) in row.diagonal.enumerated() {
      #expect(abs(estimates.orderParameter[i][i].mean - value) < 0.015, "\(estimates.orderParameter[i][i])")
    }
    if let (i, j, value) = row.other {
      #expect(abs(estimates.orderParameter[i][j].mean - value) < 0.015, "\(estimates.orderParameter[i][j])")
    }
    let theory = try network.fit(data).orderParameter[0, 0]
    let own = estimates.orderParameter[0][0]
    switch row.description {
    // Leading order, to one percent.
    case "FC erf, N = 300": #expect(abs(theory / own.mean - 1) < 0.01)
    // Outside its reach.
    case "FC erf, N = 30": #expect(abs(theory - own.mean) > 5 * own.standardError)
    default: break
    }
  }
}
