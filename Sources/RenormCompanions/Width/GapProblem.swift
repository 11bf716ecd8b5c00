internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// Regression on one-dimensional signals by a convolutional ReLU network of one hidden layer and n channels,
/// with its kernels at infinite width.
///
/// f = n^(-1/2) sum_c V_c mean_s relu(W_c p_s) for global average pooling, p_s the patch at position s over the
/// root of its length; with a flattened readout (n S)^(-1/2) sum_cs V_cs relu(W_c p_s). All weights N(0, 1).
struct GapProblem: Sendable {
  let head: WidthGap.Head
  /// Patches of all inputs, one column each: those of training inputs first, S for each input.
  let patches: Matrix
  let trainCount: Int
  let testCount: Int
  let trainTargets: [Double]
  let testTargets: [Double]
  /// E f0 f0' and the neural tangent kernel between all inputs.
  let covariance: Matrix
  let tangent: Matrix
  /// The step size of gradient descent.
  let rate: Double

  static let positions = 6
  static let channels = 2
  static let taps = 3

  var count: Int { trainCount + testCount }

  /// A fixed problem: four training and four test signals, with a smooth target.
  ///
  /// - Parameter relativeRate: the step size times the largest eigenvalue of the kernel of the training inputs.
  init(_ head: WidthGap.Head, relativeRate: Double) {
    self.head = head
    (trainCount, testCount) = (4, 4)
    let random = RandomGenerator(seed: 20_080_867)
    let inputs = (0..<trainCount + testCount).map { _ in
      Matrix(rows: Self.channels, columns: Self.positions) { _, _ in 0.5 + random.gaussian() }
    }
    let targets = inputs.map { sin($0[0, 0] + $0[1, 2]) }
    (trainTargets, testTargets) = (Array(targets[..<trainCount]), Array(targets[trainCount...]))
    let scale = 1 / Double(Self.channels * Self.taps).squareRoot()
    patches = Matrix(
      columns: inputs.flatMap { input in
        (0..<Self.positions).map { s in
          (0..<Self.taps).flatMap { k in
            input.column((s + k + Self.positions - 1) % Self.positions).map { scale * $0 }
          }
        }
      })
    (covariance, tangent) = Self.kernels(head, patches, count: inputs.count)
    rate = relativeRate / Self.largestEigenvalue(tangent, trainCount)
  }

  /// E[relu relu] and its part of the tangent kernel, averaged over all pairs of positions or over equal ones.
  private static func kernels(
    _ head: WidthGap.Head, _ patches: Matrix, count: Int
  ) -> (covariance: Matrix, tangent: Matrix) {
    var covariance = Matrix(rows: count, columns: count)
    var tangent = covariance
    let gram = patches.asTranspose * patches
    for i in 0..<count {
      for j in 0..<count {
        for s in 0..<positions {
          for t in 0..<positions where head == .gap || s == t {
            let (a, b) = (i * positions + s, j * positions + t)
            let norm = (gram[a, a] * gram[b, b]).squareRoot()
            let angle = acos(min(max(gram[a, b] / norm, -1), 1))
            let value = norm * (sin(angle) + (.pi - angle) * cos(angle)) / (2 * .pi)
            covariance[i, j] += value
            tangent[i, j] += value + gram[a, b] * (.pi - angle) / (2 * .pi)
          }
        }
      }
    }
    let pairs = Double(head == .gap ? positions * positions : positions)
    return ((1 / pairs) * covariance, (1 / pairs) * tangent)
  }

  /// By power iteration: all elements are positive.
  private static func largestEigenvalue(_ matrix: Matrix, _ count: Int) -> Double {
    var v = [Double](repeating: 1, count: count)
    var norm = 1.0
    for _ in 0..<200 {
      let next = (0..<count).map { i in (0..<count).reduce(0) { $0 + matrix[i, $1] * v[$1] } }
      norm = next.reduce(0) { $0 + $1 * $1 }.squareRoot()
      v = next.map { $0 / norm }
    }
    return norm
  }

  /// The outputs that gradient descent with a fixed kernel makes of outputs at initialisation.
  func linear(_ outputs: [Double], steps: Int) -> [Double] {
    var f = outputs
    for _ in 0..<steps {
      let residual = (0..<trainCount).map { f[$0] - trainTargets[$0] }
      for i in 0..<count { f[i] -= rate * (0..<trainCount).reduce(0) { $0 + tangent[i, $1] * residual[$1] } }
    }
    return f
  }

  /// The mean squared error on the test inputs.
  func loss(_ outputs: [Double]) -> Double {
    zip(outputs[trainCount...], testTargets).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      / Double(testCount)
  }
}

/// A network of the problem while it is trained.
struct GapNetwork {
  private let problem: GapProblem
  private let width: Int
  /// n x patch length.
  private var weights: Matrix
  /// n x 1 or n x S.
  private var readout: Matrix

  init(_ problem: GapProblem, width: Int, _ random: RandomGenerator) {
    self.problem = problem
    self.width = width
    weights = Matrix(rows: width, columns: problem.patches.rows) { _, _ in random.gaussian() }
    readout = Matrix(rows: width, columns: problem.head == .gap ? 1 : GapProblem.positions) { _, _ in
      random.gaussian()
    }
  }

  /// The same network with the opposite readout, whose outputs are the opposite ones.
  var mirrored: GapNetwork {
    var result = self
    result.readout = -1 * readout
    return result
  }

  /// What the readout multiplies: for input i the n x 1 or n x S features, divided as in f.
  private func features(_ hidden: Matrix, _ input: Int) -> Matrix {
    let s = GapProblem.positions
    let columns = hidden.selectingColumns(input * s..<(input + 1) * s)
    if problem.head == .flatten { return (1 / Double(width * s).squareRoot()) * columns }
    let mean = [Double](repeating: 1 / (Double(s) * Double(width).squareRoot()), count: s)
    return Matrix(rows: width, columns: 1, elements: columns * mean)
  }

  private var preactivations: Matrix { weights * problem.patches }

  private func relu(_ z: Matrix) -> Matrix {
    Matrix(rows: z.rows, columns: z.columns, elements: z.elements.map { max(0, $0) })
  }

  /// f of all inputs.
  var outputs: [Double] {
    let hidden = relu(preactivations)
    return (0..<problem.count).map { features(hidden, $0).innerProduct(readout) }
  }

  /// df_i/dW for one input.
  private func weightGradient(_ z: Matrix, _ input: Int) -> Matrix {
    let s = GapProblem.positions
    let scale =
      problem.head == .gap ? 1 / (Double(s) * Double(width).squareRoot()) : 1 / Double(width * s).squareRoot()
    let isPooled = problem.head == .gap
    let delta = Matrix(rows: width, columns: s) { c, t in
      z[c, input * s + t] > 0 ? scale * readout[c, isPooled ? 0 : t] : 0
    }
    return delta * problem.patches.selectingColumns(input * s..<(input + 1) * s).asTranspose
  }

  /// The neural tangent kernel between all inputs.
  var tangent: Matrix {
    let z = preactivations
    let hidden = relu(z)
    let readouts = Matrix(columns: (0..<problem.count).map { features(hidden, $0).elements })
    let gradients = Matrix(columns: (0..<problem.count).map { weightGradient(z, $0).elements })
    return readouts.asTranspose * readouts + gradients.asTranspose * gradients
  }

  /// One step of gradient descent on half the sum of squared errors.
  mutating func step() {
    let z = preactivations
    let hidden = relu(z)
    var (weightStep, readoutStep) = (
      Matrix(rows: weights.rows, columns: weights.columns), Matrix(rows: readout.rows, columns: readout.columns)
    )
    for i in 0..<problem.trainCount {
      let feature = features(hidden, i)
      let residual = feature.innerProduct(readout) - problem.trainTargets[i]
      readoutStep = readoutStep + residual * feature
      weightStep = weightStep + residual * weightGradient(z, i)
    }
    weights = weights - problem.rate * weightStep
    readout = readout - problem.rate * readoutStep
  }
}
