import Foundation
import LinearAlgebra
import Renorm
import RenormNextOrder
import Testing

@Suite struct NextOrderTests {
  @Test func trust() {
    #expect(Trust(delta: -1.1, sigma: 0.1) == .reliable)
    #expect(Trust(delta: 0, sigma: 0.11) == .check)
    #expect(Trust(delta: 1.1, sigma: 0.04, isOdd: false) == .reliable)
    #expect(Trust(delta: 0, sigma: 0.05, isOdd: false) == .check)
    #expect(Trust(delta: -1.5, sigma: 0.05) == .check)
    #expect(Trust(delta: 1.51, sigma: 0.05) == .sample)
    #expect(Trust(delta: .nan, sigma: 0.05) == .sample)
    #expect(Trust(delta: 0.5, sigma: .nan) == .sample)
    #expect(Trust.reliable < .check && .check < .sample)
  }

  /// Without a number of draws, as many as the error needs; below it, the most that are allowed.
  @Test func drawsUntilTheError() throws {
    let posterior = try SmallProblem(architecture: Convolutional(mask: Extent(2)), width: 12).posterior()
    let points = SmallProblem.points.inputs
    let next = try NextOrder(posterior, points: points, options: NextOrderOptions(targetError: 0.2, threads: 2))
    let change = (next.corrected.prediction.mean - next.leading.prediction.mean).frobenius / 3.0.squareRoot()
    let error = try #require(next.standardErrors).means
    #expect(next.meanDraws >= 400_000 || error < 0.25 * change, "\(error) \(change) \(next.meanDraws)")
    let few = try NextOrder(
      posterior, points: points, options: NextOrderOptions(targetError: 1e-6, maximumDraws: 6000, threads: 2))
    #expect(few.meanDraws < 9000)
  }

  @Test func summary() throws {
    let posterior = try SmallProblem(width: 12).posterior()
    let points = SmallProblem.points
    let next = try NextOrder(
      posterior, points: points.inputs, targets: points.targets.column(0),
      options: NextOrderOptions(draws: 4000, threads: 1))
    let text = String(decoding: try JSONEncoder().encode(next.summary), as: UTF8.self)
    #expect(try JSONDecoder().decode(NextOrderSummary.self, from: Data(text.utf8)) == next.summary)
    #expect(text.contains("\"class\":\"\(try #require(next.trust).rawValue)\""))
    let bias = { (result: TheoryResult) in
      result.prediction.scores(targets: points.targets, isClassification: false).bias
    }
    expectClose(
      try #require(next.biasShift), (bias(next.corrected) ?? .nan) - (bias(next.leading) ?? .nan),
      absolute: 1e-15)
    #expect(next.warnings.contains { $0.contains("noise") } == !next.omitted.isEmpty)

    let mixture = try NextOrder(
      posterior, points: points.inputs, options: NextOrderOptions(order: .mixture, threads: 1))
    #expect(mixture.trust == nil && mixture.draws == 0 && mixture.corrected == mixture.mixture)
    #expect(mixture.mixture == next.mixture)
    #expect(mixture.warnings.contains { $0.contains("worse than leading") })
  }

  /// Features of fewer draws are held at once; sums of other lengths differ by rounding.
  @Test func littleMemory() throws {
    let posterior = try SmallProblem(architecture: Convolutional(mask: Extent(2))).posterior()
    let inputs = SmallProblem.data(40, seed: 6).inputs
    func next(_ limit: Int?) throws -> NextOrder {
      try NextOrder(
        posterior, points: inputs,
        options: NextOrderOptions(draws: 4000, meanDraws: 2000, threads: 2, memoryLimit: limit))
    }
    // One step of 32 draws takes 0.8 MB, all draws of a piece 12 MB.
    let (large, small) = (try next(nil), try next(1_000_000))
    expectClose(small.delta, large.delta, relative: 1e-10)
    expectClose(small.corrected.prediction.mean, large.corrected.prediction.mean, relative: 1e-10)
    expectClose(small.corrected.prediction.variance, large.corrected.prediction.variance, relative: 1e-10)
  }

  @Test func refusals() throws {
    let posterior = try SmallProblem().posterior()
    let points = SmallProblem.points.inputs
    func message(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing"
    }
    #expect(
      message { _ = try NextOrder(posterior, points: Matrix(rows: 16, columns: 0)) }.contains("points is none"))
    #expect(
      message { _ = try NextOrder(posterior, points: points, targets: [1]) }.contains("targets is 1 numbers"))
    #expect(
      message { _ = try NextOrder(posterior, points: points, options: NextOrderOptions(order: .leading)) }
        .contains("order is leading"))
    #expect(
      message { _ = try NextOrder(posterior, points: points, options: NextOrderOptions(memoryLimit: 1000)) }
        .contains("KiB"))
    let wide = try SmallProblem().network().with(width: .infinite).fit(SmallProblem.training)
    #expect(message { _ = try NextOrder(wide, points: points) }.contains("infinite width"))
    let early = try SmallProblem().network().fit(
      SmallProblem.training, options: FitOptions(tolerance: 1e-13, maximumIterations: 1))
    #expect(message { _ = try NextOrder(early, points: points) }.contains("has not converged"))
    // An architecture of a caller's own: what is not known is refused.
    let own = try Network(architecture: Halves(), width: .finite(20), temperature: 0.1).fit(
      SmallProblem.training)
    #expect(message { _ = try NextOrder(own, points: points) }.contains("architecture 'halves'"))
    let several = try SmallProblem().network().fit(
      Dataset(
        shape: SmallProblem.training.shape, inputs: SmallProblem.training.inputs,
        targets: Matrix(rows: 8, columns: 2) { i, j in Double((i + j) % 2) }))
    #expect(message { _ = try NextOrder(several, points: points) }.contains("2 outputs"))
  }
}

/// Positions in two groups, each with a filter of its own.
private struct Halves: Architecture {
  var name: String { "halves" }
  var window: Window? { Window(mask: Extent(2)) }
  func sharedFilterGroups(positions: Int) -> [Range<Int>] { [0..<positions / 2, positions / 2..<positions] }
}
