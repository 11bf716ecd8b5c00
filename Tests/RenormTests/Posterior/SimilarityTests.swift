import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Similarity of hidden representations against the formula by loops, and against sampled networks.
@Suite struct SimilarityTests {
  /// Section 8 of docs/theory.md by loops over positions and examples, at the fitted order parameter.
  @Test(arguments: UInt32(1)...40) func agreesWithLoops(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(
      generator, kind: seed % 8 == 0 ? [.locallyConnected, .convolutional][Int(seed / 8 % 2)] : nil,
      activation: [.erf, .linear, .sine][generator.integer(below: 3)],
      outputs: seed % 4 == 0 ? 2 : 1, largestCount: 6)
    if seed % 5 == 0, problem.naive.kind == .convolutional {
      problem.readout = try ExponentialReadout(lengthScale: 1.3)
    }
    let posterior = try problem.fit()
    let n = posterior.grid.positions
    let (i, j) = (generator.integer(below: n), generator.integer(below: n))
    let similarity = try posterior.similarity(of: problem.test, positions: i, j)

    let kernels = problem.allKernels
    let (count, outputs) = (problem.inputs.columns, problem.targets.columns)
    let kernel =
      outputs > 1
      ? kernels.renormalizedOverOutputs(posterior.w, posterior.w)
      : kernels.renormalized(posterior.w, posterior.w)
    let all = count + problem.test.columns
    let places = (0..<outputs).flatMap { d in (0..<count).map { $0 + all * d } }
    let a = Matrix(rows: places.count, columns: places.count) { p, q in
      kernel[places[p], places[q]] + (p == q ? problem.naive.temperature : 0)
    }
    let inverse = Naive.inverse(a)
    let u = Naive.product(inverse, Matrix(rows: places.count, columns: 1, elements: problem.targets.elements))
    let scale = 1 / (problem.naive.lambda1 * Double(problem.width * n))
    for x in 0..<problem.test.columns {
      for y in 0..<problem.test.columns {
        let before = kernels.k[i][j][count + x, count + y]
        var sum = 0.0
        for p in places.indices {
          for q in places.indices {
            let g = inverse[p, q] - u[p, 0] * u[q, 0]
            let (mu, nu) = (p % count, q % count)
            for k in 0..<n {
              for l in 0..<n {
                let weight = posterior.w[k * outputs + p / count, l * outputs + q / count]
                sum += weight * kernels.k[i][k][count + x, mu] * g * kernels.k[l][j][nu, count + y]
              }
            }
          }
        }
        expectClose(similarity.before[x, y], before, relative: 1e-12, absolute: 1e-13, "\(problem)")
        // Differences of terms as large as |u|^2, which reaches 1e5 at the lowest temperature.
        expectClose(
          similarity.after[x, y], before - scale * sum, relative: 1e-8, absolute: 1e-8, "\(problem), \(i), \(j)"
        )
      }
    }
  }

  /// A case that is sampled: P = 3 examples and N = 200 units with Gaussian features, or nearly so.
  struct Case: Sendable, CustomStringConvertible {
    let kind: NaiveNetwork.Kind
    let activation: NaiveNetwork.Activation
    let positions: (Int, Int)
    /// Large for erf, whose features are Gaussian where pre-activations are small; 1/lambda1 makes up for it.
    let lambda0: Double
    var description: String { "\(kind), \(activation), \(positions)" }
  }

  /// The posterior average over weights drawn from their prior and weighted by the likelihood with v integrated
  /// out, y ~ N(0, T + 1/(lambda1 N n) sum_ai s_ai s_ai^T): no kernel, order parameter or expansion enters.
  @Test(arguments: [
    Case(kind: .fullyConnected, activation: .linear, positions: (0, 0), lambda0: 1),
    Case(kind: .fullyConnected, activation: .erf, positions: (0, 0), lambda0: 400),
    Case(kind: .convolutional, activation: .linear, positions: (0, 0), lambda0: 1),
    Case(kind: .convolutional, activation: .erf, positions: (0, 1), lambda0: 400),
    Case(kind: .locallyConnected, activation: .linear, positions: (1, 1), lambda0: 0.5),
  ])
  func agreesWithSampledNetworks(of item: Case) throws {
    let generator = RandomGenerator(seed: 7)
    let shape = ImageShape(channels: 1, height: 1, width: 6)
    let isLocal = item.kind != .fullyConnected
    var problem = RandomProblem(RandomGenerator(seed: 1), kind: item.kind, activation: item.activation)
    problem.shape = shape
    problem.naive.mask = isLocal ? (1, 3) : (1, 6)
    problem.naive.stride = isLocal ? (1, 3) : (1, 1)
    problem.naive.temperature = 0.05
    problem.naive.lambda0 = item.lambda0
    problem.naive.lambda1 = 1 / item.lambda0
    problem.width = 200
    problem.inputs = Matrix(rows: 6, columns: 3) { _, _ in generator.gaussian() }
    problem.test = Matrix(rows: 6, columns: 2) { _, _ in generator.gaussian() }
    problem.targets = Matrix(rows: 3, columns: 1, elements: [2.5, -2, 1.5])
    let posterior = try problem.fit()
    let n = posterior.grid.positions
    let points = (0..<5).map { column in
      problem.naive.patches(
        (column < 3 ? problem.inputs : problem.test).column(column < 3 ? column : column - 3), shape)
    }
    let inputs = Matrix(
      rows: 6, columns: 5, elements: problem.inputs.elements + problem.test.elements)
    let similarity = try posterior.similarity(of: inputs, positions: item.positions.0, item.positions.1)

    let draws = 6_000
    var weights = [Double](repeating: 0, count: draws)
    var averages = [Matrix](repeating: Matrix(rows: 5, columns: 5), count: draws)
    for draw in 0..<draws {
      var similaritySum = Matrix(rows: 5, columns: 5)
      var covariance = problem.naive.temperature * Matrix.identity(3)
      let unit = 1 / Double(problem.width)
      for _ in 0..<problem.width {
        let units = units(points, generator, item)
        for x in 0..<5 {
          for y in 0..<5 {
            similaritySum[x, y] += unit * units[item.positions.0][x] * units[item.positions.1][y]
          }
        }
        for i in 0..<n {
          for p in 0..<3 {
            for q in 0..<3 { covariance[p, q] += unit * item.lambda0 / Double(n) * units[i][p] * units[i][q] }
          }
        }
      }
      let factor = try Cholesky(covariance)
      weights[draw] =
        -0.5 * (factor.logDeterminant + dot(problem.targets.elements, factor.solve(problem.targets.elements)))
      averages[draw] = similaritySum
    }
    let largest = weights.max() ?? 0
    weights = weights.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    let effective = total * total / weights.reduce(0) { $0 + $1 * $1 }
    #expect(effective > 1000, "effective number of draws \(effective)")
    var largestChange = 0.0
    let size = similarity.before.elements.reduce(0) { max($0, abs($1)) }
    for x in 0..<5 {
      for y in 0..<5 {
        // The prior average is known, and its estimate's error is shared by both averages.
        let prior = averages.reduce(0) { $0 + $1[x, y] } / Double(draws)
        let mean = zip(weights, averages).reduce(0) { $0 + $1.0 * $1.1[x, y] } / total
        let square = zip(weights, averages).reduce(0) {
          $0 + $1.0 * $1.0 * ($1.1[x, y] - mean) * ($1.1[x, y] - mean)
        }
        let error = square.squareRoot() / total
        expectClose(prior, similarity.before[x, y], relative: 0, absolute: 6e-3 * size, "prior")
        // Four standard errors, and the next order, of relative size 1/N times a few.
        expectClose(
          mean - prior, similarity.change[x, y], relative: 0.05, absolute: 4 * error,
          "\(x), \(y), error \(error)")
        largestChange = max(largestChange, abs(similarity.change[x, y]) / error)
      }
    }
    // The test would mean nothing if the change were lost in the noise.
    #expect(largestChange > 12, "\(largestChange) standard errors")
  }

  /// The activities of one hidden unit, position by point.
  private func units(
    _ points: [[[Double]]], _ generator: RandomGenerator, _ item: Case
  ) -> [[Double]] {
    let size = points[0][0].count
    var filter = (0..<size).map { _ in generator.gaussian() }
    return points[0].indices.map { i in
      if i > 0, item.kind == .locallyConnected { filter = (0..<size).map { _ in generator.gaussian() } }
      return points.map { patches in
        let h = dot(filter, patches[i]) / (Double(size) * item.lambda0).squareRoot()
        return item.activation == .linear ? h : erf(h)
      }
    }
  }

  @Test func refusesWhatItCannotDo() throws {
    var problem = RandomProblem(RandomGenerator(seed: 3), kind: .convolutional, activation: .erf)
    let posterior = try problem.fit()
    let n = posterior.grid.positions
    #expect(throws: RenormError.invalidParameter(name: "position", value: "\(n)", accepted: "0 to \(n - 1)")) {
      try posterior.similarity(of: problem.test, positions: 0, n)
    }
    #expect(throws: RenormError.self) {
      try posterior.similarity(of: Matrix(rows: 1, columns: 1), positions: 0, 0)
    }
    problem.naive.activation = .relu
    let saddle = try problem.fit()
    #expect(throws: RenormError.self) { try saddle.similarity(of: problem.test, positions: 0, 0) }
    let infinite = try posterior.network.with(width: .infinite).fit(problem.data)
    let similarity = try infinite.similarity(of: problem.test, positions: 0, 0)
    #expect(similarity.before == similarity.after)
  }

  /// Where one unit must explain large targets, its mean square exceeds the bound of erf, and the result says
  /// so.
  @Test func warnsWhereLeadingOrderFails() throws {
    var problem = RandomProblem(RandomGenerator(seed: 5), kind: .fullyConnected, activation: .erf)
    problem.width = 1
    problem.naive.temperature = 0.05
    problem.naive.lambda1 = 5
    problem.targets = Matrix(rows: problem.inputs.columns, columns: 1, repeating: 8)
    let similarity = try problem.fit().similarity(of: problem.inputs, positions: 0, 0)
    #expect(similarity.after.diagonal.contains { $0 > 1 })
    #expect(similarity.warnings.count == 2)
    problem.width = 100_000
    #expect(try problem.fit().similarity(of: problem.inputs, positions: 0, 0).warnings.count == 1)
    problem.naive.activation = .linear
    #expect(try problem.fit().similarity(of: problem.inputs, positions: 0, 0).warnings.isEmpty)
  }
}
