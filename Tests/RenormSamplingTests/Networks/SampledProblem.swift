import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm

@testable import RenormSampling

/// A small finite network with data and a position of its weights, drawn from a seed.
struct SampledProblem: CustomStringConvertible {
  enum Kind: CaseIterable { case fc, lcn, cnn, meanPool, exponential }

  var kind: Kind
  var activation: any DifferentiableActivation
  var shape: ImageShape
  var mask: Extent
  var stride: Extent
  var units: Int
  var temperature: Double
  var lambda0: Double
  var lambda1: Double
  var inputs: Matrix
  var test: Matrix
  var targets: Matrix

  init(
    _ generator: RandomGenerator, kind: Kind, activation: any DifferentiableActivation = Erf(),
    outputs: Int? = nil, units: Int? = nil, count: Int? = nil
  ) {
    let pick = { (values: [Double]) in values[generator.integer(below: values.count)] }
    self.kind = kind
    self.activation = activation
    shape = ImageShape(
      channels: 1 + generator.integer(below: 2), height: 3 + generator.integer(below: 2),
      width: 3 + generator.integer(below: 3))
    mask = Extent(height: 2 + generator.integer(below: 2), width: 2)
    stride = Extent(height: 1 + generator.integer(below: 2), width: 1 + generator.integer(below: 2))
    self.units = units ?? 1 + generator.integer(below: 5)
    temperature = pick([0.02, 0.3, 2])
    lambda0 = pick([0.4, 1, 3])
    lambda1 = pick([0.2, 1, 5])
    let count = count ?? 1 + generator.integer(below: 12)
    let pixels = shape.count
    inputs = Matrix(rows: pixels, columns: count) { _, _ in generator.gaussian() }
    test = Matrix(rows: pixels, columns: 3) { _, _ in generator.gaussian() }
    targets = Matrix(rows: count, columns: outputs ?? [1, 1, 3][generator.integer(below: 3)]) { _, _ in
      generator.gaussian()
    }
  }

  var architecture: any Architecture {
    switch kind {
    case .fc: FullyConnected()
    case .lcn: LocallyConnected(mask: mask, stride: stride)
    default: Convolutional(mask: mask, stride: stride)
    }
  }

  var data: Dataset { Dataset(shape: shape, inputs: inputs, targets: targets) }

  func network() throws -> Network {
    let readout: any Readout
    switch kind {
    case .meanPool: readout = MeanPooling()
    case .exponential: readout = try ExponentialReadout(lengthScale: 1.3)
    default: readout = IndependentReadout()
    }
    return try Network(
      architecture: architecture, activation: activation, width: .finite(units), temperature: temperature,
      lambda0: lambda0, lambda1: lambda1, readout: readout)
  }

  func collapsed(
    _ points: ObservedPoints = ObservedPoints(), side: ReadoutPosterior.Side? = nil
  ) throws -> CollapsedDensity {
    try CollapsedDensity(network(), data, observing: points, side: side)
  }

  func full(
    _ points: ObservedPoints = ObservedPoints(), coordinates: FullDensity.Coordinates = .standardNormal
  ) throws -> FullDensity {
    try FullDensity(network(), data, observing: points, coordinates: coordinates)
  }

  var description: String {
    """
    \(kind), \(activation.name), P \(inputs.columns), D \(targets.columns), N \(units), T \(temperature), \
    lambda0 \(lambda0), lambda1 \(lambda1), shape \(shape), mask \(mask), stride \(stride)
    """
  }
}

extension LogDensity {
  /// The value at a position.
  func value(_ position: [Double]) -> Double {
    var workspace = makeWorkspace()
    var gradient = [Double](repeating: 0, count: dimension)
    return evaluate(position, gradient: &gradient, &workspace)
  }

  /// The gradient at a position.
  func gradient(_ position: [Double]) -> [Double] {
    var workspace = makeWorkspace()
    var gradient = [Double](repeating: .nan, count: dimension)
    _ = evaluate(position, gradient: &gradient, &workspace)
    return gradient
  }

  /// What a draw records.
  func record(_ position: [Double]) -> [Double] {
    var workspace = makeWorkspace()
    return observe(position, &workspace)
  }

  /// A position drawn from the prior in standard-normal coordinates.
  func randomPosition(_ generator: RandomGenerator) -> [Double] {
    (0..<dimension).map { _ in generator.gaussian() }
  }
}
