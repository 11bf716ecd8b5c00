import GSLNumerics
import LinearAlgebra
import RenormAction
import RenormKernels
import Testing

@testable import RenormNextOrder

/// A few random images of 4 x 4 pixels with labels, small enough for every independent calculation.
struct SmallProblem: CustomTestStringConvertible {
  var architecture: any Architecture = FullyConnected()
  var activation: any Activation = Erf()
  var readout: any Readout = IndependentReadout()
  var width = 40
  var temperature = 0.1
  var lambda1 = 1.3

  static let training = data(8, seed: 3)
  static let points = data(3, seed: 4)

  var testDescription: String { "\(architecture.name) \(activation.name) \(readout.name) N = \(width)" }

  static func data(_ count: Int, seed: UInt32) -> Dataset {
    let generator = RandomGenerator(seed: seed)
    let inputs = Matrix.random(16, count, generator)
    let targets = Matrix(rows: count, columns: 1) { i, _ in
      inputs[0, i] * inputs[5, i] + inputs[9, i] > 0 ? 1 : -1
    }
    return Dataset(shape: ImageShape(channels: 1, height: 4, width: 4), inputs: inputs, targets: targets)
  }

  func network() throws -> Network {
    try Network(
      architecture: architecture, activation: activation, width: .finite(width), temperature: temperature,
      lambda0: 0.8, lambda1: lambda1, readout: readout)
  }

  func posterior() throws -> Posterior {
    try network().fit(Self.training, options: FitOptions(tolerance: 1e-11, threads: 1))
  }

  func problem() throws -> NextOrderProblem {
    try NextOrderProblem(posterior(), threads: 1, memoryLimit: 1 << 30)
  }

  /// The problem at L (1 + X) L^T, L of the given one.
  func problem(_ frame: FeatureFrame, moved x: [Double]) throws -> NextOrderProblem {
    let moved = frame.matrix(zip(frame.identity, x).map(+)).congruence(by: frame.ownFactor.map(\.transposed))
    return try NextOrderProblem(
      NextOrderProblem.Parts(network(), Self.training, threads: 1), at: moved, memoryLimit: 1 << 30)
  }

  /// The derivative of a function of the order parameter along direction k.
  func difference(_ frame: FeatureFrame, along direction: [Double], _ f: (NextOrderProblem) throws -> [Double])
    throws
    -> [Double]
  {
    let step = 1e-4
    let up = try f(problem(frame, moved: direction.map { step * $0 }))
    let down = try f(problem(frame, moved: direction.map { -step * $0 }))
    return zip(up, down).map { ($0 - $1) / (2 * step) }
  }

  func secondDifference(
    _ frame: FeatureFrame, along direction: [Double], _ f: (NextOrderProblem) throws -> [Double]
  ) throws -> [Double] {
    let step = 1e-3
    let up = try f(problem(frame, moved: direction.map { step * $0 }))
    let here = try f(problem(frame, moved: direction.map { 0 * $0 }))
    let down = try f(problem(frame, moved: direction.map { -step * $0 }))
    return up.indices.map { (up[$0] - 2 * here[$0] + down[$0]) / (step * step) }
  }

  static func unit(_ k: Int, of dimension: Int) -> [Double] { (0..<dimension).map { $0 == k ? 1 : 0 } }

  static let mask = Extent(2)
  /// All architectures, odd and other activations, a correlated and a pooled readout.
  static var all: [SmallProblem] {
    get throws {
      [
        SmallProblem(), SmallProblem(activation: ReLU()),
        SmallProblem(architecture: LocallyConnected(mask: mask)),
        SmallProblem(architecture: LocallyConnected(mask: mask), activation: ReLU()),
        SmallProblem(architecture: Convolutional(mask: mask)),
        SmallProblem(architecture: Convolutional(mask: mask), activation: ReLU()),
        SmallProblem(
          architecture: Convolutional(mask: mask), readout: try ExponentialReadout(lengthScale: 1.5)),
        SmallProblem(architecture: Convolutional(mask: mask), readout: MeanPooling()),
      ]
    }
  }
}
