import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

@Suite struct DensityTests {
  /// log p(w) from the dense covariance of the targets, inverted by elimination.
  @Test(arguments: SampledProblem.Kind.allCases) func denseCovariance(kind: SampledProblem.Kind) throws {
    for seed in UInt32(1)...15 {
      let generator = RandomGenerator(seed: 300 + seed)
      let activation = GradientTests.activations[Int(seed) % 4]
      let problem = SampledProblem(generator, kind: kind, activation: activation)
      for side in [ReadoutPosterior.Side.examples, .features] {
        let density = try problem.collapsed(side: side)
        let position = density.randomPosition(generator)
        var a = try DenseNetwork(problem: problem, weights: position).joint(problem.inputs).f
        for k in 0..<a.rows { a[k, k] += problem.temperature }
        let (inverse, logDeterminant) = (Naive.inverse(a), Naive.logDeterminant(a))
        let form = Naive.product(problem.targets.transposed, Naive.product(inverse, problem.targets)).trace
        let prior = position.reduce(0) { $0 + $1 * $1 } / 2
        let expected = -prior - (Double(problem.targets.columns) * logDeterminant + form) / 2
        expectClose(density.value(position), expected, 1e-10, "seed \(seed), \(side), \(problem)")
      }
    }
  }

  /// Both sides are the same function: values, gradients and records.
  @Test(arguments: SampledProblem.Kind.allCases) func sidesAgree(kind: SampledProblem.Kind) throws {
    for seed in UInt32(1)...15 {
      let generator = RandomGenerator(seed: 400 + seed)
      let problem = SampledProblem(generator, kind: kind)
      let points = ObservedPoints(test: problem.test, similarity: SimilarityPoints(problem.inputs))
      let one = try problem.collapsed(points, side: .examples)
      let other = try problem.collapsed(points, side: .features)
      let position = one.randomPosition(generator)
      expectClose(one.value(position), other.value(position), 1e-10, "seed \(seed), \(problem)")
      expectClose(one.gradient(position), other.gradient(position), 1e-10, "seed \(seed), \(problem)")
      expectClose(one.record(position), other.record(position), 1e-10, "seed \(seed), \(problem)")
    }
  }

  /// T = 1e-6: A, of more examples than features, has a condition of 1e8 and more, B one of order 1. Rounding
  /// of A's elements alone moves its small eigenvalues by 1e-16 |A|/T = 1e-7 of their size.
  @Test(arguments: SampledProblem.Kind.allCases) func smallTemperature(kind: SampledProblem.Kind) throws {
    for seed in UInt32(1)...5 {
      let generator = RandomGenerator(seed: 450 + seed)
      var problem = SampledProblem(generator, kind: kind, units: 1, count: 40)
      problem.temperature = 1e-6
      let points = ObservedPoints(test: problem.test)
      let (one, other) = (
        try problem.collapsed(points, side: .examples), try problem.collapsed(points, side: .features)
      )
      let position = one.randomPosition(generator)
      expectClose(one.value(position), other.value(position), 1e-6, "seed \(seed), \(problem)")
      expectClose(one.gradient(position), other.gradient(position), 1e-5, "seed \(seed), \(problem)")
      let (record, expected) = (one.record(position), other.record(position))
      for places in [one.layout.means, one.layout.variances, one.layout.orderParameter] {
        expectClose(Array(record[places]), Array(expected[places]), 1e-6, "seed \(seed), \(problem)")
      }
    }
  }

  @Test func theSmallerSideIsTaken() throws {
    let generator = RandomGenerator(seed: 5)
    let wide = SampledProblem(generator, kind: .fc, units: 9, count: 4)
    let narrow = SampledProblem(generator, kind: .fc, units: 3, count: 4)
    #expect(try wide.collapsed().readout.side == .examples)
    #expect(try narrow.collapsed().readout.side == .features)
  }

  /// N = 1, n = 1: the full density integrated over the one readout weight by the trapezoidal rule, which
  /// converges exponentially for Gaussian integrands.
  @Test func integratedOverTheReadout() throws {
    for seed in UInt32(1)...10 {
      let generator = RandomGenerator(seed: 500 + seed)
      let problem = SampledProblem(
        generator, kind: .fc, activation: GradientTests.activations[Int(seed) % 4], outputs: 1, units: 1)
      let full = try problem.full()
      let collapsed = try problem.collapsed()
      let position = collapsed.randomPosition(generator)
      // In logarithms relative to the collapsed value, so that nothing underflows.
      let shift = collapsed.value(position)
      let step = 4e-3
      let integral = (-3000...3000).reduce(0.0) {
        $0 + step * exp(full.value(position + [Double($1) * step]) - shift)
      }
      expectClose(log(integral), log(2 * .pi) / 2, 1e-9, "seed \(seed), \(problem)")
    }
  }

  /// At a high temperature only the prior is left.
  @Test func priorLimit() throws {
    let generator = RandomGenerator(seed: 6)
    for kind in SampledProblem.Kind.allCases {
      var problem = SampledProblem(generator, kind: kind)
      problem.temperature = 1e12
      let density = try problem.collapsed()
      let position = density.randomPosition(generator)
      // The data's part of the gradient is of order 1/T.
      expectClose(density.gradient(position), position.map { -$0 }, 1e-9, "\(problem)")
    }
  }

  @Test func noExamples() throws {
    let generator = RandomGenerator(seed: 7)
    for kind in SampledProblem.Kind.allCases {
      var problem = SampledProblem(generator, kind: kind, outputs: 1)
      problem.inputs = Matrix(rows: problem.shape.count, columns: 0)
      problem.targets = Matrix(rows: 0, columns: 1)
      let density = try problem.collapsed(ObservedPoints(test: problem.test))
      let position = density.randomPosition(generator)
      #expect(density.gradient(position) == position.map { -$0 })
      let record = density.record(position)
      let layout = density.layout
      for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
        let covariance = try DenseNetwork(problem: problem, weights: position)
          .readoutCovariance(pair.row, pair.column)
        expectClose(record[place], covariance, 1e-12, "\(problem)")
      }
      #expect(record[layout.means].allSatisfy { $0 == 0 })
      let full = try problem.full()
      let all = full.randomPosition(generator)
      #expect(full.gradient(all) == all.map { -$0 })
    }
  }

  @Test func orderOfExamplesDoesNotMatter() throws {
    let generator = RandomGenerator(seed: 8)
    for kind in SampledProblem.Kind.allCases {
      let problem = SampledProblem(generator, kind: kind, count: 8)
      var permuted = problem
      let order = generator.permutation(of: 8)
      permuted.inputs = problem.inputs.selectingColumns(order)
      permuted.targets = problem.targets.selectingRows(order)
      let points = ObservedPoints(test: problem.test)
      let (one, other) = (try problem.collapsed(points), try permuted.collapsed(points))
      let position = one.randomPosition(generator)
      expectClose(one.value(position), other.value(position), 1e-11, "\(problem)")
      expectClose(one.gradient(position), other.gradient(position), 1e-11, "\(problem)")
      // Readouts are drawn, with noise for every example.
      let count = one.layout.virials.upperBound
      expectClose(
        Array(one.record(position).prefix(count)), Array(other.record(position).prefix(count)), 1e-11,
        "\(problem)")
    }
  }

  /// A mask of the whole image leaves one position.
  @Test func onePositionIsFullyConnected() throws {
    let generator = RandomGenerator(seed: 9)
    for kind in SampledProblem.Kind.allCases where kind != .fc {
      let fc = SampledProblem(generator, kind: .fc)
      var local = fc
      local.kind = kind
      local.mask = Extent(height: fc.shape.height, width: fc.shape.width)
      let points = ObservedPoints(test: fc.test, similarity: SimilarityPoints(fc.inputs))
      let (one, other) = (try fc.collapsed(points), try local.collapsed(points))
      let position = one.randomPosition(generator)
      expectClose(one.value(position), other.value(position), 1e-12, "\(local)")
      expectClose(one.gradient(position), other.gradient(position), 1e-12, "\(local)")
      expectClose(one.record(position), other.record(position), 1e-12, "\(local)")
    }
  }

  /// D equal columns of targets: D times the likelihood of one, and equal means.
  @Test func equalOutputs() throws {
    let generator = RandomGenerator(seed: 10)
    for kind in SampledProblem.Kind.allCases {
      let problem = SampledProblem(generator, kind: kind, outputs: 1)
      var tripled = problem
      tripled.targets = Matrix(columns: [[Double]](repeating: problem.targets.column(0), count: 3))
      let points = ObservedPoints(test: problem.test)
      let (one, three) = (try problem.collapsed(points), try tripled.collapsed(points))
      let position = one.randomPosition(generator)
      let prior = -position.reduce(0) { $0 + $1 * $1 } / 2
      expectClose(3 * (one.value(position) - prior), three.value(position) - prior, 1e-12, "\(problem)")
      let (record, records) = (one.record(position), three.record(position))
      let mean = Array(record[one.layout.means])
      expectClose(Array(records[three.layout.means]), mean + mean + mean, 1e-12, "\(problem)")
      expectClose(
        Array(records[three.layout.variances]), Array(record[one.layout.variances]), 1e-12, "\(problem)")
    }
  }

  /// A position that is not finite has no density.
  @Test func notFinite() throws {
    let problem = SampledProblem(RandomGenerator(seed: 11), kind: .cnn)
    let density = try problem.collapsed()
    for bad in [Double.nan, .infinity, 1e200] {
      #expect(density.value([Double](repeating: bad, count: density.dimension)) == -.infinity)
    }
    let full = try problem.full()
    #expect(full.value([Double](repeating: .nan, count: full.dimension)) == -.infinity)
  }
}
