import Foundation
import LinearAlgebra
import Renorm
import RenormKernels
import TestSupport
import Testing

@testable import RenormNextOrder

/// The fourth cumulant of a bulk beside an explicit unit: against the next order, where the explicit unit has no
/// readout, and against zero, where features are Gaussian.
@Suite struct BulkCumulantTests {
  private func node(_ problem: CondensedProblem, readout: Double, units: Double, cut: Double?) throws
    -> SolvedNode
  {
    try #require(
      SolvedNode(
        UnitAction(problem, readout: readout, units: units, cut: cut), from: nil, tolerance: 1e-6))
  }

  private func correction(
    _ posterior: Posterior, _ problem: CondensedProblem, _ solved: SolvedNode, q: Double, draws: Int
  ) throws -> (BulkCumulant.Correction, BulkCumulant.Place) {
    let points = problem.points(SmallProblem.points.inputs)
    let cumulant = BulkCumulant(problem, points, draws: draws, seed: 7)
    let place = cumulant.places([(q, 1)], 1, solved)[0]
    return (cumulant.correction(cumulant.parts([place])), place)
  }

  /// delta, dm and dv of all N units are those of the next order at Q0, drawn there by other means.
  @Test(arguments: [true, false]) func withoutAnExplicitUnit(isErf: Bool) throws {
    let small = SmallProblem(activation: isErf ? Erf() : Tanh())
    let posterior = try small.posterior()
    let problem = try CondensedProblem(posterior, threads: 1)
    let solved = try node(problem, readout: 1e-9, units: 40, cut: nil)
    let q = posterior.orderParameter[0, 0]
    let (found, place) = try correction(posterior, problem, solved, q: q, draws: 100_000)

    let points = SmallProblem.points.inputs
    let prediction = try posterior.predict(points)
    expectClose(place.mean, prediction.mean.elements, absolute: 1e-9)
    expectClose(place.variance, prediction.variance.elements, absolute: 1e-9)
    let options = NextOrderOptions(draws: 100_000, meanDraws: 100_000, seed: 3, threads: 1)
    let cumulants = try Expansion(posterior, points, options).cumulants(prediction, nil, options)
    // Four standard errors of both.
    let error = (found.evidence.variances[0] + cumulants.value.variances[0]).squareRoot()
    #expect(abs(found.logEvidence - cumulants.value.values[0]) < 4 * error)
    #expect(abs(found.logEvidence) > 5 * error, "nothing to see")
    for p in found.means.values.indices {
      let error = (found.means.variances[p] + cumulants.mean.variances[p]).squareRoot()
      #expect(abs(found.means.values[p] - cumulants.mean.values[p]) < 4 * error)
      let spread = cumulants.variance.variances[p].squareRoot()
      // The errors of both variances are about the same.
      #expect(abs(found.variance[p] - cumulants.variance.values[p]) < 6 * spread)
    }
  }

  /// Gaussian features have no fourth cumulant, whatever the explicit unit does.
  @Test func gaussianFeatures() throws {
    let identity = try CustomActivation(name: "identity", isOdd: true, derivative: { _ in 1 }) { $0 }
    let posterior = try SmallProblem(activation: identity, width: 12).posterior()
    let problem = try CondensedProblem(posterior, threads: 1)
    let solved = try node(problem, readout: 2.5, units: 11, cut: 2.5)
    let (found, _) = try correction(posterior, problem, solved, q: 0.8, draws: 40_000)
    #expect(abs(found.logEvidence) < 4 * found.evidence.rootMeanSquareError)
    for (change, variance) in zip(found.means.values, found.means.variances) {
      #expect(abs(change) < 4 * variance.squareRoot())
    }
  }

  /// Seeds repeat, and draws halve errors when there are four times as many.
  @Test func errors() throws {
    let posterior = try SmallProblem(width: 12).posterior()
    let points = SmallProblem.points.inputs
    func condensed(_ draws: Int?, _ seed: UInt32 = 1) throws -> Condensed {
      try Condensed(
        posterior, points: points, options: CondensedOptions(bulkDraws: draws, seed: seed, threads: 1))
    }
    let (few, again, many) = (try condensed(4000), try condensed(4000), try condensed(64_000))
    let (first, second) = (try #require(few.summary.bulkCumulant), try #require(many.summary.bulkCumulant))
    #expect(few.corrected.prediction.mean.elements == again.corrected.prediction.mean.elements)
    // Errors of errors from 20 blocks are 16 percent each.
    #expect((2.4..<6.6).contains(first.standardError / second.standardError))
    #expect((2.4..<6.6).contains(first.meanError / second.meanError))
    #expect(try condensed(nil).summary.bulkCumulant == nil)
  }

  /// Delta, and what is predicted at a point, do not depend on other points.
  @Test func fewerPoints() throws {
    let posterior = try SmallProblem(width: 12).posterior()
    let points = SmallProblem.points.inputs
    let options = CondensedOptions(bulkDraws: 40_000, threads: 1)
    let all = try Condensed(posterior, points: points, options: options)
    let first = try Condensed(posterior, points: points.selectingColumns(0..<1), options: options)
    let (cumulant, alone) = (try #require(all.summary.bulkCumulant), try #require(first.summary.bulkCumulant))
    // The quadrature ends by what changes at the points, but where it ends at once its nodes are the same.
    #expect(all.summary.nodes == first.summary.nodes)
    expectClose(cumulant.delta, alone.delta, relative: 1e-6)
    expectClose(
      first.corrected.prediction.mean[0, 0] - first.leading.prediction.mean[0, 0],
      all.corrected.prediction.mean[0, 0] - all.leading.prediction.mean[0, 0], absolute: 5e-3)
  }

  @Test func linearUnits() throws {
    let posterior = try SmallProblem(activation: Linear(), width: 12).posterior()
    #expect(throws: RenormError.self) {
      try Condensed(
        posterior, points: SmallProblem.points.inputs, options: CondensedOptions(bulkDraws: 4000, threads: 1))
    }
  }
}
