import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormSampling
import Testing

@testable import RenormCompanions

@Suite struct MixturePosteriorTests {
  private let inputs = Matrix(rows: 1, columns: 4, elements: [-1, -0.3, 0.4, 1])
  private let targets = Matrix(rows: 4, columns: 1, elements: [0.9, 0.1, -0.4, 0.8])
  private let point = Matrix(rows: 1, columns: 1, elements: [0.7])

  private func posterior(
    _ name: String = "beta", _ parameters: [String: Double] = [:], noise: Double = 0.25, atoms: Int = 24
  ) throws -> MixturePosterior {
    try MixturePosterior(
      NodeLaws.named(name, parameters), inputs: inputs, targets: targets, noise: noise,
      weightScale: 2.0.squareRoot(),
      atoms: atoms)
  }

  /// A law without atoms: regression with a Gaussian process, whose mean and variance are known.
  @Test func gaussianProcess() throws {
    let model = try posterior("deterministic")
    let prediction = try model.predict(point, options: MixtureSamplingOptions(chains: 1, burn: 0, keep: 4))
    let all = model.design(Matrix(rows: 1, columns: 5, elements: inputs.elements + [0.7]))
    let kernel = model.constantKernel(all, all)
    let noisy = Matrix(rows: 4, columns: 4) { kernel[$0, $1] + ($0 == $1 ? 0.0625 : 0) }
    let factor = try Cholesky(noisy)
    let cross = (0..<4).map { kernel[$0, 4] }
    let solved = factor.solve(cross)
    expectNear(prediction.mean[0][0].mean, zip(solved, targets.elements).reduce(0) { $0 + $1.0 * $1.1 }, 1e-12)
    expectNear(
      prediction.variance[0][0].mean, kernel[4, 4] - zip(solved, cross).reduce(0) { $0 + $1.0 * $1.1 }, 1e-12)
    // E relu relu of z = b0 + b1 x, times sv^2 = 2.
    expectNear(kernel[4, 4], 1 + 0.49, 1e-12)
  }

  /// Importance sampling from the prior against recorded values.
  @Test func importance() throws {
    let check = try ImportanceCheck(posterior(), point, draws: 20_000, seed: 1)
    #expect(check.isReliable)
    expectNear(check.mean[0][0].mean, 0.2096, 4 * check.mean[0][0].standardError + 0.001)
    expectNear(check.variance[0][0], 0.03459, 0.003)
  }

  /// Chains and importance sampling agree, for laws with marks, thinning and residual mass too. Fewer draws
  /// than for convergence; the errors say how far to trust them.
  @Test(
    arguments: [("beta", [:]), ("gbfry", ["alpha": 0.3, "tau": 3]), ("horseshoe", [:])]
      as [(String, [String: Double])])
  func chains(name: String, parameters: [String: Double]) throws {
    // More noise: importance sampling from the prior needs fewer draws.
    let model = try posterior(name, parameters, noise: 0.5, atoms: 16)
    let check = try ImportanceCheck(model, point, draws: 8000, seed: 2)
    let prediction = try model.predict(point, options: MixtureSamplingOptions(chains: 4, burn: 40, keep: 150))
    let (mean, exact) = (prediction.mean[0][0], check.mean[0][0])
    #expect(check.isReliable && prediction.draws == 600)
    let error = (mean.standardError * mean.standardError + exact.standardError * exact.standardError)
      .squareRoot()
    expectNear(mean.mean, exact.mean, 4.5 * error, "\(name) \(mean) \(exact)")
    expectNear(
      prediction.variance[0][0].mean, check.variance[0][0], 6 * prediction.variance[0][0].standardError + 0.01)
  }

  /// The record: mean 0.2096 +- 0.0006 and variance 0.0346 of 400000 draws by importance sampling.
  @Test(.enabled(if: SlowTests.areOn, SlowTests.comment)) func recorded() throws {
    let prediction = try posterior().predict(point, options: MixtureSamplingOptions(burn: 200, keep: 2000))
    let mean = prediction.mean[0][0]
    expectNear(mean.mean, 0.2096, 3 * (mean.standardError + 0.0006))
    expectNear(prediction.variance[0][0].mean, 0.03459, 3 * prediction.variance[0][0].standardError + 0.0005)
    #expect(try #require(prediction.rHat) < 1.02 && #require(prediction.effectiveSampleSize) > 400)
  }

  /// The likelihood by the small matrix of atoms against that of K itself: their difference is constant.
  @Test func likelihood() throws {
    let model = try SliceModel(posterior(atoms: 8), predicting: point)
    let differences = try (0..<4).map { seed -> Double in
      let random = RandomGenerator(seed: UInt32(seed))
      let b = Matrix(rows: 2, columns: 8) { _, _ in random.gaussian() }
      let weights = (0..<8).map { $0 == 3 ? 0 : random.exponential() / Double($0 + 1) }
      let u = model.features(model.design * b)
      let small = model.logLikelihood(u.asTranspose * u, u.asTranspose * model.whitened, weights)
      return try #require(model.prediction(b, weights)).logLikelihood - small
    }
    for difference in differences { expectNear(difference, differences[0], 1e-9) }
  }

  /// Weights of whitened numbers are atoms of a Poisson process: arrivals are sums of exponentials.
  @Test func whitening() throws {
    let model = try posterior("horseshoe", atoms: 5)
    let first = SeededDraws.map(4000, seed: 3) { random in
      model.weights((0..<5).map { _ in random.gaussian() }, [])[1]
    }.map { $0 > 0 ? 1 / $0.squareRoot() : .infinity }
    // The second arrival is Gamma(2); what is beyond the truncation is left out.
    let share = Double(first.count { $0 < model.truncation }) / 4000
    expectNear(share, SpecialFunctions.regularisedLowerGamma(2, model.truncation), 0.035)
    let half = Double(first.count { $0 < model.truncation / 2 }) / 4000
    expectNear(half, SpecialFunctions.regularisedLowerGamma(2, model.truncation / 2), 0.035)
  }

  /// A run continues from its file bit by bit, and refuses the file of another run.
  @Test func checkpoints() throws {
    let path = NSTemporaryDirectory() + "renorm-mixture-\(UUID().uuidString).npz"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = MixtureCheckpoint(path: path)
    let model = try posterior(atoms: 6)
    let short = MixtureSamplingOptions(chains: 2, burn: 3, keep: 8, seed: 5)
    let long = MixtureSamplingOptions(chains: 2, burn: 3, keep: 20, seed: 5)
    _ = try model.predict(point, options: short, checkpoint: file)
    let continued = try model.predict(point, options: long, checkpoint: file)
    let whole = try model.predict(point, options: long)
    #expect(continued.mean == whole.mean && continued.variance == whole.variance && whole.isComplete)
    #expect(throws: SamplingError.self) {
      try model.predict(point, options: MixtureSamplingOptions(chains: 2, burn: 4, keep: 8), checkpoint: file)
    }
    #expect(throws: SamplingError.self) {
      try posterior(noise: 0.3, atoms: 6).predict(point, options: short, checkpoint: file)
    }
    let stopped = StopFlag()
    stopped.raise()
    #expect(try !model.predict(point, options: MixtureSamplingOptions(), stop: stopped).isComplete)
  }

  @Test func threads() throws {
    let model = try posterior(atoms: 6)
    func run(_ threads: Int) throws -> MixturePrediction {
      try model.predict(point, options: MixtureSamplingOptions(chains: 3, burn: 2, keep: 6, threads: threads))
    }
    #expect(try run(1).mean == run(2).mean)
  }

  @Test func refusals() throws {
    for noise in [0, -1, .nan, .infinity] { #expect(throws: RenormError.self) { try posterior(noise: noise) } }
    #expect(throws: RenormError.self) { try posterior(atoms: 0) }
    let many = try MixturePosterior(
      NodeLaws.named("beta"), inputs: Matrix(rows: 1, columns: 7), targets: Matrix(rows: 7, columns: 1),
      noise: 1)
    #expect(throws: RenormError.self) { try ImportanceCheck(many, point, seed: 1) }
    #expect(throws: RenormError.self) {
      try posterior().predict(point, options: MixtureSamplingOptions(chains: 0))
    }
  }
}
