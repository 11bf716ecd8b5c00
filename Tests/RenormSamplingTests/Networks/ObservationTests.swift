import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

@Suite struct ObservationTests {
  /// Of 20000 draws of the readout given the hidden weights.
  private func averageOverReadouts(
    _ density: CollapsedDensity, _ position: [Double], _ generator: RandomGenerator,
    _ value: ([Double]) -> Double
  ) -> Double {
    let workspace = density.makeWorkspace()
    let features = density.computeFeatures(position, workspace)
    #expect(density.readout.invert(features, workspace.readout) != nil)
    let count = 20_000
    return (0..<count).reduce(0) { sum, _ in
      sum + value(density.readout.draw(features, generator, workspace.readout)) / Double(count)
    }
  }

  /// Draws of the readout have the moments that are recorded, on both sides.
  @Test(arguments: [ReadoutPosterior.Side.examples, .features])
  func drawsOfTheReadout(side: ReadoutPosterior.Side) throws {
    let generator = RandomGenerator(seed: 21)
    let problem = SampledProblem(generator, kind: .fc, outputs: 1, count: 5)
    let density = try problem.collapsed(ObservedPoints(), side: side)
    let position = density.randomPosition(generator)
    let square = averageOverReadouts(density, position, generator) { zeta in
      zeta.reduce(0) { $0 + $1 * $1 } / Double(zeta.count)
    }
    let record = density.record(position)
    // Relative errors of 2^(1/2)/count^(1/2) of a few units, five times.
    expectClose(square, record[density.layout.orderParameter.lowerBound], relative: 0.05)
    let sizes = record[density.layout.readoutSizes]
    #expect(sizes.sorted(by: >) == Array(sizes) && record.last?.isFinite == true)
  }

  /// Drawn sizes of readouts have the second moments that are recorded, over all units, positions and outputs.
  @Test(arguments: [SampledProblem.Kind.fc, .lcn, .cnn], [1, 3])
  func sizesOfReadouts(kind: SampledProblem.Kind, outputs: Int) throws {
    let generator = RandomGenerator(seed: 22)
    let problem = SampledProblem(generator, kind: kind, outputs: outputs, units: 4, count: 5)
    let density = try problem.collapsed()
    let (layer, layout) = (density.model.layer, density.layout)
    let position = density.randomPosition(generator)
    let square = averageOverReadouts(density, position, generator) { zeta in
      layer.readoutSizes(zeta).reduce(0) { $0 + $1 * $1 }
    }
    let record = density.record(position)
    let trace = zip(layout.orderParameterPairs, layout.orderParameter)
      .reduce(0.0) { $0 + ($1.0.row == $1.0.column ? record[$1.1] : 0) }
    let coordinates = outputs == 1 ? 1 : layer.rank
    // Relative errors of at most (2/count)^(1/2) of one unit, five times.
    expectClose(square, Double(problem.units * coordinates) * trace, relative: 0.05)
    // An LCN has units of its own at every position.
    let units = problem.units * (kind == .lcn ? layer.positions : 1)
    #expect(record[layout.readoutSizes].count == units && layout.hasEveryReadout)
    #expect((layout.alignment == nil) == !(kind == .fc && outputs == 1))
    #expect(Set(density.quantities).count == layout.count)
  }

  /// Norms by loops over the readout of a full density.
  @Test(arguments: [SampledProblem.Kind.fc, .lcn, .cnn], [1, 3])
  func sizesOfFullDraws(kind: SampledProblem.Kind, outputs: Int) throws {
    let generator = RandomGenerator(seed: 23)
    let problem = SampledProblem(generator, kind: kind, outputs: outputs, units: 3)
    let density = try problem.full()
    let position = density.randomPosition(generator)
    let n = density.model.layer.positions
    let v = Array(position[density.hiddenWeights...])
    var squares = [Double](repeating: 0, count: kind == .lcn ? 3 * n : 3)
    for d in 0..<outputs {
      for i in 0..<n {
        for a in 0..<3 {
          let x = v[a + 3 * i + 3 * n * d]
          squares[kind == .lcn ? a + 3 * i : a] += x * x
        }
      }
    }
    let sizes = density.record(position)[density.layout.readoutSizes]
    expectClose(Array(sizes), squares.map { $0.squareRoot() }.sorted(by: >), 1e-13)
  }

  /// Every recorded number against the joint Gaussian of readout, f and targets, conditioned densely.
  @Test(arguments: SampledProblem.Kind.allCases, [ReadoutPosterior.Side.examples, .features])
  func conditionalMoments(kind: SampledProblem.Kind, side: ReadoutPosterior.Side) throws {
    for seed in UInt32(1)...12 {
      let generator = RandomGenerator(seed: 600 + seed)
      let problem = SampledProblem(
        generator, kind: kind, activation: GradientTests.activations[Int(seed) % 4])
      let comment = "seed \(seed), \(side), \(problem)"
      let density = try problem.collapsed(ObservedPoints(test: problem.test), side: side)
      let (position, layout) = (density.randomPosition(generator), density.layout)
      let record = density.record(position)
      #expect(record.count == layout.count && density.quantities.count == layout.count)
      let dense = DenseNetwork(problem: problem, weights: position)
      let expected = try Conditioned(dense)
      expectClose(record[layout.logDensity], density.value(position), 1e-11, comment)
      expectClose(
        record[layout.weightNorm], position.reduce(0) { $0 + $1 * $1 } / Double(position.count), 1e-12, comment)
      expectClose(record[layout.trainingLoss], expected.trainingLoss, 1e-10, comment)
      expectClose(Array(record[layout.means]), expected.mean.elements, 1e-10, comment)
      expectClose(Array(record[layout.variances]), expected.variance, 1e-10, comment)
      let moments = try expected.orderParameter(dense)
      for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
        expectClose(record[place], moments[pair.row, pair.column], 1e-10, "\(pair), \(comment)")
      }
    }
  }

  @Test(arguments: SampledProblem.Kind.allCases) func similarity(kind: SampledProblem.Kind) throws {
    let generator = RandomGenerator(seed: 31)
    let problem = SampledProblem(generator, kind: kind)
    let density = try problem.collapsed(ObservedPoints(similarity: SimilarityPoints(problem.test)))
    let position = density.randomPosition(generator)
    let dense = DenseNetwork(problem: problem, weights: position)
    let s = (0..<3).map { dense.activations(problem.test.column($0)) }
    let record = density.record(position)
    let layout = density.layout
    let expectedPairs = kind == .lcn ? dense.positions : dense.positions * (dense.positions + 1) / 2
    #expect(layout.similarityPairs.count == expectedPairs)
    let names = density.quantities
    for (index, pair) in layout.similarityPairs.enumerated() {
      for place in layout.similarity(index) {
        // The name says which points an entry belongs to.
        let brackets = names[place].split(separator: "[").last?.dropLast()
        let points = brackets?.split(separator: ",").compactMap { Int($0) }
        let (p, q) = (points?[0] ?? -1, points?[1] ?? -1)
        let expected = (0..<problem.units).reduce(0.0) { $0 + s[p][pair.row][$1] * s[q][pair.column][$1] }
        expectClose(record[place], expected / Double(problem.units), 1e-13, names[place])
      }
    }
    #expect(layout.count == names.count && Set(names).count == names.count)
  }

  /// The full density is a quadratic function of the readout. Where it is largest f(x) is the collapsed
  /// density's conditional mean, and its integral, a determinant away, is the collapsed density.
  @Test(arguments: SampledProblem.Kind.allCases) func maximumOverTheReadout(kind: SampledProblem.Kind) throws {
    for seed in UInt32(1)...6 {
      let generator = RandomGenerator(seed: 700 + seed)
      let problem = SampledProblem(generator, kind: kind, units: 2)
      let points = ObservedPoints(test: problem.test)
      let (full, collapsed) = (try problem.full(points), try problem.collapsed(points))
      let hidden = collapsed.randomPosition(generator)
      let readout = full.dimension - full.hiddenWeights
      let gradient = { (zeta: [Double]) in Array(full.gradient(hidden + zeta)[full.hiddenWeights...]) }
      let zero = [Double](repeating: 0, count: readout)
      let start = gradient(zero)
      let hessian = Matrix(
        columns: (0..<readout).map { k in
          var zeta = zero
          zeta[k] = 1
          return zip(start, gradient(zeta)).map { $0 - $1 }
        })
      let (inverse, logDeterminant) = (Naive.inverse(hessian), Naive.logDeterminant(hessian))
      let best = Naive.product(inverse, Matrix(rows: readout, columns: 1, elements: start)).elements
      let comment = "seed \(seed), \(problem)"
      expectClose(full.value(hidden + best) - logDeterminant / 2, collapsed.value(hidden), 1e-9, comment)
      let (drawn, averaged) = (full.record(hidden + best), collapsed.record(hidden))
      expectClose(Array(drawn[full.layout.means]), Array(averaged[collapsed.layout.means]), 1e-9, comment)
      // Second moments of the readout are those of its mean plus those of its covariance; at 0 only log p
      // differs.
      #expect(full.record(hidden + zero)[full.layout.orderParameter].allSatisfy { $0 == 0 })
    }
  }

  /// f(x), the loss and v v^T of the full density by loops over the readout weights.
  @Test(arguments: [SampledProblem.Kind.fc, .lcn, .cnn], [FullDensity.Coordinates.standardNormal, .weights])
  func fullDraws(kind: SampledProblem.Kind, coordinates: FullDensity.Coordinates) throws {
    let generator = RandomGenerator(seed: 32)
    let problem = SampledProblem(generator, kind: kind, outputs: 1)
    let density = try problem.full(ObservedPoints(test: problem.test), coordinates: coordinates)
    let position = density.randomPosition(generator)
    let isWeights = coordinates == .weights
    let (hidden, units) = (density.hiddenWeights, problem.units)
    let z = position[..<hidden].map { isWeights ? $0 * problem.lambda0.squareRoot() : $0 }
    let v = position[hidden...].map { isWeights ? $0 : $0 / problem.lambda1.squareRoot() }
    let dense = DenseNetwork(problem: problem, weights: z)
    let n = dense.positions
    let f = { (x: [Double]) in
      let s = dense.activations(x)
      var sum = 0.0
      for a in 0..<units {
        for i in 0..<n { sum += v[a + units * i] * s[i][a] }
      }
      return sum / Double(units * n).squareRoot()
    }
    let record = density.record(position)
    let layout = density.layout
    expectClose(Array(record[layout.means]), (0..<3).map { f(problem.test.column($0)) }, 1e-12)
    #expect(layout.variances.isEmpty)
    let residuals = (0..<problem.inputs.columns).map { problem.targets[$0, 0] - f(problem.inputs.column($0)) }
    let square = residuals.reduce(0) { $0 + $1 * $1 }
    expectClose(record[layout.trainingLoss], square / Double(residuals.count), 1e-12)
    for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
      let sum = (0..<units).reduce(0.0) { $0 + v[$1 + units * pair.row] * v[$1 + units * pair.column] }
      expectClose(record[place], problem.lambda1 * sum / Double(units), 1e-12)
    }
    let prior =
      z.reduce(0) { $0 + $1 * $1 } / 2 + problem.lambda1 * v.reduce(0) { $0 + $1 * $1 } / 2
    let value =
      -prior - square / (2 * problem.temperature)
      - Double(residuals.count) / 2 * log(problem.temperature)
    expectClose(density.value(position), value, 1e-12)
    expectClose(record[layout.logDensity], value, 1e-12)
  }

  /// More points than one block holds.
  @Test func manyTestPoints() throws {
    let generator = RandomGenerator(seed: 33)
    var problem = SampledProblem(generator, kind: .cnn, outputs: 1)
    problem.test = Matrix(rows: problem.shape.count, columns: 600) { _, _ in generator.gaussian() }
    var few = problem
    few.test = problem.test.selectingColumns(590..<600)
    let (many, last) = (
      try problem.collapsed(ObservedPoints(test: problem.test)),
      try problem.collapsed(ObservedPoints(test: few.test))
    )
    let position = many.randomPosition(generator)
    let (one, other) = (many.record(position), last.record(position))
    expectClose(Array(one[many.layout.means].suffix(10)), Array(other[last.layout.means]), 1e-12)
    expectClose(Array(one[many.layout.variances].suffix(10)), Array(other[last.layout.variances]), 1e-12)
  }

  @Test func whatIsRefused() throws {
    let problem = SampledProblem(RandomGenerator(seed: 34), kind: .fc, outputs: 1)
    let network = try problem.network()
    let points = Matrix(rows: problem.shape.count, columns: 6000)
    #expect {
      try CollapsedDensity(network, problem.data, observing: ObservedPoints(test: points))
    } throws: { "\($0)".contains("take at most 4998 test points") }
    #expect(throws: RenormError.self) {
      try CollapsedDensity(network, problem.data, observing: ObservedPoints(test: Matrix(rows: 2, columns: 1)))
    }
    let infinite = try Network(architecture: FullyConnected(), width: .infinite, temperature: 1)
    #expect(throws: RenormError.self) { try CollapsedDensity(infinite, problem.data) }
    let plain = try Network(
      architecture: FullyConnected(), activation: Plain(), width: .finite(3), temperature: 1)
    #expect { try FullDensity(plain, problem.data) } throws: { "\($0)".contains("DifferentiableActivation") }
    var data = problem
    data.targets = Matrix(rows: problem.inputs.columns, columns: 1, repeating: .nan)
    #expect(throws: RenormError.self) { try CollapsedDensity(network, data.data) }
  }

  /// An activation without a derivative.
  private struct Plain: Activation {
    var name: String { "plain" }
    var isOdd: Bool { true }
    func callAsFunction(_ h: Double) -> Double { h }
    func mean(variance: Double) -> Double { 0 }
    func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { cab }
  }
}

/// Moments given the targets, by dense conditioning.
private struct Conditioned {
  let mean: Matrix
  let variance: [Double]
  let trainingLoss: Double
  /// Of v, one column per output, and the covariance of v, which outputs share.
  let readoutMean: Matrix
  let readoutCovariance: Matrix

  init(_ network: DenseNetwork) throws {
    let problem = network.problem
    let (count, tests) = (problem.inputs.columns, problem.test.columns)
    let joint = try network.joint(
      Matrix(
        rows: problem.inputs.rows, columns: count + tests,
        elements: problem.inputs.elements + problem.test.elements))
    let training = Array(0..<count)
    var a = joint.f.selectingColumns(training).selectingRows(training)
    for k in 0..<count { a[k, k] += problem.temperature }
    let inverse = Naive.inverse(a)
    let gain = { (cross: Matrix) in Naive.product(cross, inverse) }  // Rows of Cov(., f(X)) A^-1.
    let cross = joint.f.selectingColumns(training)
    let means = Naive.product(gain(cross), problem.targets)
    let spread = joint.f - Naive.product(gain(cross), cross.transposed)
    let points = Array(count..<count + tests)
    mean = means.selectingRows(points)
    variance = points.map { spread[$0, $0] }
    var loss = 0.0
    for k in 0..<count {
      for d in 0..<problem.targets.columns {
        loss += (problem.targets[k, d] - means[k, d]) * (problem.targets[k, d] - means[k, d]) + spread[k, k]
      }
    }
    trainingLoss = loss / Double(count * problem.targets.columns)
    let readout = joint.cross.selectingColumns(training)
    readoutMean = Naive.product(gain(readout), problem.targets)
    readoutCovariance = joint.readout - Naive.product(gain(readout), readout.transposed)
  }

  /// lambda1 <v v^T>/N over positions, or over outputs in the metric of the readout's prior.
  func orderParameter(_ network: DenseNetwork) throws -> Matrix {
    let (problem, n) = (network.problem, network.positions)
    let (units, outputs) = (problem.units, problem.targets.columns)
    let second = { (i: Int, c: Int, j: Int, d: Int) in
      (0..<units).reduce(0.0) { sum, a in
        let (p, q) = (a + units * i, a + units * j)
        return sum + readoutMean[p, c] * readoutMean[q, d] + (c == d ? readoutCovariance[p, q] : 0)
      } * problem.lambda1 / Double(units)
    }
    if outputs == 1 { return Matrix(rows: n, columns: n) { second($0, 0, $1, 0) } }
    var s = Matrix(rows: n, columns: n)
    for i in 0..<n {
      for j in 0..<n { s[i, j] = try network.readoutCovariance(i, j) }
    }
    // Mean pooling has the projection on the mean for S, which is its own pseudoinverse.
    let isPooled = problem.kind == .meanPool
    let metric = isPooled ? s : Naive.inverse(s)
    return Matrix(rows: outputs, columns: outputs) { c, d in
      var sum = 0.0
      for i in 0..<n {
        for j in 0..<n { sum += metric[i, j] * second(i, c, j, d) }
      }
      return sum / Double(isPooled ? 1 : n)
    }
  }
}
