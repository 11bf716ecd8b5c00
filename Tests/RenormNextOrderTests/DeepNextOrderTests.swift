import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// Means of deep networks past leading order.
@Suite struct DeepNextOrderTests {
  private func network(_ widths: [Width], lambdas: [Double] = [0.7, 1.4, 0.9]) throws -> Network {
    try Network(
      widths: widths, temperature: 0.1, lambda0: 0.8, lambdas: Array(lambdas.prefix(widths.count)))
  }

  private func problem(_ posterior: Posterior) throws -> DeepProblem {
    try DeepProblem(posterior, points: SmallProblem.points.inputs, threads: 1, memoryLimit: 1 << 30)
  }

  /// E_l of one draw by differences of the kernels' maps: K_l + e s s^T/lambda_l is handed on with K_j = k/lambda_j
  /// and K~_j = (q_j/lambda_j) [k(K_(j-1)) + H_j o (K~_(j-1) - K_(j-1))], H at infinite width.
  @Test(arguments: [2, 3]) func moves(depth: Int) throws {
    let posterior = try network([.finite(30), .finite(20), .finite(50)].suffix(depth)).fit(
      SmallProblem.training)
    let (network, order) = (posterior.network, SmallProblem.training.count)
    let q = try #require(posterior.solution.layers).orderParameters
    let problem = try problem(posterior)
    let local = try network.kernels(on: SmallProblem.training.shape, threads: 1).local
    let layers = DeepKernels(first: local, lambdas: network.lambdas, theory: network.deepTheory)
    let all = Matrix(
      rows: 16, columns: order + 3,
      elements: SmallProblem.training.inputs.elements + SmallProblem.points.inputs.elements)
    let scales = network.lambdas.map { 1 / $0 }
    let infinite = layers.variances(all, scales: scales)
    func kernels(_ layer: Int, _ step: Double, _ s: [Double]) -> Matrix {
      var plain = layers.firstKernel(all, all, scale: scales[0])
      var moved = q[0] * plain
      func add(_ j: Int) {
        guard j == layer else { return }
        plain.add(step / network.lambdas[j], outer: s, s)
        moved.add(step * q[j] / network.lambdas[j], outer: s, s)
      }
      add(0)
      for j in 1..<depth {
        let variances = plain.diagonal
        let mapped = layers.mapped(plain, rows: variances, columns: variances, isTriangle: false)
        let slopes = infinite[j].map { network.activation.meanSlope(variance: $0) }
        let difference = moved - plain
        let (below, scale) = (difference, scales[j])
        plain = scale * mapped
        moved = Matrix(rows: all.columns, columns: all.columns) {
          q[j] * scale * (mapped[$0, $1] + slopes[$0] * slopes[$1] * below[$0, $1])
        }
        add(j)
      }
      return moved
    }
    let generator = RandomGenerator(seed: 5)
    let step = 1e-5
    for (layer, unit) in problem.units.enumerated() {
      let s = (0..<all.columns).map { _ in erf(generator.gaussian()) }
      let difference =
        (1 / (2 * step)) * (kernels(layer, step, s) - kernels(layer, -step, s))
      let own = Matrix(rows: all.columns, columns: order) { i, j in
        unit.a[i, j] * s[i] * s[j] + (unit.b?[i, j] ?? 0) * s[i] * s[i] + (unit.c?[i, j] ?? 0) * s[j] * s[j]
      }
      expectClose(own.elements, difference.selectingColumns(0..<order).elements, relative: 1e-6, absolute: 1e-8)
    }
    // Without a draw they are the renormalized kernel.
    expectClose(
      kernels(0, 0, [Double](repeating: 0, count: all.columns)).selectingRows(0..<order)
        .selectingColumns(0..<order).elements,
      posterior.renormalizedKernel.elements, relative: 1e-9)
  }

  /// One finite layer above one of infinite width is one hidden layer whose units see K_1: delta and dm by the
  /// formulas of one layer, by plain loops over the same law.
  @Test func lastLayer() throws {
    let posterior = try network([.infinite, .finite(20)]).fit(SmallProblem.training)
    let problem = try problem(posterior)
    #expect(problem.units.count == 1 && problem.units[0].b == nil)
    let draws = DeepDraws(problem: problem, seed: 3)
    let blocks = (0..<400).map { draws.block($0) }
    let own = CumulantEstimate.Estimate(blocks.map { [$0.value] + $0.means })

    // Features by the root of another kernel routine, averaged naively, with Wick's value in closed form.
    let (g, u) = (problem.g, problem.u)
    let (order, scale) = (problem.order, problem.units[0].a[0, 0])
    let root = problem.units[0].root
    let kernel = problem.units[0].average
    let k = kernel.selectingRows(0..<order)
    let gk = g * k
    let wick =
      3 * gk.trace * gk.trace + 6 * gk.traceOfProduct(gk) - 6 * dot(u, k * u) * dot(u, k * u)
    let generator = RandomGenerator(seed: 11)
    var values: [[Double]] = []
    for _ in 0..<400 {
      var sum = 0.0
      for _ in 0..<500 {
        let s = (root * (0..<root.columns).map { _ in generator.gaussian() }).prefix(order).map { erf($0) }
        let x = dot(u, s)
        let form = dot(s, g * s)
        sum += scale * scale * (3 * form * form - 2 * x * x * x * x)
      }
      values.append([(sum / 500 - wick) / (8 * 20)])
    }
    let other = CumulantEstimate.Estimate(values)
    let error = (own.variances[0] + other.variances[0]).squareRoot()
    #expect(abs(own.values[0] - other.values[0]) < 4 * error, "\(own.values[0]) \(other.values[0]) \(error)")
    #expect(own.values[0].magnitude > 4 * own.variances[0].squareRoot(), "a test of something")
  }

  /// The same for the same seed on any number of threads; training parts of draws do not depend on points.
  @Test func repeats() throws {
    let posterior = try network([.finite(30), .finite(20)]).fit(SmallProblem.training)
    let points = SmallProblem.points
    let all = try [1, 2, 3].map { threads in
      try NextOrder(
        posterior, points: points.inputs, targets: points.targets.column(0),
        options: NextOrderOptions(draws: 4000, seed: 4, threads: threads))
    }
    for other in all.dropFirst() {
      #expect(other.delta == all[0].delta && other.corrected == all[0].corrected)
    }
    let one = try NextOrder(
      posterior, points: points.inputs.selectingColumns([1]),
      options: NextOrderOptions(draws: 4000, seed: 4, threads: 1))
    expectClose(one.delta, all[0].delta, relative: 1e-9)
    let summary = all[0].summary
    #expect(summary.varianceShift == nil && summary.evidenceShift == nil && summary.biasShift != nil)
    #expect(all[0].warnings.contains { $0.contains("corrects the means") })
    #expect(all[0].corrected.prediction.variance == all[0].leading.prediction.variance)
  }

  /// Standard errors are those of the spread over seeds.
  @Test func errors() throws {
    let posterior = try network([.finite(30), .finite(20)]).fit(SmallProblem.training)
    let all = try (1...20).map { seed in
      try NextOrder(
        posterior, points: SmallProblem.points.inputs,
        options: NextOrderOptions(draws: 10_000, seed: UInt32(seed), threads: 2))
    }
    let mean = all.reduce(0) { $0 + $1.delta } / 20
    let spread = (all.reduce(0) { $0 + ($1.delta - mean) * ($1.delta - mean) } / 19).squareRoot()
    let stated = all.reduce(0) { $0 + ($1.standardErrors?.delta ?? 0) } / 20
    // 19 degrees of freedom: within a factor 1.6 in 99 of 100 cases.
    #expect(spread < 1.6 * stated && stated < 1.6 * spread, "\(spread) \(stated)")
  }

  @Test func refusals() throws {
    let tanh = try Network(widths: [.finite(9), .finite(9)], activation: Tanh(), temperature: 0.1)
    #expect(throws: RenormError.self) { try tanh.checkNextOrder(outputs: 1) }
    let vanilla = try Network(widths: [.finite(9), .finite(9)], temperature: 0.1, deepTheory: .vanilla)
    #expect(throws: RenormError.self) { try vanilla.checkNextOrder(outputs: 1) }
    let deep = try network([.finite(30), .finite(20)])
    try deep.checkNextOrder(outputs: 1)
    #expect(throws: RenormError.self) { try deep.checkNextOrder(outputs: 2) }
    #expect(throws: RenormError.self) { try deep.checkNextOrder(outputs: 1, order: .mixture) }
    #expect(throws: RenormError.self) { try deep.checkHiddenUnit(outputs: 1) }
    #expect(throws: RenormError.self) {
      try DeepProblem(
        deep.fit(SmallProblem.training), points: SmallProblem.points.inputs, threads: 1, memoryLimit: 1000)
    }
  }
}

/// Problems that another program corrected and sampled (collapsed Hamiltonian Monte Carlo over all hidden
/// weights): MNIST, every second pixel, 50 (L = 3: 60) training and 100 other examples.
@Suite(.slow("many draws of deep networks on MNIST"), .needsData, .serialized) struct DeepNextOrderTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var digits = (3, 8)
    var count = 50
    var widths: [Int]
    var lambdas: [Double]?
    var temperature = 0.02
    /// delta and the bias at leading order, corrected and sampled.
    let delta: Double
    let leading, corrected, sampled: Double
    var testDescription: String { name }
  }

  static let rows = [
    Row(
      name: "0/1, N = 50", digits: (0, 1), widths: [50, 50], delta: 3.3, leading: 0.0606, corrected: 0.0561,
      sampled: 0.0541),
    Row(
      name: "0/1, N = 100", digits: (0, 1), widths: [100, 100], delta: 1.6, leading: 0.0605, corrected: 0.0582,
      sampled: 0.0581),
    Row(
      name: "3/8, N = 200", widths: [200, 200], delta: 0.8, leading: 0.3804, corrected: 0.3790, sampled: 0.3782),
    Row(
      name: "3/8, N = 100, lambda = .3", widths: [100, 100], lambdas: [0.3, 0.3], delta: 1.2, leading: 0.3804,
      corrected: 0.3786, sampled: 0.3778),
    Row(
      name: "3/8, N = 100, 40", widths: [100, 40], delta: 1.8, leading: 0.3799, corrected: 0.3800,
      sampled: 0.3753),
    Row(
      name: "3/8, N = 50", widths: [50, 50], delta: 2.1, leading: 0.3798, corrected: 0.3747, sampled: 0.3737),
    Row(
      name: "3/8, L = 3", count: 60, widths: [60, 60, 60], temperature: 0.05, delta: 2.5, leading: 0.3727,
      corrected: 0.3669, sampled: 0.3662),
  ]

  @Test(arguments: rows) func row(_ row: Row) throws {
    let data = try PublishedProblem.load(row.digits.0, row.digits.1, trainCount: row.count)
    let posterior = try Network(
      widths: row.widths.map { .finite($0) }, temperature: row.temperature, lambdas: row.lambdas
    ).fit(data.train)
    let next = try NextOrder(
      posterior, points: data.test.inputs, targets: data.test.targets.column(0),
      options: NextOrderOptions(draws: 200_000, seed: 7))
    let errors = try #require(next.standardErrors)
    let biases = [next.leading, next.corrected].map {
      $0.prediction.scores(targets: data.test.targets, isClassification: false).bias ?? .nan
    }
    print(
      row.name,
      "delta \(next.delta) (\(errors.delta)), bias \(biases) (\(errors.bias ?? 0)), means \(errors.means)")
    // Printed to four digits, delta to two, with the noise of draws of both programs.
    #expect(abs(biases[0] - row.leading) < 1.5e-4)
    #expect(abs(next.delta - row.delta) < 0.06 + 0.05 * row.delta + 4 * errors.delta)
    #expect(abs(biases[1] - row.corrected) < 6 * (errors.bias ?? 0) + 3e-4)
  }
}
