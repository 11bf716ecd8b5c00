import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// A small network with data, drawn from a seed, and the same network as loops see it.
struct RandomProblem: CustomStringConvertible {
  var naive = NaiveNetwork()
  var shape = ImageShape(channels: 1, height: 1, width: 3)
  var inputs = Matrix(rows: 3, columns: 1)
  var test = Matrix(rows: 3, columns: 1)
  var targets = Matrix(rows: 1, columns: 1)
  var width = 10
  var readout: any Readout = IndependentReadout()

  /// Random examples, targets, architecture and parameters.
  ///
  /// - Parameter outputs: D; more than one makes the network fully connected unless a kind is given.
  init(
    _ generator: RandomGenerator, kind: NaiveNetwork.Kind? = nil, activation: NaiveNetwork.Activation? = nil,
    outputs: Int = 1, largestCount: Int = 9
  ) {
    let pick = { (values: [Double]) in values[generator.integer(below: values.count)] }
    naive.kind =
      kind
      ?? (outputs > 1
        ? .fullyConnected
        : [.fullyConnected, .locallyConnected, .convolutional][generator.integer(below: 3)])
    naive.activation = activation ?? NaiveNetwork.Activation.allCases[generator.integer(below: 4)]
    naive.temperature = pick([1e-3, 0.05, 0.3, 2])
    naive.lambda0 = pick([0.4, 1, 3])
    naive.lambda1 = pick([0.2, 1, 5])
    let channels = generator.integer(below: 2) + 1
    shape = ImageShape(
      channels: channels, height: 3 + generator.integer(below: 2), width: 3 + generator.integer(below: 3))
    naive.mask = (2 + generator.integer(below: 2), 2)
    naive.stride = (1 + generator.integer(below: 2), 2 + generator.integer(below: 2))
    if naive.kind == .fullyConnected { naive.mask = (shape.height, shape.width) }
    width = generator.integer(below: 30) + 1
    let count = generator.integer(below: largestCount) + 1
    inputs = Matrix(rows: shape.count, columns: count) { _, _ in generator.gaussian() }
    test = Matrix(rows: shape.count, columns: 3) { _, _ in generator.gaussian() }
    targets = Matrix(rows: count, columns: outputs) { _, _ in generator.gaussian() }
  }

  var architecture: any Architecture {
    let mask = Extent(height: naive.mask.0, width: naive.mask.1)
    let stride = Extent(height: naive.stride.0, width: naive.stride.1)
    switch naive.kind {
    case .fullyConnected: return FullyConnected()
    case .locallyConnected: return LocallyConnected(mask: mask, stride: stride)
    case .convolutional: return Convolutional(mask: mask, stride: stride)
    }
  }

  var activation: any Activation {
    switch naive.activation {
    case .erf: Erf()
    case .relu: ReLU()
    case .linear: Linear()
    case .sine: Sine()
    }
  }

  var data: Dataset { Dataset(shape: shape, inputs: inputs, targets: targets) }
  /// Kernels by loops over the training points.
  var trainingKernels: NaiveKernels { naive.kernels(inputs, shape) }
  /// Kernels by loops over training and test points.
  var allKernels: NaiveKernels {
    naive.kernels(
      Matrix(
        rows: inputs.rows, columns: inputs.columns + test.columns, elements: inputs.elements + test.elements),
      shape)
  }

  func network(_ width: Width? = nil) throws -> Network {
    try Network(
      architecture: architecture, activation: activation, width: width ?? .finite(self.width),
      temperature: naive.temperature, lambda0: naive.lambda0, lambda1: naive.lambda1, readout: readout)
  }

  func fit(_ width: Width? = nil, options: FitOptions = FitOptions()) throws -> Posterior {
    try network(width).fit(data, options: options)
  }

  /// The local kernels as the package computes them.
  func local(threads: Int = 2) throws -> LocalKernels {
    try LocalKernels(
      architecture: architecture, activation: activation, lambda0: naive.lambda0, image: shape,
      threads: threads)
  }

  var description: String {
    """
    \(naive.kind), \(naive.activation), P \(inputs.columns), D \(targets.columns), N \(width), \
    T \(naive.temperature), lambda0 \(naive.lambda0), lambda1 \(naive.lambda1), shape \(shape), \
    mask \(naive.mask), stride \(naive.stride), readout \(readout.name)
    """
  }
}

extension Posterior {
  /// Q of section 3, or Qbar of section 4, over positions or outputs.
  var w: Matrix { orderParameter }

  /// R = (1 + Q)^-1 over positions or outputs; W itself where there are no means.
  var r: Matrix {
    guard let mean = solution.weights.mean else { return orderParameter }
    return solution.space.matrix(mean.dense)
  }

  /// Q of section 4, in the solver's coordinates.
  var conjugate: Matrix {
    guard let mean = solution.weights.mean else { return orderParameter }
    return Naive.inverse(mean.dense) - .identity(mean.order)
  }
}

extension NaiveNetwork {
  func patches(_ x: [Double], _ shape: ImageShape) -> [[Double]] { patches(on: shape)(x) }

  func kernels(_ inputs: Matrix, _ shape: ImageShape) -> NaiveKernels { kernels(inputs, patches(on: shape)) }

  private func patches(on shape: ImageShape) -> NaivePatches {
    patches(channels: shape.channels, height: shape.height, width: shape.width)
  }
}
