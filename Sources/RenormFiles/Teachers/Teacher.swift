internal import Foundation
internal import GSLNumerics
public import LinearAlgebra
public import Renorm

/// A rule that draws inputs of M numbers and says what their target is: synthetic data of which everything is
/// known.
///
/// Inputs are independent, x ~ N(0, 1), but for templates.
public enum Teacher: Sendable {
  /// f(x) = w . x / M^(1/2), w ~ N(0, 1).
  case linear
  /// f(x) = sum_k c_k He_k(z) / (k!)^(1/2), z = w . x / |w|, w ~ N(0, 1): a function of one direction, He_k the
  /// Hermite polynomials that are orthogonal for z ~ N(0, 1), so that the mean of f is c_0 and its variance the
  /// sum of the other c_k^2.
  case singleIndex(coefficients: [Double])
  /// f(x) = H^(-1/2) sum_a v_a s(w_a . x / M^(1/2)), a of H hidden units, all weights ~ N(0, 1): the network of
  /// docs/theory.md, section 1, fully connected, with one draw of its prior.
  case network(hidden: Int, activation: any Activation)
  /// K templates t ~ N(0, 1) with labels -1 and +1 at random (as many of each as may be); an example is (1 -
  /// spread)^(1/2) t + spread^(1/2) noise and has its template's label (Li and Sompolinsky, Phys. Rev. X 11,
  /// 031059 (2021)).
  case templates(count: Int, spread: Double)
}

/// Examples that a teacher has labelled.
public struct TeacherExamples: Sendable {
  /// One example a column, M x P.
  public let inputs: Matrix
  /// f(x), with noise for training examples.
  public let targets: [Double]
}

extension Teacher {
  /// Training examples, with Gaussian noise on their targets, and test examples without, of one draw of the
  /// teacher.
  ///
  /// - Parameters:
  ///   - noise: the standard deviation of the noise; its square is the temperature that matches it.
  ///   - seed: decides everything; training examples do not depend on how many test examples there are.
  /// - Throws: `RenormError.invalidParameter` for numbers out of their domain.
  public func examples(
    inputs m: Int, training: Int, test: Int, noise: Double, seed: UInt32
  ) throws(RenormError) -> (training: TeacherExamples, test: TeacherExamples) {
    try Self.check(m, "inputs", in: 1...Self.largestSize)
    try Self.check(training, "examples", in: 1...Self.largestSize)
    try Self.check(test, "test-examples", in: 0...Self.largestSize)
    guard noise >= 0, noise.isFinite else {
      throw .invalidParameter(name: "noise", value: "\(noise)", accepted: "a number that is not negative")
    }
    try checkOwn()
    let bytes = 8.0 * Double(m) * Double(training + test + unitCount) * 3
    if let available = MemoryBudget.shortage(of: Int(min(bytes, 0x1p62))) {
      throw .outOfMemory(
        what: "\(training + test) examples of \(m) inputs", bytes: Int(min(bytes, 0x1p62)),
        available: available)
    }
    // Streams of their own, so that sizes do not move what is drawn elsewhere.
    let rule = rule(inputs: m, RandomGenerator(seed: seed, stream: 0))
    let own = rule(training, RandomGenerator(seed: seed, stream: 1))
    let errors = RandomGenerator(seed: seed, stream: 2)
    let noisy = own.targets.map { $0 + noise * errors.gaussian() }
    return (
      TeacherExamples(inputs: own.inputs, targets: noisy), rule(test, RandomGenerator(seed: seed, stream: 3))
    )
  }

  private static let largestSize = 1 << 24

  private static func check(_ value: Int, _ name: String, in range: ClosedRange<Int>) throws(RenormError) {
    guard range.contains(value) else {
      throw .invalidParameter(
        name: name, value: "\(value)", accepted: "\(range.lowerBound) to \(range.upperBound)")
    }
  }

  private var unitCount: Int {
    switch self {
    case .linear, .singleIndex: 1
    case .network(let hidden, _): hidden
    case .templates(let count, _): count
    }
  }

  private func checkOwn() throws(RenormError) {
    switch self {
    case .linear: break
    case .singleIndex(let coefficients):
      guard !coefficients.isEmpty, coefficients.count <= 32, coefficients.allSatisfy(\.isFinite) else {
        throw .invalidParameter(
          name: "hermite", value: coefficients.map { "\($0)" }.joined(separator: ","),
          accepted: "1 to 32 finite coefficients, that of order 0 first")
      }
    case .network(let hidden, _): try Self.check(hidden, "hidden", in: 1...Self.largestSize)
    case .templates(let count, let spread):
      try Self.check(count, "templates", in: 1...Self.largestSize)
      guard spread >= 0, spread <= 1 else {
        throw .invalidParameter(name: "spread", value: "\(spread)", accepted: "0 to 1")
      }
    }
  }

  /// Draws the teacher; the result draws examples and labels them.
  private func rule(
    inputs m: Int, _ random: RandomGenerator
  ) -> (_ count: Int, _ random: RandomGenerator) -> TeacherExamples {
    func gaussian(_ rows: Int, _ columns: Int, _ random: RandomGenerator) -> Matrix {
      var values = [Double](repeating: 0, count: rows * columns)
      random.fillGaussian(&values)
      return Matrix(rows: rows, columns: columns, elements: values)
    }
    func labelled(_ f: @escaping (Matrix) -> [Double]) -> (Int, RandomGenerator) -> TeacherExamples {
      { count, random in
        let inputs = gaussian(m, count, random)
        return TeacherExamples(inputs: inputs, targets: f(inputs))
      }
    }
    switch self {
    case .linear:
      let w = gaussian(m, 1, random)
      let scale = 1 / Double(m).squareRoot()
      return labelled { ($0.asTranspose * w.column(0)).map { scale * $0 } }
    case .singleIndex(let coefficients):
      let w = gaussian(m, 1, random).column(0)
      let scale = 1 / w.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return labelled { ($0.asTranspose * w).map { Self.hermiteSum(coefficients, scale * $0) } }
    case .network(let hidden, let activation):
      let w = gaussian(m, hidden, random)
      let v = gaussian(hidden, 1, random).column(0)
      let (inner, outer) = (1 / Double(m).squareRoot(), 1 / Double(hidden).squareRoot())
      return labelled { inputs in
        let fields = w.asTranspose * inputs
        return (0..<inputs.columns).map { mu in
          outer * (0..<hidden).reduce(0) { $0 + v[$1] * activation(inner * fields[$1, mu]) }
        }
      }
    case .templates(let count, let spread):
      let templates = gaussian(m, count, random)
      let order = random.permutation(of: count)
      let (near, far) = ((1 - spread).squareRoot(), spread.squareRoot())
      return { examples, random in
        let own = (0..<examples).map { _ in random.integer(below: count) }
        let noise = gaussian(m, examples, random)
        return TeacherExamples(
          inputs: Matrix(rows: m, columns: examples) { near * templates[$0, own[$1]] + far * noise[$0, $1] },
          targets: own.map { order[$0] % 2 == 0 ? 1 : -1 })
      }
    }
  }

  /// sum_k c_k He_k(z)/(k!)^(1/2): with h_k = He_k/(k!)^(1/2), h_(k+1) = (z h_k - k^(1/2) h_(k-1))/(k+1)^(1/2).
  static func hermiteSum(_ coefficients: [Double], _ z: Double) -> Double {
    var (previous, current, sum) = (0.0, 1.0, 0.0)
    for (k, coefficient) in coefficients.enumerated() {
      sum += coefficient * current
      (previous, current) = (
        current, (z * current - Double(k).squareRoot() * previous) / Double(k + 1).squareRoot()
      )
    }
    return sum
  }
}

extension Teacher {
  /// Writes examples as the arrays `x_train` (P x M), `y_train`, and where there are any `x_test` and `y_test`,
  /// which every command reads.
  ///
  /// - Throws: `DataError` where the file cannot be written, `RenormError.invalidParameter` as `examples`.
  public func write(
    to path: String, inputs: Int, training: Int, test: Int, noise: Double, seed: UInt32
  ) throws {
    let (own, heldOut) = try examples(inputs: inputs, training: training, test: test, noise: noise, seed: seed)
    var archive = NPZWriter()
    archive.add("x_train", own.inputs.elements, shape: [training, inputs])
    archive.add("y_train", own.targets, shape: [training])
    if test > 0 {
      archive.add("x_test", heldOut.inputs.elements, shape: [test, inputs])
      archive.add("y_test", heldOut.targets, shape: [test])
    }
    try archive.write(to: path)
  }
}
