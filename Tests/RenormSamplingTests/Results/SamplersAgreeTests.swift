import Foundation
import GSLNumerics
import Renorm
import RenormFiles
import RenormSampling
import Testing

/// The three samplers draw from one posterior, on a small network.
@Suite struct SamplersAgreeTests {
  private let training: Dataset
  private let test: Dataset

  init() {
    let random = RandomGenerator(seed: 12)
    func examples(_ count: Int) -> Dataset {
      let inputs = Matrix(rows: 3, columns: count) { _, _ in random.gaussian() }
      let targets = Matrix(rows: count, columns: 1) { i, _ in inputs[0, i] - 0.5 * inputs[1, i] }
      return Dataset(shape: ImageShape(channels: 1, height: 1, width: 3), inputs: inputs, targets: targets)
    }
    training = examples(6)
    test = examples(4)
  }

  private func sample(_ sampler: NetworkSampler, _ options: SamplingOptions) throws -> SampledNetwork {
    let network = try Network(
      architecture: FullyConnected(), width: .finite(3), temperature: 0.3, lambda0: 0.7, lambda1: 0.4)
    return try #require(try network.sample(training, predicting: test, sampler: sampler, options: options))
  }

  private func numbers(_ sampled: SampledNetwork) throws -> [Estimate] {
    let (estimates, scores) = (sampled.estimates, try #require(sampled.estimates.scores))
    return [estimates.orderParameter[0][0], estimates.trainingLoss, estimates.weightNorm]
      + [scores.bias, scores.variance, scores.generalizationError].compactMap(\.self)
      + estimates.predictions.map { $0.mean[0] }
  }

  /// Hamiltonian draws of both densities agree within 4.5 standard errors in ten numbers: 1 of 10000 runs fails
  /// by chance. Langevin dynamics has a bias besides, of the order of its step over the smallest variance, here
  /// 2 percent.
  @Test func collapsedFullAndLangevin() throws {
    let collapsed = try sample(.collapsed(), SamplingOptions(samples: 2000, seed: 2))
    let full = try sample(.full(), SamplingOptions(samples: 2000, seed: 3))
    let method = LangevinOptions(stepSize: 0.004, thinning: 50)
    let langevin = try sample(.langevin(method), SamplingOptions(samples: 2000, warmup: 200, seed: 4))
    #expect(collapsed.diagnostics.isConverged, "\(collapsed.diagnostics.warnings)")
    #expect(full.diagnostics.isConverged, "\(full.diagnostics.warnings)")
    for (other, bias) in [(full, 0.0), (langevin, 0.03)] {
      for (a, b) in zip(try numbers(collapsed), try numbers(other)) {
        let error = hypot(a.standardError, b.standardError)
        #expect(abs(a.mean - b.mean) < 4.5 * error + bias * max(abs(a.mean), 0.1), "\(a), \(b)")
      }
    }
    // What is averaged exactly need not be sampled.
    let errors = [collapsed, full].map { $0.estimates.orderParameter[0][0].standardError }
    #expect(errors[0] < errors[1])
  }

  /// Nothing is compared before a run is complete.
  @Test func stoppedRuns() throws {
    let network = try Network(architecture: FullyConnected(), width: .finite(3), temperature: 0.3)
    let stop = StopFlag()
    #expect(try network.sample(training, stop: stop) { if $0.done > 100 { stop.raise() } } == nil)
  }
}
