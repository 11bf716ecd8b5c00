import Foundation
import GSLNumerics
import LinearAlgebra
import TestSupport
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Optima of tunings against grids of fits that share nothing with them.
@Suite struct TuningTests {
  private static let data: Dataset = {
    let random = RandomGenerator(seed: 3)
    let shape = ImageShape(channels: 1, height: 4, width: 4)
    let inputs = Matrix(rows: 16, columns: 30) { _, _ in random.gaussian() }
    let targets = Matrix(rows: 30, columns: 1) { mu, _ in
      sin(inputs[0, mu] + inputs[5, mu]) + 0.3 * random.gaussian()
    }
    return Dataset(shape: shape, inputs: inputs, targets: targets)
  }()

  private func network(_ activation: any Activation = Erf(), width: Width = .finite(20)) throws -> Network {
    try Network(
      architecture: Convolutional(mask: Extent(2), stride: Extent(2)), activation: activation, width: width,
      temperature: 1, readout: ExponentialReadout(lengthScale: 1))
  }

  private static let ranges: [(NetworkParameter, Double, Double)] = [
    (.temperature, 0.01, 10), (.lambda1, 0.05, 20), (.lengthScale, 0.2, 10),
  ]

  private func ranges(_ count: Int = 3) throws -> [TunedParameter] {
    try Self.ranges.prefix(count).map { try TunedParameter($0.0, from: $0.1, to: $0.2) }
  }

  private static let activations: [any Activation] = [Erf(), ReLU()]

  /// No point of a grid is better, and the gradient of the optimum vanishes or points out of the box.
  @Test(arguments: 0..<2, [Width.finite(20), .infinite])
  func evidenceIsLargestAtOptimum(activation: Int, width: Width) throws {
    let network = try network(Self.activations[activation], width: width)
    let result = try Tuning(network, ranges()).run(on: Self.data)
    let best = try #require(result.network.fit(Self.data).logEvidence)
    expectClose(result.value, best, relative: 1e-7)
    for optimum in result.optima {
      #expect(
        abs(optimum.slope) < 0.7 || (optimum.edge == .upper ? optimum.slope > 0 : optimum.slope < 0),
        "\(optimum)")
      let bounds = optimum.tuned.bounds
      #expect((optimum.edge != nil) == [bounds.lowerBound, bounds.upperBound].contains(optimum.value))
    }
    for t in [0.05, 0.3, 1.0] {
      for lambda in [0.2, 1, 5.0] {
        for scale in [0.3, 1, 4.0] {
          let other = try network.with(.temperature, t).with(.lambda1, lambda).with(.lengthScale, scale)
          #expect(try #require(other.fit(Self.data).logEvidence) <= best + 2e-2, "\(t), \(lambda), \(scale)")
        }
      }
    }
  }

  /// The error of folds at the optimum, by fits on the folds, is below that of a grid.
  @Test(arguments: [TuningCriterion.folds(5), .heldOut(fraction: 0.3)])
  func heldOutErrorIsLeastAtOptimum(_ criterion: TuningCriterion) throws {
    let network = try network()
    let options = TuningOptions(starts: 2, seed: 7)
    let result = try Tuning(network, ranges(2), by: criterion, options: options).run(on: Self.data)
    let parts = try TuningFits(criterion, Self.data, seed: 7, FitOptions()) { _ in }.parts
    #expect(parts.count == (criterion == .folds(5) ? 5 : 1))
    if criterion == .folds(5) { #expect(parts.reduce(0) { $0 + ($1.heldOut?.count ?? 0) } == Self.data.count) }
    func error(_ network: Network) throws -> Double {
      var (sum, count) = (0.0, 0)
      for part in parts {
        let out = try #require(part.heldOut)
        #expect(part.train.count + out.count == Self.data.count)
        let prediction = try network.fit(part.train).predict(out.inputs)
        let scores = prediction.scores(targets: out.targets, isClassification: false)
        sum += Double(out.count) * (try #require(scores.generalizationError))
        count += out.count
      }
      return sum / Double(count)
    }
    expectClose(result.value, try error(result.network), relative: 1e-6)
    for t in [0.02, 0.1, 1.0] {
      for lambda in [0.2, 1, 5.0] {
        #expect(try error(network.with(.temperature, t).with(.lambda1, lambda)) >= result.value * (1 - 1e-4))
      }
    }
  }

  /// The profile holds its parameter, touches the optimum from below, and is no worse than fits with the other
  /// parameters at their best.
  @Test func profileIsBelowOptimum() throws {
    let result = try Tuning(network(), ranges(2), options: TuningOptions(profilePoints: 5)).run(on: Self.data)
    #expect(result.profiles.map(\.parameter) == [.temperature, .lambda1])
    for (k, profile) in result.profiles.enumerated() {
      #expect(profile.points.count == 5)
      for point in profile.points {
        #expect(point.criterion <= result.value + 2e-2)
        let section = try result.network.with(profile.parameter, point.values[k]).fit(Self.data).logEvidence
        #expect(point.criterion >= (try #require(section)) - 5e-2)
      }
    }
  }

  /// A run that goes on from the evaluations of a stopped one is the undisturbed one, bit for bit, and makes
  /// none of them again.
  @Test(arguments: [1, 4, 9]) func stoppedRunGoesOn(after count: Int) throws {
    let tuning = try Tuning(network(), ranges(2), options: TuningOptions(fit: FitOptions(threads: 1)))
    let whole = try tuning.run(on: Self.data)
    var kept: [TuningEvaluation] = []
    let stopped = try tuning.run(
      on: Self.data,
      evaluated: { evaluation in
        kept.append(evaluation)
        return kept.count < count
      })
    #expect(stopped.evaluations.count == count && kept.count == count)
    let bytes = try JSONEncoder().encode(kept)
    var made = 0
    let resumed = try tuning.run(
      on: Self.data, known: JSONDecoder().decode([TuningEvaluation].self, from: bytes),
      evaluated: { _ in
        made += 1
        return true
      })
    #expect(resumed.evaluations == whole.evaluations && made == whole.evaluations.count - count)
    #expect(resumed.optima == whole.optima)
  }

  @Test func limitOfEvaluationsIsSaid() throws {
    let result = try Tuning(network(), ranges(2), options: TuningOptions(maximumEvaluations: 2)).run(
      on: Self.data)
    #expect(result.evaluations.count == 2)
    #expect(result.warnings.contains { $0.contains("2 evaluations") })
  }

  @Test func edgesAreSaid() throws {
    let ranges = [try TunedParameter(.temperature, from: 1, to: 10)]
    let result = try Tuning(network(), ranges).run(on: Self.data)
    #expect(result.optima[0].edge == .lower && result.optima[0].value == 1)
    #expect(result.warnings.contains { $0.hasPrefix("the best temperature is the lower end") })
  }

  @Test func refusesWhatIsNotTunable() throws {
    let network = try network()
    func refused(_ make: () throws -> some Any) -> String {
      do {
        _ = try make()
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(
      refused { try TunedParameter(.temperature, from: 1, to: 0.1) }.contains(
        "range of temperature is 1.0 to 0.1"))
    #expect(refused { try TunedParameter(.temperature, from: 0, to: 1) }.contains("two positive numbers"))
    #expect(refused { try TunedParameter(.temperature, from: .nan, to: 1) }.contains("two positive numbers"))
    #expect(refused { try TunedParameter(.width, from: 1, to: 10) }.contains("'width'"))
    #expect(
      refused { try Tuning(network, [TunedParameter(.filterLengthScale, from: 1, to: 10)]) }
        .contains("temperature, lambda0, lambda1"))
    #expect(
      refused { try Tuning(network, [TunedParameter(.temperature, from: 2, to: 10)]) }.contains("first start"))
    #expect(refused { try Tuning(network, []) }.contains("none"))
    #expect(refused { try Tuning(network, self.ranges(1) + self.ranges(1)) }.contains("twice"))
    #expect(
      refused { try Tuning(network, self.ranges(), options: TuningOptions(starts: 0)) }.contains("1 to 1000"))
    #expect(
      refused { try Tuning(network, self.ranges(1), by: .folds(31)).run(on: Self.data) }.contains(
        "examples, 30"))
    let single = Self.data.selecting([0])
    #expect(
      refused { try Tuning(network, self.ranges(1), by: .folds(2)).run(on: single) }.contains(
        "1 training example"))
    #expect(try Tuning(network, ranges(1)).run(on: single).value.isFinite)
  }
}
