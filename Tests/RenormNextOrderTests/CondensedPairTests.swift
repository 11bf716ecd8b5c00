import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import TestSupport
import Testing

@testable import RenormNextOrder

/// Two explicit units.
@Suite struct CondensedPairTests {
  private static let points = SmallProblem.points.inputs

  private func condensed(_ problem: SmallProblem, neurons: Int) throws -> Condensed {
    try Condensed(
      problem.posterior(), points: Self.points, options: CondensedOptions(neurons: neurons, threads: 1))
  }

  /// The gradients of both laws, each beside the other, vanish, and F does not fall along random directions.
  @Test func stationary() throws {
    let problem = try CondensedProblem(SmallProblem(width: 12).posterior(), threads: 1)
    let generator = RandomGenerator(seed: 5)
    let laws = (0..<2).map { _ in
      UnitLaw(
        mean: (0..<problem.rank).map { _ in generator.gaussian() }, precision: .identity(problem.rank))
    }
    let readouts = [3.2, 1.7]
    let pair = try #require(
      SolvedPair(problem, readouts: readouts, laws: laws, logQ: 0, tolerance: 1e-12))
    #expect(try #require(pair.node).isConverged)
    let found = pair.units.map(\.point.law)
    func action(_ laws: [UnitLaw]) throws -> Double {
      // F with the laws as they are: one unit as what the other leaves.
      let first = UnitAction(problem, readout: readouts[0], units: 10, cut: 1.7)
      let point = try #require(first.evaluate(laws[0], logQ: 0))
      let rest = problem.beside(point, strength: first.strength)
      let second = UnitAction(rest, readout: readouts[1], units: 10, cut: 1.7)
      return try #require(second.evaluate(laws[1], logQ: 0)).action + point.divergence
    }
    let least = try action(found)
    for k in 0..<2 {
      for _ in 0..<4 {
        let direction = (0..<problem.rank).map { _ in generator.gaussian() }
        let change = Matrix.randomSymmetric(problem.rank, generator)
        let step = 1e-3
        let values = try [step, -step].map { size in
          var moved = found
          moved[k].mean.add(size, direction)
          moved[k].precision.add(size, change)
          return try action(moved)
        }
        #expect(values.min() ?? 0 > least - 1e-9)
        expectClose((values[0] - values[1]) / (2 * step), 0, absolute: 1e-3)
      }
    }
  }

  /// The best readouts at fixed laws are those of a parabola: F does not fall to either side, where nothing
  /// keeps the bulk below them.
  @Test func bestReadouts() throws {
    let problem = try CondensedProblem(SmallProblem(width: 400).posterior(), threads: 1)
    let direction = problem.targetDirection.scaled(by: 3)
    let laws = [direction, direction.scaled(by: 0.5)].map {
      UnitLaw(mean: $0, precision: 4 * Matrix.identity(problem.rank))
    }
    let pair = try #require(
      SolvedPair(problem, readouts: [9, 9], laws: laws, logQ: 0, tolerance: 1e300, rounds: 1))
    let point = pair.units[1].point
    let q = exp(pair.logQ)
    let best = pair.bestReadouts[1]
    func action(_ v: Double) throws -> Double {
      let action = UnitAction(
        pair.units[1].action.problem, readout: v, units: pair.units[1].action.bulk.units, cut: nil)
      let z = try #require(action.evaluate(point.law, logQ: 0)).squares
      return action.bulk.evaluate(log(q), z).action + v * v / 2
    }
    let step = 1e-3
    let slope = try (action(best + step) - action(best - step)) / (2 * step)
    #expect(abs(slope) < 1e-6 * max(best, 1))
  }

  /// Where noise is all, the readouts are the two largest of N Gaussian sizes, whichever unit is the larger,
  /// and their weight integrates to one; a wrong count of pairs would be 0.69.
  @Test(arguments: [20, 60]) func noiseAlone(width: Int) throws {
    let own = try condensed(SmallProblem(width: width, temperature: 1e6), neurons: 2)
    // Cramer's theorem for the bulk leaves 0.1/N, the sum over readouts what remains of its kink.
    expectClose(own.summary.secondLogRatio ?? .nan, 0, absolute: 0.005)
    let exact = Self.orderStatistics(width)
    expectClose(own.summary.readout ?? .nan, exact.first, relative: 2e-3)
    expectClose(own.summary.secondReadout ?? .nan, exact.second, relative: 2e-3)
    #expect(own.summary.neurons == 2 && own.warnings.isEmpty)
    #expect(own.summary.law?.second?.isEmpty == false)
  }

  /// int x N p F^(N - 1) dx and int x N (N - 1) p (1 - F) F^(N - 2) dx, p and F density and distribution of a
  /// Gaussian size.
  private static func orderStatistics(_ count: Int) -> (first: Double, second: Double) {
    let (step, n) = (0.001, Double(count))
    return (1..<9000).reduce((0, 0)) { sums, k in
      let x = Double(k) * step
      let (p, below) = ((2 / Double.pi).squareRoot() * exp(-x * x / 2), erf(x / 2.0.squareRoot()))
      return (
        sums.0 + step * x * n * p * pow(below, n - 1),
        sums.1 + step * x * n * (n - 1) * p * (1 - below) * pow(below, n - 2)
      )
    }
  }

  /// Where nothing condenses a second explicit unit changes nothing.
  @Test func nothingCondenses() throws {
    let small = SmallProblem(width: 40, temperature: 1)
    let (one, two) = (try condensed(small, neurons: 1), try condensed(small, neurons: 2))
    // What the Gaussian law of another unit's weights leaves.
    expectClose(two.summary.secondLogRatio ?? .nan, 0, absolute: 0.05)
    expectClose(two.corrected.prediction.mean, one.corrected.prediction.mean, relative: 0.02)
    expectClose(two.corrected.prediction.variance, one.corrected.prediction.variance, relative: 0.02)
    expectClose(two.corrected.orderParameter, one.corrected.orderParameter, relative: 0.02)
    expectClose(two.summary.readout ?? .nan, one.summary.readout ?? .nan, relative: 0.01)
  }

  /// Means against importance sampling from the prior of all hidden weights, with which two units agree better
  /// than one, at a few examples and units.
  @Test func priorSampling() throws {
    let small = SmallProblem(width: 6, temperature: 0.2)
    let (one, two) = (try condensed(small, neurons: 1), try condensed(small, neurons: 2))
    let exact = PriorSampling(try small.network(), SmallProblem.training, Self.points, draws: 60_000)
    func distance(_ own: Condensed) -> Double {
      let mean = own.corrected.prediction.mean.elements
      return zip(mean, exact.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    // The noise of the means is .005 or so.
    #expect(distance(two) < distance(one) + 0.005 && distance(two) < 0.05)
    // A bound for each pair of readouts, of which the Gaussian laws of both units lose some tenths.
    #expect(two.corrected.logEvidence < exact.logEvidence + 0.1)
    #expect(two.corrected.logEvidence > exact.logEvidence - 1)
  }

  /// Exchanging the units changes nothing of what is said of the larger one; of equal readouts no unit is it.
  @Test(arguments: [[2.0, 3.0], [3, 3]]) func alignment(readouts: [Double]) {
    let laws = [[1.0, 2], [3, -1]].map { UnitLaw(mean: $0, precision: .identity(2)) }
    let node = PairNode(
      readouts: readouts, laws: laws, logQ: 0, q: 1, logWeight: 0, isConverged: true, evaluations: 0)
    expectClose(node.alignment([1, 0]), node.exchanged.alignment([1, 0]), relative: 1e-15)
    expectClose(node.alignment([1, 0]), readouts[0] == readouts[1] ? 2 : 3, relative: 1e-15)
  }

  /// Bhattacharyya's coefficient in one dimension by trapezia, and of products.
  @Test func overlap() {
    func law(_ mean: Double, _ precision: Double) -> UnitLaw {
      UnitLaw(mean: [mean], precision: Matrix(rows: 1, columns: 1, elements: [precision]))
    }
    func density(_ x: Double, _ mean: Double, _ precision: Double) -> Double {
      (precision / (2 * .pi)).squareRoot() * exp(-precision * (x - mean) * (x - mean) / 2)
    }
    let integral = (-2000...2000).reduce(0.0) { sum, k in
      let x = 0.01 * Double(k)
      return sum + 0.01 * (density(x, 0.3, 2) * density(x, -0.9, 0.5)).squareRoot()
    }
    expectClose(law(0.3, 2).overlap(law(-0.9, 0.5)), integral, relative: 1e-10)
    let generator = RandomGenerator(seed: 3)
    let own = UnitLaw(mean: [1, 2, 3], precision: .randomPositiveDefinite(3, generator))
    expectClose(own.overlap(own), 1, relative: 1e-12)
    let far = UnitLaw(mean: [100, 2, 3], precision: own.precision)
    #expect(own.overlap(far) < 1e-10)
  }

  @Test func repeats() throws {
    let (one, again) = (
      try condensed(SmallProblem(width: 8), neurons: 2), try condensed(SmallProblem(width: 8), neurons: 2)
    )
    #expect(one.corrected == again.corrected && one.summary == again.summary)
  }

  /// Two teachers along orthogonal directions, sampled by `renorm compare --standardize none` (4 chains of 1000
  /// draws, R-hat 1.006; errors of the readouts .005, of bias and variance .0001).
  @Test(.slow("two explicit units")) func twoTeachers() throws {
    let network = try Network(
      architecture: FullyConnected(), activation: Erf(), width: .finite(20), temperature: 0.02)
    let test = TwoTeachers.data(100..<200)
    let posterior = try network.fit(TwoTeachers.data(0..<100), options: FitOptions(threads: 1))
    func theory(_ neurons: Int) throws -> (bias: Double, variance: Double, summary: CondensedSummary) {
      let found = try Condensed(
        posterior, points: test.inputs, options: CondensedOptions(neurons: neurons, threads: 1))
      let scores = found.corrected.prediction.scores(targets: test.targets, isClassification: false)
      return (scores.bias ?? .nan, scores.variance, found.summary)
    }
    let (one, two) = (try theory(1), try theory(2))
    #expect((one.summary.secondLogRatio ?? 0) > 3)
    #expect((two.summary.secondLogRatio ?? 0) > 3)
    // No third one condenses.
    #expect((two.summary.thirdLogRatio ?? .nan) < 1)
    // Gaussian laws lose up to a tenth of the variance, as with one unit.
    expectClose(two.variance, TwoTeachers.sampledVariance, relative: 0.12)
    expectClose(two.bias, TwoTeachers.sampledBias, relative: 0.05)
    expectClose(two.summary.readout ?? .nan, TwoTeachers.sampledReadouts[0], relative: 0.02)
    expectClose(two.summary.secondReadout ?? .nan, TwoTeachers.sampledReadouts[1], relative: 0.02)
    #expect(one.bias > 3 * two.bias)
  }

  /// Of three teachers two units leave one, which is said.
  @Test(.slow("two explicit units")) func threeTeachers() throws {
    let network = try Network(
      architecture: FullyConnected(), activation: Erf(), width: .finite(20), temperature: 0.02)
    let own = try Condensed(
      network.fit(TwoTeachers.data(0..<100, teachers: 3), options: FitOptions(threads: 1)),
      points: TwoTeachers.data(100..<110).inputs, options: CondensedOptions(neurons: 2, threads: 1))
    #expect((own.summary.thirdLogRatio ?? 0) > 3)
    #expect(own.warnings.contains { $0.hasPrefix("three or more neurons seem to condense") })
  }

  @Test func refusals() throws {
    #expect(throws: RenormError.self) { try condensed(SmallProblem(width: 4), neurons: 2) }
    #expect(throws: RenormError.self) { try condensed(SmallProblem(), neurons: 3) }
    #expect(throws: RenormError.self) {
      try Condensed(
        SmallProblem().posterior(), points: Self.points,
        options: CondensedOptions(neurons: 2, draws: 1000, threads: 1))
    }
  }
}

/// y = erf(2 a.x) + erf(2 b.x), a and b orthogonal, for inputs on a sphere by a rule that other languages
/// repeat.
private enum TwoTeachers {
  static let sampledBias = 0.00509
  static let sampledVariance = 0.01391
  static let sampledReadouts = [4.742, 4.452]

  private static let inputs = 12

  static func data(_ range: Range<Int>, teachers: Int = 2) -> Dataset {
    let rows = range.map { i in
      let raw = (0..<inputs).map { j in
        func uniform(_ shift: Double) -> Double {
          let x = sin(12.9898 * Double(i + 1) + 78.233 * Double(j + 1) + shift) * 43758.5453
          return x - x.rounded(.down)
        }
        return (-2 * log(uniform(0) + 1e-12)).squareRoot() * cos(2 * .pi * uniform(0.5))
      }
      let length = dot(raw, raw).squareRoot() / Double(inputs).squareRoot()
      return raw.map { $0 / length }
    }
    let directions = Self.directions.prefix(teachers)
    return Dataset(
      shape: ImageShape(channels: 1, height: 1, width: inputs),
      inputs: Matrix(rows: inputs, columns: rows.count) { rows[$1][$0] },
      targets: Matrix(rows: rows.count, columns: 1) { i, _ in
        directions.reduce(0) { $0 + erf(2 * dot(rows[i], $1)) }
      })
  }

  /// Unit vectors along (1, 1, 1, 1, ...), (1, -1, 1, -1, ...) and (1, 1, -1, -1, ...).
  private static let directions = [[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]].map { signs in
    (0..<inputs).map { signs[$0 % 4] / Double(inputs).squareRoot() }
  }
}
