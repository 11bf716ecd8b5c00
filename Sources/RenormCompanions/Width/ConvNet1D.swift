internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// A network of two hidden layers on one-dimensional signals, in the NTK parametrisation: all weights N(0, 1),
/// sums divided by the root of their number. Convolutions are circular with three taps.
package struct ConvNet1D: Equatable, Sendable {
  /// The kinds of network.
  package enum Architecture: String, CaseIterable, Sendable {
    /// Fully connected.
    case mlp
    /// Convolutional, f = n^(-1/2) sum_c V_c mean_s h_cs: global average pooling.
    case gap
    /// Convolutional, f = (n S)^(-1/2) sum_cs V_cs h_cs.
    case flatten
    /// `gap` with a skip connection around the second layer.
    case skip
  }

  /// The nonlinearity, with the derivatives that gradients of gradients need.
  package enum Nonlinearity: String, CaseIterable, Sendable {
    case tanh, relu
  }

  package let architecture: Architecture
  package let nonlinearity: Nonlinearity
  /// The number of channels n.
  package let width: Int

  /// Numbers of one input: channels x positions.
  static let inputChannels = 2
  static let signalLength = 6

  package init(_ architecture: Architecture, _ nonlinearity: Nonlinearity, width: Int) {
    precondition(width >= 1, "width \(width)")
    self.architecture = architecture
    self.nonlinearity = nonlinearity
    self.width = width
  }

  var positions: Int { architecture == .mlp ? 1 : Self.signalLength }
  var taps: Int { architecture == .mlp ? 1 : 3 }
  /// Channels of the input as the first layer sees it.
  var inputs: Int { architecture == .mlp ? Self.inputChannels * Self.signalLength : Self.inputChannels }

  /// Weights of the two layers and the readout.
  struct Parameters {
    /// n x taps inputs, n x taps n, and n x 1 or n x S.
    var tensors: [JetMatrix]

    func moved(along direction: Parameters, bit: Int) -> Parameters {
      Parameters(tensors: zip(tensors, direction.tensors).map { $0.moved(along: $1, bit: bit) })
    }

    /// The inner product over all parameters, with its derivatives.
    static func dot(_ a: Parameters, _ b: Parameters) -> [Double] {
      let parts = zip(a.tensors, b.tensors).map { JetMatrix.innerProduct($0, $1) }
      let count = parts.map(\.count).max() ?? 0
      return (0..<count).map { k in parts.reduce(0) { $0 + (k < $1.count ? $1[k] : 0) } }
    }
  }

  private var shapes: [(Int, Int)] {
    [(width, taps * inputs), (width, taps * width), (width, architecture == .flatten ? positions : 1)]
  }

  /// Parameters whose elements are drawn one after the other.
  func parameters(_ element: () -> Double) -> Parameters {
    Parameters(
      tensors: shapes.map { rows, columns in
        JetMatrix(Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in element() }))
      })
  }

  /// The pre-activations, features and patches of one input.
  struct Forward {
    let patches: [JetMatrix]
    let slopes: [JetMatrix]
    /// The features that the readout sees: n x 1 or n x S, divided as in f.
    let features: JetMatrix
    /// f with its derivatives.
    let output: [Double]
  }

  func forward(_ parameters: Parameters, _ input: Matrix) -> Forward {
    let first = patches(JetMatrix(architecture == .mlp ? flat(input) : input))
    let (h1, slope1) = activate(product(parameters.tensors[0], first))
    let second = patches(h1)
    var (h2, slope2) = activate(product(parameters.tensors[1], second))
    if architecture == .skip { h2 = h2 + h1 }
    let features = read(h2)
    return Forward(
      patches: [first, second], slopes: [slope1, slope2], features: features,
      output: JetMatrix.innerProduct(parameters.tensors[2], features))
  }

  /// df/d(parameters), with the derivatives that the parameters carry.
  func gradient(_ parameters: Parameters, _ input: Matrix) -> Parameters {
    let forward = forward(parameters, input)
    let top = spread(parameters.tensors[2])
    let delta2 = JetMatrix.elementwise(top, forward.slopes[1])
    var back = unpatched(
      JetMatrix.scaled(
        1 / Double(taps * width).squareRoot(), JetMatrix.transposedProduct(parameters.tensors[1], delta2)),
      width)
    if architecture == .skip { back = back + top }
    let delta1 = JetMatrix.elementwise(back, forward.slopes[0])
    return Parameters(tensors: [
      weightGradient(delta1, forward.patches[0]), weightGradient(delta2, forward.patches[1]), forward.features,
    ])
  }

  private func weightGradient(_ delta: JetMatrix, _ patches: JetMatrix) -> JetMatrix {
    JetMatrix.scaled(1 / Double(patches.rows).squareRoot(), JetMatrix.productTransposed(delta, patches))
  }

  private func product(_ weights: JetMatrix, _ patches: JetMatrix) -> JetMatrix {
    JetMatrix.scaled(1 / Double(patches.rows).squareRoot(), weights * patches)
  }

  private func flat(_ input: Matrix) -> Matrix { Matrix(rows: inputs, columns: 1, elements: input.elements) }

  /// What the readout sees of the last layer.
  private func read(_ h: JetMatrix) -> JetMatrix {
    let (n, s) = (Double(width), Double(positions))
    if architecture == .flatten { return JetMatrix.scaled(1 / (n * s).squareRoot(), h) }
    let mean = [Double](repeating: 1 / (s * n.squareRoot()), count: positions)
    return h.map(rows: width, columns: 1) { Matrix(rows: width, columns: 1, elements: $0 * mean) }
  }

  /// df/dh for the last layer.
  private func spread(_ readout: JetMatrix) -> JetMatrix {
    let (n, s) = (Double(width), Double(positions))
    if architecture == .flatten { return JetMatrix.scaled(1 / (n * s).squareRoot(), readout) }
    let scale = 1 / (s * n.squareRoot())
    return readout.map(rows: width, columns: positions) { v in
      let column = v.elements.map { scale * $0 }
      return Matrix(columns: [[Double]](repeating: column, count: positions))
    }
  }

  /// The columns s + k - 1 of all taps k, one below the other.
  private func patches(_ h: JetMatrix) -> JetMatrix {
    guard taps > 1 else { return h }
    return h.map(rows: taps * h.rows, columns: positions) { values in
      Matrix(
        columns: (0..<positions).map { s in
          (0..<taps).flatMap { values.column((s + $0 - taps / 2 + positions) % positions) }
        })
    }
  }

  /// The transpose of `patches`.
  private func unpatched(_ patches: JetMatrix, _ channels: Int) -> JetMatrix {
    guard taps > 1 else { return patches }
    return patches.map(rows: channels, columns: positions) { values in
      var columns = [[Double]](repeating: [Double](repeating: 0, count: channels), count: positions)
      values.withUnsafeElements { values in
        for s in 0..<positions {
          for k in 0..<taps {
            let target = (s + k - taps / 2 + positions) % positions
            let start = s * taps * channels + k * channels
            for c in 0..<channels { columns[target][c] += values[start + c] }
          }
        }
      }
      return Matrix(columns: columns)
    }
  }

  /// The nonlinearity and its derivative, both with the derivatives that z carries.
  private func activate(_ z: JetMatrix) -> (value: JetMatrix, slope: JetMatrix) {
    let base = z.value
    func map(_ f: (Double) -> Double) -> Matrix {
      Matrix(rows: base.rows, columns: base.columns, elements: base.elements.map(f))
    }
    switch nonlinearity {
    case .tanh:
      let t = map { Foundation.tanh($0) }
      let first = Matrix(rows: t.rows, columns: t.columns, elements: t.elements.map { 1 - $0 * $0 })
      let second = Matrix(
        rows: t.rows, columns: t.columns, elements: t.elements.map { -2 * $0 * (1 - $0 * $0) })
      let third = Matrix(
        rows: t.rows, columns: t.columns, elements: t.elements.map { (6 * $0 * $0 - 2) * (1 - $0 * $0) })
      return (z.applying(t, first, second), z.applying(first, second, third))
    case .relu:
      let zero = Matrix(rows: base.rows, columns: base.columns)
      let step = map { $0 > 0 ? 1 : 0 }
      return (z.applying(map { max(0, $0) }, step, zero), z.applying(step, zero, zero))
    }
  }
}
