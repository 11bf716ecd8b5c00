import Foundation
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Temperatures at or below the rounding of the kernel, against order parameters from 40-digit arithmetic: relu
/// on one-dimensional inputs, linear with more examples than inputs, erf on near duplicates with different
/// targets.
@Suite struct SmallTemperatureTests {
  struct Case: Decodable, CustomTestStringConvertible {
    let file: String
    let activation: String
    let width: Int
    let temperature: Double
    /// All stationary points.
    let orderParameters: [Double]

    private enum CodingKeys: String, CodingKey { case file, activation, width, temperature, orderParameter }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      file = try container.decode(String.self, forKey: .file)
      activation = try container.decode(String.self, forKey: .activation)
      width = try container.decode(Int.self, forKey: .width)
      temperature = try container.decode(Double.self, forKey: .temperature)
      orderParameters =
        try (try? container.decode([Double].self, forKey: .orderParameter))
        ?? [container.decode(Double.self, forKey: .orderParameter)]
    }

    var testDescription: String { "\(file), N \(width), T \(temperature)" }
    var hasExactRank: Bool { activation != "erf" }

    static var all: [Case] {
      guard let url = url("cases.json"), let data = try? Data(contentsOf: url) else { return [] }
      return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
    }

    static func url(_ file: String) -> URL? {
      Bundle.module.url(forResource: "Fixtures/small-temperature/" + file, withExtension: nil)
    }

    func load() throws -> Dataset {
      let path = try #require(Self.url(file)).path
      return try LoadedData.load(DataFiles(train: path), DataSelection()).train
    }

    func network() throws -> Network {
      try Network(
        architecture: FullyConnected(), activation: Activations.builtIn.named(activation),
        width: .finite(width),
        temperature: temperature)
    }

    func error(_ q: Double) -> Double { orderParameters.map { abs(q / $0 - 1) }.min() ?? .infinity }
  }

  @Test func allCasesAreRead() { #expect(Case.all.count == 11) }

  /// Kernels of exact low rank have an exact answer; a tolerance of 1e-8 leaves that over the curvature.
  @Test(arguments: Case.all.filter(\.hasExactRank)) func exactRank(_ reference: Case) throws {
    let data = try reference.load()
    let network = try reference.network()
    let posterior = try network.fit(data)
    #expect(reference.error(posterior.orderParameter[0, 0]) < 1e-7)
    let convergence = posterior.solution.convergence
    #expect(convergence.reachedTolerance && convergence.converged, "\(convergence)")
    #expect(convergence.roundingError < 1e-10)
    #expect(posterior.warnings.isEmpty, "\(posterior.warnings)")

    // Members of a family, started from a neighbour, at infinite width too.
    let family = try KernelFamily(network.with(temperature: 0.1), data)
    let points = try family.heldOut(data.inputs.selectingColumns(0..<5))
    let neighbour = try family.solve(network.with(temperature: 0.1))
    let member = try family.member(network, at: points, from: neighbour)
    #expect(reference.error(member.result.orderParameter[0, 0]) < 1e-7)
    let prediction = try posterior.predict(data.inputs.selectingColumns(0..<5))
    expectClose(member.prediction.mean, prediction.mean, relative: 1e-6)
    expectClose(member.prediction.variance, prediction.variance, relative: 1e-5, absolute: 1e-14)
    expectClose(
      try #require(member.result.trainingError), try #require(posterior.trainingError), relative: 1e-6)
    if let evidence = posterior.logEvidence {
      expectClose(try #require(member.result.logEvidence), evidence, relative: 1e-7)
    }
    let wide = try network.with(width: .infinite).fit(data)
    expectClose(try #require(wide.trainingError), try #require(posterior.trainingError), relative: 1e-2)
  }

  /// What converges is right, and the estimate of the error is of its size.
  @Test(arguments: Case.all.filter { !$0.hasExactRank }) func nearDuplicates(_ reference: Case) throws {
    let posterior = try reference.network().fit(try reference.load())
    let convergence = posterior.solution.convergence
    let error = reference.error(posterior.orderParameter[0, 0])
    #expect(!convergence.converged || error < 1e-4, "\(convergence), error \(error)")
    #expect(convergence.orderParameterError > error / 2, "\(convergence), error \(error)")
    // A small error can be luck.
    #expect(convergence.orderParameterError < 100 * error + 1e-6, "\(convergence), error \(error)")
    #expect(convergence.converged == (reference.temperature > 1e-5))
  }
}
