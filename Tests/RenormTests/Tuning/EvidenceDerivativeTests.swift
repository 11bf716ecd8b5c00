import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Derivatives of the log evidence, which take the explicit dependence alone, against differences of fits that
/// share nothing.
@Suite struct EvidenceDerivativeTests {
  /// A network on random images, with the parameters that its evidence is differentiated by.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let outputs: Int
    let parameters: [NetworkParameter]
    let network: @Sendable (Width) throws -> Network
    var testDescription: String { name }
  }

  private static let common: [NetworkParameter] = [.temperature, .lambda1, .lambda0]

  static let cases: [Case] = [
    Case(
      name: "cnn erf, readout and filter correlated, bias", outputs: 1,
      parameters: common + [.lambdaBias, .lengthScale, .filterLengthScale]
    ) {
      try Network(
        architecture: Convolutional(mask: Extent(2), stride: Extent(1)), width: $0, temperature: 0.2,
        lambda0: 0.7,
        lambda1: 1.3, lambdaBias: 2, filter: CorrelatedFilter.matern32(lengthScale: 1.2),
        readout: Matern52Readout(lengthScale: 0.8))
    },
    Case(name: "cnn relu, exponential readout", outputs: 1, parameters: common + [.lengthScale]) {
      try Network(
        architecture: Convolutional(mask: Extent(2), stride: Extent(2)), activation: ReLU(), width: $0,
        temperature: 0.3, lambda0: 0.7, lambda1: 0.6, readout: ExponentialReadout(lengthScale: 1.5))
    },
    Case(name: "cnn leaky relu, mean pooling", outputs: 1, parameters: common + [.activationSlope]) {
      try Network(
        architecture: Convolutional(mask: Extent(2), stride: Extent(2)), activation: LeakyReLU(slope: 0.3),
        width: $0, temperature: 0.3, lambda1: 0.6, readout: MeanPooling())
    },
    Case(name: "lcn gelu", outputs: 1, parameters: common) {
      try Network(
        architecture: LocallyConnected(mask: Extent(2), stride: Extent(2)), activation: GELU(), width: $0,
        temperature: 0.1, lambda1: 2)
    },
    Case(name: "fc erf", outputs: 1, parameters: common) {
      try Network(architecture: FullyConnected(), width: $0, temperature: 0.1, lambda1: 0.5)
    },
    Case(name: "fc erf, three outputs", outputs: 3, parameters: common) {
      try Network(architecture: FullyConnected(), width: $0, temperature: 0.1, lambda1: 0.5)
    },
    Case(name: "fc relu, three outputs", outputs: 3, parameters: [.temperature, .lambda1]) {
      try Network(architecture: FullyConnected(), activation: ReLU(), width: $0, temperature: 0.1)
    },
    Case(name: "cnn erf, two outputs, exponential readout", outputs: 2, parameters: common + [.lengthScale]) {
      try Network(
        architecture: Convolutional(mask: Extent(2), stride: Extent(2)), width: $0, temperature: 0.3,
        readout: ExponentialReadout(lengthScale: 1.5))
    },
    Case(name: "cnn relu, two outputs", outputs: 2, parameters: common) {
      try Network(
        architecture: Convolutional(mask: Extent(2), stride: Extent(2)), activation: ReLU(), width: $0,
        temperature: 0.3)
    },
    Case(name: "fc linear, dependent inputs", outputs: 1, parameters: common) {
      try Network(
        architecture: FullyConnected(), activation: Linear(), width: $0, temperature: 0.1, lambda1: 0.5)
    },
    Case(name: "fc erf, node prior", outputs: 1, parameters: common) {
      try Network(
        architecture: FullyConnected(), width: $0, temperature: 0.1, lambda1: 0.5,
        nodePrior: BernoulliNodePrior(openFraction: 0.4))
    },
  ]

  private func data(outputs: Int) -> Dataset {
    let random = RandomGenerator(seed: 5)
    let shape = ImageShape(channels: 1, height: 4, width: 4)
    var inputs = Matrix(rows: 16, columns: 24) { _, _ in random.gaussian() }
    // Equal examples count as one.
    for i in 0..<16 { inputs[i, 7] = inputs[i, 3] }
    let targets = Matrix(rows: 24, columns: outputs) { mu, _ in 0.3 + inputs[0, mu] + 0.5 * random.gaussian() }
    return Dataset(shape: shape, inputs: inputs, targets: targets)
  }

  @Test(arguments: cases, [Width.finite(12), .infinite])
  func derivativesEqualDifferencesOfFits(_ test: Case, _ width: Width) throws {
    let data = data(outputs: test.outputs)
    let options = FitOptions(tolerance: 1e-11)
    let network = try test.network(width)
    let point = try EvidencePoint(KernelFamily(network, data, options: options), network, from: nil)
    for parameter in test.parameters {
      let value = try #require(network.number(parameter))
      let derivative = try #require(try point.derivative(parameter), "\(parameter.key)")
      func evidence(_ step: Double) throws -> Double {
        let changed = try network.with(parameter, value * exp(step))
        return try #require(changed.fit(data, options: options).logEvidence)
      }
      let difference = try (evidence(1e-4) - evidence(-1e-4)) / 2e-4
      expectClose(derivative, difference, relative: 2e-6, absolute: 2e-6, "\(test.name), \(parameter.key)")
    }
  }

  /// The kernels of a family serve another readout prior, and the points held out too.
  @Test func familyServesAnotherReadout() throws {
    let data = data(outputs: 1)
    let network = try Self.cases[0].network(.finite(12))
    let other = try network.with(.lengthScale, 2.5)
    let family = try #require(try KernelFamily(network, data).reading(other))
    let points = try KernelFamily(network, data).heldOut(data.inputs)
    #expect(throws: RenormError.self) { try family.member(other, at: points) }
    let own = try KernelFamily(network, data)
    let (result, prediction) = try #require(try own.reading(other)).member(other, at: own.heldOut(data.inputs))
    let fresh = try other.fit(data)
    expectClose(result.orderParameter, fresh.orderParameter, relative: 1e-7, absolute: 1e-8)
    expectClose(prediction.mean, try fresh.predict(data.inputs).mean, relative: 1e-7, absolute: 1e-8)
    #expect(try own.reading(network.with(.lambda0, 2)) == nil)
    #expect(try own.reading(network.with(width: .infinite)) == nil)
  }
}
