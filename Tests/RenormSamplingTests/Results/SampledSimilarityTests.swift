import GSLNumerics
import LinearAlgebra
import Renorm
import RenormFiles
import Testing

@testable import RenormSampling

/// Similarities of the hidden layer between a few points.
@Suite struct SampledSimilarityTests {
  private let data: Dataset

  init() {
    let generator = RandomGenerator(seed: 41)
    let inputs = Matrix(rows: 8, columns: 12) { _, _ in generator.gaussian() }
    data = Dataset(
      shape: ImageShape(channels: 1, height: 2, width: 4), inputs: inputs,
      targets: Matrix(rows: 12, columns: 1) { i, _ in inputs[0, i] - inputs[1, i] + inputs[2, i] })
  }

  private var points: SimilarityPoints { SimilarityPoints(data.inputs.selectingColumns(0..<4)) }

  /// Prior similarities are averages over weights drawn from the prior.
  @Test(arguments: [Erf(), ReLU()] as [any DifferentiableActivation])
  func priorByMonteCarlo(activation: any DifferentiableActivation) throws {
    let network = try Network(
      architecture: Convolutional(mask: Extent(2)), activation: activation, width: .finite(5), temperature: 1,
      lambda0: 0.7)
    let prior = try network.priorSimilarity(of: points.inputs, on: data.shape, positions: 1, 0)
    let generator = RandomGenerator(seed: 42)
    // Position i has the pixels of columns 2 i and 2 i + 1.
    let place = { (i: Int, k: Int) in 4 * (k / 2) + 2 * i + k % 2 }
    var sums = Matrix(rows: 4, columns: 4)
    var squares = sums
    let count = 40_000
    for _ in 0..<count {
      let w = (0..<4).map { _ in generator.gaussian() / 0.7.squareRoot() }
      let s = (0..<2).map { i in
        (0..<4).map { x in activation((0..<4).reduce(0.0) { $0 + w[$1] * points.inputs[place(i, $1), x] } / 2) }
      }
      for x in 0..<4 {
        for y in 0..<4 {
          let product = s[1][x] * s[0][y]
          sums[x, y] += product
          squares[x, y] += product * product
        }
      }
    }
    for x in 0..<4 {
      for y in 0..<4 {
        let mean = sums[x, y] / Double(count)
        let error = ((squares[x, y] / Double(count) - mean * mean) / Double(count)).squareRoot()
        #expect(abs(prior[x, y] - mean) < 4.5 * error, "\(x), \(y): \(prior[x, y]), \(mean) +- \(error)")
      }
    }
  }

  /// Data say nothing at T = 1e6, and the average over the posterior is that over the prior.
  @Test func highTemperature() throws {
    let network = try Network(
      architecture: Convolutional(mask: Extent(2)), width: .finite(10), temperature: 1e6, lambda0: 0.7)
    let sampled = try #require(
      try network.sample(data, similarity: points, options: SamplingOptions(samples: 500)))
    #expect(sampled.estimates.similarity.map(\.positions) == [.init(0, 0), .init(1, 0), .init(1, 1)])
    for pair in sampled.estimates.similarity {
      let prior = try network.priorSimilarity(
        of: points.inputs, on: data.shape, positions: pair.positions.row, pair.positions.column)
      for x in 0..<4 {
        for y in 0..<4 {
          let found = pair.matrix[x][y]
          #expect(abs(found.mean - prior[x, y]) < 4.5 * found.standardError, "\(found), \(prior[x, y])")
          #expect(found.standardError < 0.05)
        }
      }
    }
  }

  /// Linear networks: the theory is exact but for terms of order 1/N^2, a percent of the change at N = 100.
  @Test func linearNetworks() throws {
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(100), temperature: 0.1)
    let theory = try network.fit(data).similarity(of: points.inputs, positions: 0, 0)
    let sampled = try #require(
      try network.sample(data, similarity: points, options: SamplingOptions(samples: 2000, seed: 2)))
    let matrix = sampled.estimates.similarity[0].matrix
    let largest = theory.change.elements.map(abs).max() ?? .nan
    var moved = 0
    for x in 0..<4 {
      for y in 0..<4 {
        let found = matrix[x][y]
        #expect(
          abs(found.mean - theory.after[x, y]) < 4.5 * found.standardError + 0.05 * largest,
          "\(found), \(theory.after[x, y]), before \(theory.before[x, y])")
        if abs(found.mean - theory.before[x, y]) > 10 * found.standardError { moved += 1 }
      }
    }
    // Training is seen.
    #expect(moved > 0)
  }

  @Test func refusals() throws {
    let lcn = try Network(architecture: LocallyConnected(mask: Extent(2)), width: .finite(3), temperature: 1)
    func check(_ pair: (Int, Int)) throws {
      let points = SimilarityPoints(points.inputs, positions: [.init(pair.0, pair.1)])
      _ = try SamplingJob(lcn, data, similarity: points)
    }
    try check((1, 1))
    #expect { try check((0, 1)) } throws: { "\($0)".contains("filters are independent") }
    #expect { try check((2, 2)) } throws: { "\($0)".contains("positions from 0 to 1") }
    let many = SimilarityPoints(Matrix(rows: 8, columns: 200))
    #expect { _ = try SamplingJob(lcn, data, similarity: many) } throws: {
      "\($0)".contains("take fewer similarity points")
    }
  }
}
