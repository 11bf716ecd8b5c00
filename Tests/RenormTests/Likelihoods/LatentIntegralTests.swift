import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormAction

/// Approximations of log Z_lik(K) against numerical integration, another program, and differences.
@Suite struct LatentIntegralTests {
  private static func likelihood(_ beta: Double, outputs: Int = 1) throws -> any LatentLikelihood {
    try #require(SoftmaxLikelihood().latent(temperature: 1 / beta, outputs: outputs))
  }

  private static func integral(
    _ approximation: LikelihoodApproximation, _ kernel: Matrix, _ labels: [[Double]], _ beta: Double,
    outputs: Int = 1
  ) throws -> LatentIntegral {
    try approximation.method.integral(kernel, labels: labels, likelihood(beta, outputs: outputs), from: nil)
  }

  /// log int N(g; 0, K) prod sigma(y g)^beta dg for one and two examples, adaptively.
  private static func exact(_ kernel: Matrix, _ labels: [Double], _ beta: Double) -> Double {
    func weight(_ y: Double, _ g: Double) -> Double {
      exp(-beta * (y * g < 0 ? -y * g + log1p(exp(y * g)) : log1p(exp(-y * g))))
    }
    func normal(_ x: Double, _ v: Double) -> Double { exp(-x * x / (2 * v)) / (2 * .pi * v).squareRoot() }
    let end = 9 * kernel[0, 0].squareRoot()
    func slice(_ first: Double) -> Double {
      let own = normal(first, kernel[0, 0]) * weight(labels[0], first)
      guard labels.count > 1 else { return own }
      let mean = kernel[1, 0] / kernel[0, 0] * first
      let v = kernel[1, 1] - kernel[1, 0] * kernel[1, 0] / kernel[0, 0]
      return own
        * Quadrature.integrate(from: mean - 9 * v.squareRoot(), to: mean + 9 * v.squareRoot(), relative: 1e-9) {
          normal($0 - mean, v) * weight(labels[1], $0)
        }.value
    }
    return log(Quadrature.integrate(from: -end, to: end, relative: 1e-8, slice).value)
  }

  @Test(arguments: [0.1, 1, 10, 100], [0.3, 3, 25]) func agreesWithIntegration(beta: Double, k: Double) throws {
    let one = Matrix.diagonal([k])
    let single = Self.exact(one, [1], beta)
    expectClose(try Self.integral(.ep, one, [[1]], beta).logLikelihood, single, absolute: 1e-7)
    expectClose(try Self.integral(.laplace, one, [[1]], beta).logLikelihood, single, absolute: 0.25)
    for (y, overlap) in [(1.0, 0.8), (-1.0, 0.8), (1.0, -0.4)] {
      let two = Matrix(rows: 2, columns: 2) { i, j in i == j ? k : overlap * k }
      let exact = Self.exact(two, [1, y], beta)
      let labels = [[1], [y]]
      // Its own error, as another program of it has; the largest is 0.0094.
      expectClose(try Self.integral(.ep, two, labels, beta).logLikelihood, exact, absolute: 0.012)
      expectClose(try Self.integral(.laplace, two, labels, beta).logLikelihood, exact, absolute: 0.4)
    }
  }

  /// GaussianProcessClassifier of scikit-learn 1.7 with c exp(-(x - x')^2/(2 l^2)): evidence and latent mean
  /// k^T a.
  @Test func agreesWithScikitLearn() throws {
    let x = [-1.5, -0.7, -0.2, 0.1, 0.9, 1.4, 2.2]
    let points = [-1.0, 0.5, 3]
    let labels: [[Double]] = [[-1], [-1], [1], [-1], [1], [1], [-1]]
    let cases = [
      (4.0, 0.8, -5.591116597631878, [-1.157169284569914, 0.6808962317892926, -0.7077700218892059]),
      (25.0, 1.3, -6.730682809057646, [-2.060341271304213, 1.195721199637382, -2.30305604475798]),
    ]
    for (scale, length, evidence, means) in cases {
      func kernel(_ a: [Double], _ b: [Double]) -> Matrix {
        Matrix(rows: a.count, columns: b.count) { scale * exp(-pow((a[$0] - b[$1]) / length, 2) / 2) }
      }
      let found = try Self.integral(.laplace, kernel(x, x), labels, 1)
      expectClose(found.logLikelihood, evidence, relative: 1e-11)
      // Its search ends at a change of 1e-10 of the evidence.
      expectClose(kernel(points, x) * found.weights, means, relative: 1e-5)
    }
  }

  /// G = R + b b^T - (a + b)(a + b)^T is -2 d log Z/dK, in any direction.
  @Test(arguments: LikelihoodApproximation.allCases, UInt32(1)...12)
  func derivatives(approximation: LikelihoodApproximation, seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let outputs = approximation == .ep ? 1 : [1, 3, 4][Int(seed % 3)]
    let m = outputs == 1 ? 1 : outputs - 1
    let beta = [0.3, 2, 20][generator.integer(below: 3)]
    let labels = (0..<5).map { _ -> [Double] in
      let own = generator.integer(below: max(outputs, 2))
      return outputs == 1
        ? [own == 0 ? -1 : 1] : (0..<outputs).map { ($0 == own ? 1 : 0) - 1 / Double(outputs) }
    }
    let kernel = 4 * Matrix.randomPositiveDefinite(5 * m, generator)
    let direction = Matrix.randomSymmetric(5 * m, generator)
    let found = try Self.integral(approximation, kernel, labels, beta, outputs: outputs)
    #expect(found.hasConverged)
    var g = found.inverse.mirrored
    g.add(1, outer: found.shift, found.shift)
    g.add(-1, outer: found.response, found.response)
    let along = try Naive.derivative(step: 1e-3) {
      try Self.integral(approximation, kernel + $0 * direction, labels, beta, outputs: outputs).logLikelihood
    }
    expectClose(-g.innerProduct(direction) / 2, along, relative: 1e-6, absolute: 1e-7)
    // R itself, and its parts.
    let b = Matrix.random(5 * m, 3, generator)
    expectClose(found.solve(b), found.inverse.mirrored * b, relative: 1e-11)
    expectClose(found.whiten(b).asTranspose * found.whiten(b), b.asTranspose * found.solve(b), relative: 1e-11)
    expectClose(found.color(found.whiten(b)), found.solve(b), relative: 1e-11)
  }

  /// The mean of a latent with covariances k is the derivative of log Z by a source s there, which shifts the
  /// prior means of the examples' latents by s k.
  @Test func responseIsTheDerivativeBySources() throws {
    let generator = RandomGenerator(seed: 4)
    let whole = 5 * Matrix.randomPositiveDefinite(6, generator)
    // A label, and the place of its shift.
    let labels: [[Double]] = [[1, 0], [-1, 1], [1, 2], [1, 3], [-1, 4]]
    let kernel = whole.selectingColumns(0..<5).selectingRows(0..<5)
    let source = whole.selectingRows(0..<5).column(5)
    let found = try Self.integral(.laplace, kernel, labels, 3)
    let base = try Self.likelihood(3)
    let along = try Naive.derivative(step: 1e-3) { s in
      try LaplaceApproximation().integral(
        kernel, labels: labels, Shifted(base: base, shifts: source.map { $0 * s }), from: nil
      ).logLikelihood
    }
    expectClose(dot(source, found.response), along, relative: 1e-7)
  }

  /// L^T A L, L A L^T and V = K - K R K by loops, of one and several latents.
  @Test(arguments: 1...4) func roots(m: Int) throws {
    let generator = RandomGenerator(seed: UInt32(m))
    let count = 5
    let curvatures = (0..<count).map { mu in
      // The last block is singular.
      mu == count - 1
        ? [Double](repeating: 0.7, count: m * m) : Matrix.randomPositiveDefinite(m, generator).elements
    }
    let root = try LatentRoot(of: curvatures, latents: m)
    let whole = Matrix.blockDiagonal(
      (0..<count).map {
        Matrix(rows: m, columns: m, elements: Array(root.elements[$0 * m * m..<($0 + 1) * m * m]))
      })
    let w = Matrix.blockDiagonal(curvatures.map { Matrix(rows: m, columns: m, elements: $0) })
    expectClose(whole * whole.asTranspose, w, relative: 1e-12, absolute: 1e-12)
    let kernel = 3 * Matrix.randomPositiveDefinite(count * m, generator)
    let b = .identity(count * m) + whole.asTranspose * (kernel * whole)
    expectClose(
      root.congruence(lower: kernel.poisonedAbove, transposed: true, ridge: 1).mirrored, b, relative: 1e-13,
      absolute: 1e-13)
    expectClose(
      root.congruence(lower: kernel.poisonedAbove, transposed: false).mirrored,
      whole * kernel * whole.asTranspose, relative: 1e-13, absolute: 1e-13)
    let inner = Naive.inverse(b)
    let v = kernel - kernel * (whole * inner * whole.asTranspose) * kernel
    for mu in 0..<count {
      let rows = Array(mu * m..<(mu + 1) * m)
      let found = root.variance(mu, inner: inner.poisonedAbove, prior: 1)
      let block = v.selectingRows(rows).selectingColumns(rows)
      // In directions without curvature it is left out.
      let own = Matrix(rows: m, columns: m, elements: curvatures[mu])
      expectClose(own * found * own, own * block * own, relative: 1e-9, absolute: 1e-10)
    }
  }

  /// From any start, and along the path of a steep likelihood, the same integral.
  @Test(arguments: [1.0, 1e4, 1e8]) func startDoesNotMatter(beta: Double) throws {
    let generator = RandomGenerator(seed: 9)
    let kernel = 3 * Matrix.randomPositiveDefinite(8, generator)
    let labels = (0..<8).map { [$0 % 3 == 0 ? -1.0 : 1] }
    let cold = try Self.integral(.laplace, kernel, labels, beta)
    let other = try Self.integral(.laplace, 1.3 * kernel, labels, beta)
    let warm = try LaplaceApproximation().integral(
      kernel, labels: labels, Self.likelihood(beta), from: other.state)
    #expect(cold.hasConverged && warm.hasConverged)
    expectClose(warm.logLikelihood, cold.logLikelihood, relative: 1e-10)
    expectClose(warm.response, cold.response, relative: 1e-7)
  }
}

/// A likelihood of g + a shift, which the second number of a label names.
private struct Shifted: LatentLikelihood {
  let base: any LatentLikelihood
  let shifts: [Double]
  var latents: Int { 1 }
  func derivatives(at g: [Double], label: [Double]) -> LatentDerivatives {
    base.derivatives(at: [g[0] + shifts[Int(label[1])]], label: [label[0]])
  }
  func force(at g: [Double], label: [Double], variance: Matrix) -> [Double] {
    base.force(at: [g[0] + shifts[Int(label[1])]], label: [label[0]], variance: variance)
  }
  func logProbabilities(at g: [Double]) -> [Double] { [] }
}
