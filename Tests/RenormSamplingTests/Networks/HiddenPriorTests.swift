import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels
@testable import RenormSampling

/// Biases, filter priors and padding in sampled networks.
@Suite struct HiddenPriorTests {
  private let shape = ImageShape(channels: 2, height: 4, width: 4)

  private func network(_ activation: any Activation, units: Int = 1) throws -> Network {
    try Network(
      architecture: Convolutional(mask: Extent(2), stride: Extent(2), padding: .pixels(1)),
      activation: activation, width: .finite(units), temperature: 0.2, lambda0: 0.7, lambda1: 1.4,
      lambdaBias: 2.5,
      filter: CorrelatedFilter.exponential(lengthScale: 1.2))
  }

  private func inputs(_ count: Int) -> Matrix {
    let generator = RandomGenerator(seed: 3)
    return Matrix(rows: shape.count, columns: count) { _, _ in generator.gaussian() }
  }

  /// The pre-activations of a linear unit at the unit vectors of its weights, multiplied and summed, are C_ij:
  /// that of the theory's kernels.
  @Test func preactivationsHaveTheCovarianceOfTheKernels() throws {
    let network = try network(Linear())
    let layer = try HiddenLayer(network, on: shape)
    let (local, _) = try network.kernels(on: shape, threads: 1)
    let x = inputs(3)
    let points = layer.patches(x)
    #expect(layer.weights == 9 && layer.hasBias)
    let memory = LayerMemory(layer, capacity: 3)
    var sum = [Double](repeating: 0, count: 3 * 3 * 9 * 9)
    for k in 0..<layer.weights {
      let weights = (0..<layer.weights).map { $0 == k ? 1.0 : 0 }
      layer.computeFeatures(weights, points, memory)
      for i in 0..<9 {
        for j in 0..<9 {
          for p in 0..<3 {
            for q in 0..<3 {
              sum[p + 3 * (q + 3 * (i + 9 * j))] +=
                layer.values(i, 3, memory)[p, 0] * layer.values(j, 3, memory)[q, 0]
            }
          }
        }
      }
    }
    for (i, j) in [(0, 0), (4, 4), (4, 3), (2, 7)] {
      let patches = Patches(x, of: local)
      let kernel = local.pairKernel(patches, i, patches, j)
      for p in 0..<3 {
        for q in 0..<3 {
          expectClose(sum[p + 3 * (q + 3 * (i + 9 * j))], kernel[p, q], relative: 1e-12, absolute: 1e-13)
        }
      }
    }
  }

  /// Gradients of both densities by differences of fourth order, in all coordinates.
  @Test(arguments: ["tanh", "gelu", "erf", "swish", "cos"]) func gradients(activation: String) throws {
    let network = try network(Activations.builtIn.named(activation), units: 2)
    let x = inputs(5)
    let data = Dataset(
      shape: shape, inputs: x, targets: Matrix(rows: 5, columns: 1) { i, _ in cos(Double(2 * i)) })
    try check(CollapsedDensity(network, data))
    try check(FullDensity(network, data))
    try check(FullDensity(network, data, coordinates: .weights))
  }

  private func check(_ density: some LogDensity) throws {
    let position = density.randomPosition(RandomGenerator(seed: 8))
    let gradient = density.gradient(position)
    let differences = position.indices.map { k in
      let shifted = { (steps: Double) in
        var shifted = position
        shifted[k] += steps * 1e-3
        return density.value(shifted)
      }
      return (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / 12e-3
    }
    expectClose(gradient, differences, 1e-8)
  }

  /// In the coordinates `weights` a draw from the prior has a bias of variance 1/lambda_bias.
  @Test func aBiasHasItsOwnScale() throws {
    let x = inputs(2)
    let density = try FullDensity(
      network(Erf()), Dataset(shape: shape, inputs: x, targets: Matrix(rows: 2, columns: 1)),
      coordinates: .weights)
    let position = density.initialPosition([Double](repeating: 1, count: density.dimension))
    expectClose(position[0], 1 / 0.7.squareRoot())
    expectClose(position[8], 1 / 2.5.squareRoot())
    expectClose(position[9], 1 / 1.4.squareRoot())
  }

  /// s' by differences, away from kinks.
  @Test(arguments: Activations.builtIn.names) func derivatives(name: String) throws {
    let s = try #require(
      Activations.builtIn.named(name, [.activationSlope: .number(0.3)]) as? any DifferentiableActivation)
    for h in [-7.3, -2.2, -0.6, 0.4, 1.7, 6.5] {
      let slope = (s(h + 1e-5) - s(h - 1e-5)) / 2e-5
      expectClose(s.derivative(h), slope, relative: 1e-8, absolute: 1e-9, "\(name) \(h)")
    }
  }
}
