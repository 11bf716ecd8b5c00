import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Predictions, errors and evidence of whole fits against dense formulas at the fitted order parameter.
@Suite struct PosteriorTests {
  private func problem(_ seed: UInt32) -> RandomProblem {
    RandomProblem(
      RandomGenerator(seed: seed), outputs: seed % 3 == 0 ? 2 + Int(seed % 2) : 1, largestCount: 6)
  }

  @Test(arguments: UInt32(1)...60) func predictionsAgreeWithDenseRegression(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit()
    let expected = problem.allKernels.predict(posterior.w, posterior.r, targets: problem.targets)
    let prediction = try posterior.predict(problem.test)
    // Conditioned like A: below 1e5 here.
    expectClose(prediction.mean, expected.mean, relative: 1e-9, absolute: 1e-10, "\(problem)")
    expectClose(prediction.variance, expected.variance, relative: 1e-9, absolute: 1e-10, "\(problem)")
    for (value, prior) in zip(prediction.variance.elements, expected.prior.elements) {
      #expect(value >= 0 && value <= prior * (1 + 1e-12), "\(problem)")
    }
    #expect(prediction.count == 3)
  }

  @Test(arguments: UInt32(1)...30) func infiniteWidthPredictions(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit(.infinite)
    #expect(posterior.solution.formulation == .infiniteWidth && posterior.load == 0)
    #expect(posterior.solution.action == nil)
    let isOverOutputs = problem.targets.columns > 1
    let identity = Matrix.identity(isOverOutputs ? problem.targets.columns : posterior.grid.positions)
    let expected = problem.allKernels.predict(identity, identity, targets: problem.targets)
    let prediction = try posterior.predict(problem.test)
    expectClose(prediction.mean, expected.mean, relative: 1e-9, absolute: 1e-10, "\(problem)")
    expectClose(prediction.variance, expected.variance, relative: 1e-9, absolute: 1e-10, "\(problem)")
    let count = Double(problem.targets.elements.count)
    let data = problem.trainingKernels.dataTerm(identity, identity, targets: problem.targets)
    expectClose(
      try #require(posterior.logEvidence), -0.5 * (data + count * log(2 * .pi)), relative: 1e-10,
      absolute: 1e-9)
  }

  @Test(arguments: UInt32(1)...30) func logEvidence(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit()
    let n = Double(problem.width)
    let prior: Double
    if problem.naive.activation == .relu {
      // Section 4: -tr(Q Qbar) + log det(I + Q), in the coordinates of the readout.
      let (qbar, q) = (posterior.solution.coordinates, posterior.conjugate)
      prior = n * (Naive.logDeterminant(q + .identity(q.rows)) - Naive.product(q, qbar).trace)
    } else {
      let q = posterior.solution.coordinates
      prior = n * (q.trace - Naive.logDeterminant(q) - Double(q.rows))
    }
    let data = problem.trainingKernels.dataTerm(posterior.w, posterior.r, targets: problem.targets)
    let count = Double(problem.targets.elements.count)
    expectClose(
      try #require(posterior.logEvidence), -0.5 * (prior + data + count * log(2 * .pi)), relative: 1e-9,
      absolute: 1e-8, "\(problem)")
  }

  /// Without means the pair of section 4 is section 3: a vanishing mean part leaves the same evidence.
  @Test func evidenceOfASaddleMatchesTheMinimumAtInfiniteWidth() throws {
    let problem = RandomProblem(RandomGenerator(seed: 3), kind: .convolutional, activation: .relu)
    let wide = try problem.network(.finite(10_000_000)).fit(problem.data)
    let infinite = try problem.fit(.infinite)
    // Corrections are P^2/N.
    expectClose(
      try #require(wide.logEvidence), try #require(infinite.logEvidence), relative: 1e-4, absolute: 1e-4)
  }

  /// f at the training points by prediction, and by y - T A^-1 y.
  @Test(arguments: UInt32(1)...30) func trainingPoints(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit()
    let prediction = try posterior.predict(problem.inputs)
    expectClose(posterior.trainingMeans, prediction.mean, relative: 1e-8, absolute: 1e-9, "\(problem)")
    var sum = 0.0
    for (y, f) in zip(problem.targets.elements, prediction.mean.elements) { sum += (y - f) * (y - f) }
    expectClose(
      try #require(posterior.trainingError), sum / Double(problem.targets.elements.count), relative: 1e-6,
      absolute: 1e-10)
    #expect(posterior.trainingAccuracy == nil)
    #expect(posterior.load == Double(problem.inputs.columns) / Double(problem.width))
    // Where a point was seen with noise T its variance is at most T.
    #expect(
      prediction.variance.elements.allSatisfy { $0 >= 0 && $0 <= problem.naive.temperature * (1 + 1e-9) })
  }

  /// Points are predicted in blocks of 512: each must come out as if it were alone.
  @Test func blocksOfPoints() throws {
    var problem = RandomProblem(RandomGenerator(seed: 8), kind: .convolutional, activation: .relu)
    let generator = RandomGenerator(seed: 9)
    problem.test = Matrix(rows: problem.shape.count, columns: 1030) { _, _ in generator.gaussian() }
    let posterior = try problem.fit()
    let all = try posterior.predict(problem.test)
    #expect(all.count == 1030)
    for point in [0, 1, 510, 511, 512, 513, 1023, 1024, 1029] {
      let alone = try posterior.predict(problem.test.selectingColumns(point..<point + 1))
      expectClose(alone.mean[0, 0], all.mean[point, 0], absolute: 1e-12, "point \(point)")
      expectClose(alone.variance[0, 0], all.variance[point, 0], absolute: 1e-12, "point \(point)")
    }
    let again = try posterior.predict(problem.test)
    #expect(again == all)
    #expect(try posterior.predict(Matrix(rows: problem.shape.count, columns: 0)).count == 0)
  }

  @Test func accuracyCountsSignsOrLargestOutputs() {
    let targets = Matrix(columns: [[-1, 1, 1, -1]])
    let prediction = Prediction(
      mean: Matrix(columns: [[-0.2, 0.1, -3, -1]]), variance: Matrix(columns: [[1, 2, 3, 6]]))
    let scores = prediction.scores(targets: targets, isClassification: true)
    #expect(scores.count == 4 && scores.accuracy == 0.75)
    expectClose(scores.bias ?? .nan, (0.64 + 0.81 + 16 + 0) / 4)
    expectClose(scores.variance, 3)
    expectClose(scores.generalizationError ?? .nan, (scores.bias ?? .nan) + 3)
    #expect(prediction.scores(targets: targets, isClassification: false).accuracy == nil)

    let third = -1.0 / 3
    let classes = Matrix(rows: 2, columns: 3, elements: [1 + third, third, third, third, third, 1 + third])
    let means = Matrix(rows: 2, columns: 3, elements: [-0.1, 0.5, -0.2, 0.1, -0.3, 0.2])
    let several = Prediction(mean: means, variance: Matrix(rows: 2, columns: 3))
    #expect(several.scores(targets: classes, isClassification: true).accuracy == 0.5)
  }

  @Test func trainingAccuracyOfSeparableClasses() throws {
    let inputs = Matrix(rows: 2, columns: 4, elements: [1, 0.1, 1.2, -0.1, -1, 0.2, -0.8, 0])
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 2), inputs: inputs,
      targets: Matrix(columns: [[1, 1, -1, -1]]), classes: [3, 8])
    let network = try Network(architecture: FullyConnected(), width: .finite(20), temperature: 0.01)
    #expect(try network.fit(data).trainingAccuracy == 1)
  }
}
