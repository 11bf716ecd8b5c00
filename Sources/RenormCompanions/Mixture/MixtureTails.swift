internal import Foundation
internal import GSLNumerics
public import Renorm
public import RenormSampling

/// Tail probabilities of an output on one input, beside their asymptotic power law: where rho has the
/// tail index tau,
///
///     P(|Z| > t) ~ sv^(2 tau) E|N|^(2 tau) E relu(z)^(2 tau) rho((t^2, inf)),
///
/// of index 2 tau. Estimates use P(|Z| > t | K) = erfc(t/sqrt(2 K)) rather than counting.
public struct MixtureTails: Sendable {
  /// A threshold.
  public struct Row: Equatable, Sendable {
    public let threshold: Double
    public let probability: Estimate
    /// The power law; nil for light tails and for several layers.
    public let asymptotic: Double?
  }

  public let rows: [Row]
  /// 2 tau; nil for light tails.
  public let index: Double?

  /// - Throws: `RenormError.invalidParameter` for thresholds that are not positive; as
  ///   `MixtureNetwork.outputs`.
  public init(
    _ network: MixtureNetwork, _ nodes: MixtureNetwork.Nodes, thresholds: [Double], draws: Int, seed: UInt32,
    threads: Int? = nil
  ) throws(RenormError) {
    for t in thresholds where !(t > 0 && t.isFinite) {
      throw .invalidParameter(name: "t", value: "\(t)", accepted: "positive numbers")
    }
    let kernels = try network.outputs(nodes, draws: draws, seed: seed, threads: threads).map { $0.diagonal[0] }
    let (law, sv) = (network.law, network.weightScale)
    index = law.tailIndex.map { 2 * $0 }
    let variance = network.firstKernel[0, 0]
    rows = thresholds.map { t in
      let values = kernels.map { $0 > 0 ? erfc(t / (2 * $0).squareRoot()) : 0 }
      var asymptotic: Double?
      if let tau = law.tailIndex, network.layers == 1 {
        asymptotic =
          pow(sv, 2 * tau) * ReLUMoments.absolute(2 * tau) * ReLUMoments.relu(2 * tau, variance: variance)
          * law.levyTail(t * t)
      }
      return Row(threshold: t, probability: SampleMoments(values).mean, asymptotic: asymptotic)
    }
  }
}
