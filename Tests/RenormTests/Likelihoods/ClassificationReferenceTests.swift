import Foundation
import LinearAlgebra
import RenormFiles
import TestSupport
import Testing

@testable import Renorm

/// Classification on MNIST and CIFAR-10 against an independent NumPy program (docs/classification.md).
@Suite struct ClassificationReferenceTests {
  @Test func thereAreCases() throws {
    let names = try ClassificationCase.read().map(\.name)
    #expect(names.count == 5 && Set(names).count == names.count)
  }

  @Test(.needsData, arguments: ClassificationCase.all) func agreesWithTheReference(
    _ reference: ClassificationCase
  )
    throws
  {
    let data = try ReferenceCase.load(
      reference.dataset, classes: reference.classes, train: reference.train, test: reference.test)
    let posterior = try reference.network().fit(data.train)
    let (expected, convergence) = (reference.expected, posterior.solution.convergence)
    #expect(convergence.reachedTolerance && convergence.evaluations <= 20, "\(convergence)")
    let tolerance = reference.approximation == "ep" ? 1e-6 : 1e-7
    expectClose(posterior.orderParameter.elements, expected.orderParameter.flatMap(\.self), relative: tolerance)
    expectClose(try #require(posterior.logEvidence), expected.logEvidence, relative: tolerance)
    if let action = expected.action {
      expectClose(try #require(posterior.solution.action), action, relative: tolerance)
    }
    let test = try #require(data.test)
    let prediction = try posterior.predict(test.inputs)
    let probabilities = prediction.classProbabilities(temperature: reference.temperature)
    for point in expected.probabilities.indices {
      expectClose(prediction.mean.row(point), expected.latentMean[point].values, relative: tolerance)
      expectClose(prediction.variance.row(point), expected.latentVar[point].values, relative: tolerance)
      expectClose(probabilities.row(point), expected.probabilities[point], relative: tolerance)
    }
    let labels = prediction.labelScores(
      targets: test.targets, isClassification: true, temperature: reference.temperature)
    expectClose(labels.nll, expected.nll, relative: tolerance)
    expectClose(try #require(labels.brier), expected.brier, relative: tolerance)
    let scores = prediction.scores(targets: test.targets, isClassification: true)
    expectClose(try #require(scores.accuracy), expected.accuracy, relative: 1e-12)
  }
}

/// One entry of `Fixtures/softmax-cases.json`.
struct ClassificationCase: Decodable, CustomTestStringConvertible {
  struct Expected: Decodable {
    let orderParameter: [[Double]]
    let action: Double?
    let logEvidence: Double
    let latentMean: [ReferenceCase.Row]
    let latentVar: [ReferenceCase.Row]
    let probabilities: [[Double]]
    let nll: Double
    let brier: Double
    let accuracy: Double
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
  let approximation: String
  let mask: Int?
  let stride: Int?
  let expected: Expected

  var testDescription: String { name }

  static func read() throws -> [ClassificationCase] { try fixtureCases("softmax-cases") }

  /// Empty where `read` fails, which is a failure of its own.
  static var all: [ClassificationCase] { (try? read()) ?? [] }

  func network() throws -> Network {
    var network = NetworkDescription([
      .architecture: .name(architecture), .activation: .name(activation), .likelihood: .name("softmax"),
      .approximation: .name(approximation), .width: .width(infinite ? .infinite : .finite(width)),
      .temperature: .number(temperature), .lambda0: .number(lambda0), .lambda1: .number(lambda1),
    ])
    network[.mask] = mask.map { .extent(Extent($0)) }
    network[.stride] = stride.map { .extent(Extent($0)) }
    return try Network(network.completed)
  }
}
