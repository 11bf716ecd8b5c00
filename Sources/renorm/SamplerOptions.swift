import ArgumentParser
import Foundation
import Renorm
import RenormData
import RenormSampling

/// The options of sampling.
struct SamplerOptions: ParsableArguments {
  @Option(
    help: """
      collapsed (Hamiltonian Monte Carlo on the hidden weights, the readout integrated out), full (the same on \
      all weights), or langevin (unadjusted discretised Langevin dynamics on all weights, as published training \
      runs use it, with a bias that falls with the step size).
      """)
  var sampler = NetworkSampler.collapsed

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
      epsilon = T/(4 (P + T (lambda0 + lambda1))))
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

  /// What was given but has no effect.
  var warnings: [String] {
    let unused =
      sampler == .langevin
      ? [("--target-acceptance", targetAcceptance != nil), ("--trajectory-length", trajectoryLength != nil)]
      : [("--thinning", thinning != nil)]
    return unused.filter(\.1).map { "\($0.0) has no effect on the sampler \(sampler.rawValue)" }
  }

  /// The options for a network on so many training examples.
  func options(_ network: Network, trainCount: Int, threads: Int?) -> SamplingOptions {
    let method: SamplingMethod
    switch sampler {
    case .collapsed, .full:
      method = .hamiltonian(
        HamiltonianOptions(
          targetAcceptance: targetAcceptance ?? 0.8, stepSize: stepSize, trajectoryLength: trajectoryLength))
    case .langevin:
      let temperature = network.temperature
      let step = temperature / (4 * (Double(trainCount) + temperature * (network.lambda0 + network.lambda1)))
      method = .langevin(LangevinOptions(stepSize: stepSize ?? step, thinning: thinning ?? 100))
    }
    return SamplingOptions(
      chains: chains, samples: samples, warmup: warmup, seed: seed, threads: threads, method: method)
  }
}

extension NetworkSampler: ExpressibleByArgument {}

/// The options that name files of a sampled network.
struct SamplerFiles: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Write all draws as NPZ: logDensity, weightNorm, trainingLoss (chains x samples), orderParameter \
      (x n x n), mean and variance (x test points).
      """, valueName: "file"))
  var draws: String?

  @Option(
    help: ArgumentHelp(
      """
      Keep the state here, every half minute and on an interrupt; where the file exists, the run continues \
      from it.
      """, valueName: "file"))
  var checkpoint: String?

  var outputs: [(option: String, path: String?)] { [("--draws", draws), ("--checkpoint", checkpoint)] }

  /// The checkpoint of a run, which is recognised by the network, the data and the selection of examples.
  func checkpointFile(
    _ network: NetworkDescription, _ data: LoadedData, _ sampler: NetworkSampler, _ similarity: SimilarityPoints?
  ) throws -> CheckpointFile? {
    guard let checkpoint else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let window = network.window.map { "mask \($0.mask), stride \($0.stride)" }
    return CheckpointFile(
      path: checkpoint,
      identity: [
        "architecture": network.architecture, "activation": network.activation,
        "width": network.width.map { "\($0)" } ?? "infinite", "window": window ?? "the whole image",
        "temperature": "\(network.temperature)", "lambda0": "\(network.lambda0)",
        "lambda1": "\(network.lambda1)",
        "readout": network.readout, "length scale": network.lengthScale.map { "\($0)" } ?? "none",
        "sampler": sampler.rawValue,
        "similarity": similarity.map { points in
          let positions = points.positions.map { $0.map { "\($0.row),\($0.column)" } }
          return "\(points.inputs.columns) examples, positions \(positions?.joined(separator: " ") ?? "all")"
        } ?? "none",
        "checksum of the data": data.sources.map { "\($0.role.rawValue) \($0.crc32)" }.joined(separator: ", "),
        "selection of the data": String(decoding: try encoder.encode(data.recipe.selection), as: UTF8.self),
      ])
  }
}
