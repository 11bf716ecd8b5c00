import LinearAlgebra
import Renorm
import RenormFiles
import RenormNextOrder
import TestSupport
import Testing

/// MNIST at strong finite width, sampled by `renorm compare` with 4 chains of 1500 draws (docs/condensed.md):
/// every second pixel, the first examples of both files.
@Suite(.slow("fits of MNIST"), .needsData, .serialized) struct CondensedTableTests {
  @Test(arguments: CondensedRow.all) func row(_ row: CondensedRow) throws {
    let folder = Machine.dataFolder ?? ""
    let data = try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz",
        test: "\(folder)/t10k-images-idx3-ubyte.gz", testLabels: "\(folder)/t10k-labels-idx1-ubyte.gz"),
      DataSelection(
        classes: [.integer(row.digits.0), .integer(row.digits.1)], trainCount: row.examples, testCount: 100,
        pixelStep: 2))
    let test = try #require(data.test)
    let network = try Network(
      architecture: FullyConnected(), width: .finite(row.width), temperature: row.temperature,
      lambda1: row.lambda1)
    let theory = try Condensed(network.fit(data.train), points: test.inputs)
    #expect(theory.warnings.isEmpty)
    func scores(_ result: TheoryResult) -> [Double] {
      let scores = result.prediction.scores(targets: test.targets, isClassification: false)
      return [scores.bias ?? .nan, scores.variance, result.orderParameter[0, 0]]
    }
    let (leading, own) = (scores(theory.leading), scores(theory.corrected))
    // Leading order is off by up to a factor of three; the Gaussian law of the weights loses up to a tenth of
    // bias and variance where the bias is small.
    for (index, tolerance) in [0.11, 0.11, 0.05].enumerated() {
      expectClose(own[index], row.sampled[index], relative: tolerance, "\(index), leading \(leading[index])")
    }
    // Rounded to the digits of the table.
    expectClose(leading[0], row.leadingBias, relative: 0, absolute: 1e-4)
    // Errors of the sampled readouts are below 0.02, of the theory up to a tenth where the unit barely
    // condenses.
    expectClose(theory.summary.readout ?? .nan, row.readout, relative: 0.08)
    expectClose(theory.summary.alignment ?? .nan, row.alignment, relative: 0.05)
    #expect(theory.summary.secondLogRatio.map { $0 < 0 } ?? true)
  }
}

/// Sampled values.
struct CondensedRow: Sendable, CustomTestStringConvertible {
  let digits: (Int, Int)
  let examples: Int
  let width: Int
  var temperature = 0.02
  var lambda1 = 1.0
  let leadingBias: Double
  /// Bias, variance, Q.
  let sampled: [Double]
  let readout: Double
  let alignment: Double

  var testDescription: String { "\(digits.0)/\(digits.1) P = \(examples) N = \(width)" }

  static let all = [
    CondensedRow(
      digits: (0, 1), examples: 60, width: 30, leadingBias: 0.0337, sampled: [0.0175, 0.0364, 0.823],
      readout: 3.70, alignment: 3.97),
    CondensedRow(
      digits: (0, 1), examples: 60, width: 15, leadingBias: 0.0337, sampled: [0.0107, 0.0231, 1.049],
      readout: 3.83, alignment: 4.57),
    CondensedRow(
      digits: (3, 8), examples: 60, width: 30, leadingBias: 0.3024, sampled: [0.2585, 0.1284, 1.254],
      readout: 5.46, alignment: 6.09),
    CondensedRow(
      digits: (3, 8), examples: 60, width: 10, leadingBias: 0.3031, sampled: [0.2544, 0.1099, 1.197],
      readout: 3.41, alignment: 6.51),
    CondensedRow(
      digits: (4, 9), examples: 60, width: 30, lambda1: 0.3, leadingBias: 0.3702,
      sampled: [0.3088, 0.1906, 0.573], readout: 3.55, alignment: 6.05),
    CondensedRow(
      digits: (2, 7), examples: 60, width: 30, leadingBias: 0.2266, sampled: [0.1605, 0.1139, 1.269],
      readout: 5.52, alignment: 6.04),
    CondensedRow(
      digits: (5, 8), examples: 80, width: 20, temperature: 0.1, leadingBias: 0.3303,
      sampled: [0.3044, 0.1948, 1.463], readout: 4.76, alignment: 6.97),
    CondensedRow(
      digits: (0, 1), examples: 100, width: 25, leadingBias: 0.0258, sampled: [0.0079, 0.0173, 0.973],
      readout: 4.68, alignment: 4.33),
    CondensedRow(
      digits: (3, 8), examples: 100, width: 25, leadingBias: 0.2622, sampled: [0.1699, 0.0874, 1.320],
      readout: 5.54, alignment: 8.46),
    CondensedRow(
      digits: (3, 8), examples: 200, width: 100, leadingBias: 0.3234, sampled: [0.2585, 0.0622, 1.340],
      readout: 10.15, alignment: 8.62),
    // Followed from large readouts alone the theory ends in another minimum here, with a readout of 6.4.
    CondensedRow(
      digits: (3, 8), examples: 300, width: 150, leadingBias: 0.2675, sampled: [0.2208, 0.0544, 1.530],
      readout: 12.93, alignment: 10.87),
  ]
}
