import Foundation
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm

/// Fits on MNIST and CIFAR-10 against an independent NumPy program that minimises the action by BFGS to a
/// gradient of 1e-9, and solves the saddle equations to 1e-12. The files are not part of the project.
@Suite struct ReferenceCaseTests {
  /// The file is read whatever data the machine has: a test of no cases would pass.
  @Test func thereAreCases() throws {
    let names = try ReferenceCase.read().map(\.name)
    #expect(names.count == 18 && Set(names).count == names.count)
    let priors = try ReferenceCase.read("prior-cases").map(\.name)
    #expect(priors.count == 7 && Set(priors).count == priors.count)
  }

  @Test(.needsData, arguments: ReferenceCase.all + ReferenceCase.priors)
  func agreesWithTheReference(_ reference: ReferenceCase) throws {
    let data = try reference.load()
    let posterior = try reference.network().fit(data.train)
    #expect(posterior.solution.convergence.reachedTolerance)
    let expected = reference.expected

    let q = posterior.orderParameter
    let size = expected.orderParameter.joined().map(abs).max() ?? 0
    #expect(q.rows == expected.orderParameter.count && q.columns == q.rows)
    for (i, row) in expected.orderParameter.enumerated() {
      for (j, value) in row.enumerated() { expectClose(q[i, j], value, relative: 0, absolute: 1e-6 * size) }
    }

    try expectPredictions(
      of: posterior, at: try #require(data.test), bias: expected.bias, variance: expected.variance,
      accuracy: expected.accuracy, means: expected.mean.map(\.values),
      variances: expected.variances.map(\.values))
    try expectScores(of: posterior, logEvidence: expected.logEvidence, action: expected.action)
  }
}

/// One entry of `Fixtures/reference-cases.json`.
struct ReferenceCase: Decodable, CustomTestStringConvertible {
  struct Expected: Decodable {
    let orderParameter: [[Double]]
    let action: Double?
    let bias: Double
    let variance: Double
    let accuracy: Double
    let mean: [Row]
    let variances: [Row]
    let logEvidence: Double?

    enum CodingKeys: String, CodingKey {
      case orderParameter, action, bias, variance, accuracy, mean, logEvidence
      case variances = "var"
    }
  }

  /// A number, or one for each output.
  struct Row: Decodable {
    let values: [Double]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      values = try (try? container.decode([Double].self)) ?? [container.decode(Double.self)]
    }
  }

  let name: String
  let architecture: String
  let dataset: String
  let classes: [Int]
  let train: Int
  let test: Int
  let width: Int
  let temperature: Double
  let activation: String
  let lambda0: Double
  let lambda1: Double
  let infinite: Bool
  let mask: Int?
  let stride: Int?
  let readout: String?
  let lengthscale: Double?
  let block: [Int]?
  let lambdaBias: Double?
  let slope: Double?
  let filter: String?
  let filterLength: Double?
  let expected: Expected

  var testDescription: String { name }

  static func read(_ name: String = "reference-cases") throws -> [ReferenceCase] { try fixtureCases(name) }

  /// Empty where `read` fails, which is a failure of its own.
  static var all: [ReferenceCase] { (try? read()) ?? [] }
  /// Priors and activations of `Fixtures/prior-cases.json`.
  static var priors: [ReferenceCase] { (try? read("prior-cases")) ?? [] }

  func load() throws -> LoadedData {
    try Self.load(dataset, classes: classes, train: train, test: test)
  }

  static func load(_ dataset: String, classes: [Int], train: Int, test: Int) throws -> LoadedData {
    let folder = (Machine.dataFolder ?? "") + "/"
    let files =
      dataset == "mnist"
      ? DataFiles(
        train: folder + "train-images-idx3-ubyte.gz", trainLabels: folder + "train-labels-idx1-ubyte.gz",
        test: folder + "t10k-images-idx3-ubyte.gz", testLabels: folder + "t10k-labels-idx1-ubyte.gz")
      : DataFiles(
        train: folder + (classes.count > 2 ? "cifar10-subset" : "cifar10-airplane-automobile") + "-train.bin",
        test: folder + (classes.count > 2 ? "cifar10-subset" : "cifar10-airplane-automobile") + "-test.bin")
    return try LoadedData.load(
      files, DataSelection(classes: classes.map { .integer($0) }, trainCount: train, testCount: test))
  }

  func network() throws -> Network {
    var network = NetworkDescription([
      .architecture: .name(architecture), .activation: .name(activation),
      .readout: .name(readout ?? "independent"),
      .width: .width(infinite ? .infinite : .finite(width)), .temperature: .number(temperature),
      .lambda0: .number(lambda0), .lambda1: .number(lambda1),
    ])
    network[.mask] = mask.map { .extent(Extent($0)) }
    network[.stride] = stride.map { .extent(Extent($0)) }
    network[.lengthScale] = lengthscale.map { .number($0) }
    network[.block] = block.map { .extent(Extent(height: $0[0], width: $0[1])) }
    network[.lambdaBias] = lambdaBias.map { .number($0) }
    network[.activationSlope] = slope.map { .number($0) }
    network[.filterPrior] = filter.map { .name($0) }
    network[.filterLengthScale] = filterLength.map { .number($0) }
    return try Network(network.completed)
  }
}
