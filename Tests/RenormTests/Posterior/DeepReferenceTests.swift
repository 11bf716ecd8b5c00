import Foundation
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm

/// Deep networks on MNIST and CIFAR-10 against an independent NumPy program.
@Suite struct DeepReferenceTests {
  @Test func thereAreCases() throws {
    let names = try DeepCase.read().map(\.name)
    #expect(names.count == 9 && Set(names).count == names.count)
  }

  @Test(.needsData, arguments: DeepCase.all) func agreesWithTheReference(_ reference: DeepCase) throws {
    let data = try reference.load()
    let posterior = try reference.network().fit(data.train)
    let (expected, convergence) = (reference.expected, posterior.solution.convergence)
    #expect(convergence.reachedTolerance && convergence.evaluations <= 8, "\(convergence)")
    if reference.widths.count > 1 {
      let layers = try #require(posterior.solution.layers)
      expectClose(layers.orderParameters, expected.orderParameters, relative: 1e-6)
      expectClose(layers.paths, expected.paths, relative: 1e-6)
      #expect((layers.meanWeights == nil) == (expected.meanWeights == nil))
      if let weights = expected.meanWeights { expectClose(layers.meanWeights ?? [], weights, relative: 1e-6) }
    } else {
      expectClose(posterior.orderParameter.elements, expected.orderParameters, relative: 1e-6)
    }
    try expectPredictions(
      of: posterior, at: try #require(data.test), bias: expected.bias, variance: expected.variance,
      accuracy: expected.accuracy, means: expected.mean.map { [$0] }, variances: expected.variances.map { [$0] }
    )
    try expectScores(of: posterior, logEvidence: expected.logEvidence, action: expected.action)
  }
}

/// One entry of `Fixtures/deep-cases.json`.
struct DeepCase: Decodable, CustomTestStringConvertible {
  struct Expected: Decodable {
    let orderParameters: [Double]
    let paths: [Double]
    let meanWeights: [Double]?
    let action: Double?
    let bias: Double
    let variance: Double
    let accuracy: Double
    let mean: [Double]
    let variances: [Double]
    let logEvidence: Double

    enum CodingKeys: String, CodingKey {
      case orderParameters, paths, meanWeights, action, bias, variance, accuracy, mean, logEvidence
      case variances = "var"
    }
  }

  let name: String
  let dataset: String
  let classes: [Int]
  let train: Int
  let test: Int
  let widths: [Int]
  let lambdas: [Double]
  let temperature: Double
  let activation: String
  let lambda0: Double
  let infinite: Bool
  let theory: String?
  let expected: Expected

  var testDescription: String { name }

  static func read() throws -> [DeepCase] { try fixtureCases("deep-cases") }

  /// Empty where `read` fails, which is a failure of its own.
  static var all: [DeepCase] { (try? read()) ?? [] }

  func load() throws -> LoadedData {
    try ReferenceCase.load(dataset, classes: classes, train: train, test: test)
  }

  func network() throws -> Network {
    let network = NetworkDescription([
      .architecture: .name("fc"), .activation: .name(activation), .temperature: .number(temperature),
      .lambda0: .number(lambda0), .lambdas: .list(lambdas.map { .number($0) }),
      .widths: .list(widths.map { .width(infinite ? .infinite : .finite($0)) }),
      .deepTheory: .name(theory ?? "linear-part"),
    ])
    return try Network(network.completed)
  }
}
