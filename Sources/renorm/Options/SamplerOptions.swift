import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormSampling

/// The options of sampling.
struct SamplerOptions: ParsableArguments {
  @Option(
    help: """
      collapsed (Hamiltonian Monte Carlo on the hidden weights, the readout integrated out), full (the same on \
      all weights), or langevin (unadjusted discretised Langevin dynamics on all weights, as published \
      training runs use it, with a bias that falls with the step size).
      """)
  var sampler = SamplerName.collapsed

  @Option(parsing: .unconditional, help: "Number of independent chains; each runs on one core.")
  var chains = 4

  @Option(parsing: .unconditional, help: "Kept draws of every chain.")
  var samples = 1000

  @Option(parsing: .unconditional, help: "Draws before them, which adapt the sampler and are left out.")
  var warmup = 500

  @Option(parsing: .unconditional, help: "Seed of all random numbers (0 to 4294967295).")
  var seed: UInt32 = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Step size. (default: found in warmup; for langevin, where w moves by epsilon grad log p, \
      epsilon = 1/(4 (lambda0 + lambda1 + |S| P/T (E s^2 + D lambda0 C E s'^2/lambda1))) with the mean \
      variance C of pre-activations and |S| = 1 for independent readout weights)
      """, valueName: "epsilon"))
  var stepSize: Double?

  @Option(parsing: .unconditional, help: "Mean acceptance that warmup tunes the step size to. (default: 0.8)")
  var targetAcceptance: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Mean time of a trajectory. (default: found in warmup)", valueName: "time"))
  var trajectoryLength: Double?

  @Option(parsing: .unconditional, help: "Steps of langevin for every draw. (default: 100)")
  var thinning: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Also the error of networks that keep only these fractions of their units, those with the largest \
      outgoing weights, for example 1,0.5,0.1; needs --sampler full.
      """, valueName: "list"))
  var kept: NumberList?

  /// What was given but has no effect.
  var warnings: [String] {
    let unused =
      sampler == .langevin
      ? [("--target-acceptance", targetAcceptance != nil), ("--trajectory-length", trajectoryLength != nil)]
      : [("--thinning", thinning != nil)]
    return unused.filter(\.1).map { "\($0.0) has no effect on the sampler \(sampler.rawValue)" }
  }

  /// The sampler of a network on training examples.
  ///
  /// - Throws: `RenormError` for a network that cannot be sampled.
  func sampler(for network: Network, on training: Dataset) throws(RenormError) -> NetworkSampler {
    var hamiltonian = HamiltonianOptions(stepSize: stepSize, trajectoryLength: trajectoryLength)
    if let targetAcceptance { hamiltonian.targetAcceptance = targetAcceptance }
    switch sampler {
    case .collapsed: return .collapsed(hamiltonian)
    case .full: return .full(hamiltonian)
    case .langevin:
      let step: Double
      if let stepSize { step = stepSize } else { step = try network.langevinStepSize(for: training) }
      var langevin = LangevinOptions(stepSize: step)
      if let thinning { langevin.thinning = thinning }
      return .langevin(langevin)
    }
  }

  /// How many draws are taken, and what they may cost.
  func draws(_ compute: ComputeOptions) -> SamplingOptions {
    SamplingOptions(
      chains: chains, samples: samples, warmup: warmup, seed: seed, threads: compute.threads,
      memoryLimit: compute.memoryLimit?.bytes)
  }

  /// How the sampler fared.
  func record(_ draws: Draws) -> SamplerRecord {
    SamplerRecord(name: sampler.rawValue, samples: samples, warmup: warmup, seed: seed, draws)
  }
}

/// The value of `--sampler`.
enum SamplerName: String, ExpressibleByArgument, CaseIterable { case collapsed, full, langevin }

/// The options that name files of a sampled network.
struct SamplerFiles: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write all draws as NPZ: logDensity, weightNorm, trainingLoss (chains x samples), orderParameter \
      (x n x n), mean and variance (x test points).
      """, valueName: "file"), completion: .file())
  var draws: String?

  @Option(
    help: ArgumentHelp(
      """
      Keep the state here, every half minute and on an interrupt; where the file exists, the run continues \
      from it.
      """, valueName: "file"), completion: .file())
  var checkpoint: String?

  var outputs: [(option: String, path: String?)] { [("--draws", draws), ("--checkpoint", checkpoint)] }

  /// The checkpoint of a run, which is recognised by the files and the selection of examples, and by the
  /// network and the points themselves (`Network.sample`).
  func checkpointFile(_ data: LoadedData) throws -> CheckpointFile? {
    guard let checkpoint else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return CheckpointFile(
      path: checkpoint,
      identity: [
        "checksum of the data": data.sources.map { "\($0.role.rawValue) \($0.crc32)" }.joined(separator: ", "),
        "selection of the data": String(decoding: try encoder.encode(data.recipe.selection), as: UTF8.self),
      ])
  }
}
