internal import Foundation
internal import GSLNumerics
public import Renorm
public import RenormSampling

/// What is lost when nodes of small variance are dropped: E (Z - Z*)^2 on one input, Z* the output of the
/// pruned network.
///
/// One hidden layer, p -> inf: dropping lambda <= eps costs sv^2 E relu^2 (a + int_0^eps w rho(dw)), which
/// falls as eps^(1-alpha); dropping the fraction kappa costs sv^2 E relu^2 times the mass of these nodes, which
/// vanishes for a = 0 and does not for a > 0: only mixtures are compressible.
public struct MixturePruning: Sendable {
  /// Which nodes are dropped.
  public enum Rule: Equatable, Sendable {
    /// Those with lambda <= eps.
    case threshold(Double)
    /// The given fraction with the smallest lambda of every layer.
    case fraction(Double)

    /// Whether each node stays. Of equal variances the first ones go, so that a fraction is met exactly.
    fileprivate func keeps(_ weights: [Double]) -> [Bool] {
      switch self {
      case .threshold(let eps): return weights.map { $0 > eps }
      case .fraction(let kappa):
        // A fraction such as 0.9 of 10 nodes must not become 8 by rounding.
        let dropped = Int((kappa * Double(weights.count) + 1e-9).rounded(.down))
        var keeps = [Bool](repeating: true, count: weights.count)
        for k in weights.indices.sorted(by: { (weights[$0], $0) < (weights[$1], $1) }).prefix(dropped) {
          keeps[k] = false
        }
        return keeps
      }
    }
  }

  /// The loss by one rule.
  public struct Row: Sendable {
    public let rule: Rule
    /// The prediction of the limit; for Pareto-stable nodes and fractions that of the width. For several layers
    /// sampled from the limit, with an error. Nil where nothing is known.
    public let theory: Estimate?
    /// From finite networks.
    public let sampled: Estimate
    /// The median over networks of the pruned share of S: of use where E S is infinite.
    public let share: Double
    /// The mean fraction of nodes that is kept.
    public let kept: Double
  }

  public let rows: [Row]
  /// The slope of log error against log eps over the sampled and over the predicted losses; nil for fractions,
  /// for fewer than two thresholds and for losses of 0.
  public let slope: Double?
  public let predictedSlope: Double?
  /// 1 - alpha: the slope as eps -> 0.
  public let asymptoticSlope: Double?
  /// The variance of the output, infinite where E S is.
  public let outputVariance: Double

  /// Prunes `draws` networks of width p on the first input of a network.
  ///
  /// - Throws: `RenormError.invalidParameter`.
  public init(
    _ network: MixtureNetwork, width p: Int, rules: [Rule], draws: Int, truncation: Double = 60, seed: UInt32,
    threads: Int? = nil
  ) throws(RenormError) {
    try LevyTriplet.checkSampling(width: p, draws: draws)
    for rule in rules {
      switch rule {
      case .threshold(let eps) where !(eps > 0 && eps.isFinite):
        throw .invalidParameter(name: "eps", value: "\(eps)", accepted: "positive numbers")
      case .fraction(let kappa) where !(kappa >= 0 && kappa < 1):
        throw .invalidParameter(name: "kappa", value: "\(kappa)", accepted: "fractions from 0 to below 1")
      default: continue
      }
    }
    let draw = PrunedDraw(network)
    let samples = SeededDraws.map(draws, seed: seed, threads: threads, block: 8) { random in
      draw(.finite(width: p), rules, random)
    }
    let law = network.law
    let scale =
      network.weightScale * network.weightScale * ReLUMoments.relu(2, variance: network.firstKernel[0, 0])
    // Several layers have no closed form; the limit is sampled.
    var limit: [[PrunedDraw.Loss]] = []
    if network.layers > 1, rules.contains(where: { if case .threshold = $0 { true } else { false } }) {
      limit = SeededDraws.map(draws, seed: seed &+ 1, threads: threads, block: 8) { random in
        draw(.limit(truncation: truncation), rules, random)
      }
    }
    rows = rules.indices.map { k in
      var theory: Estimate?
      switch rules[k] {
      case .threshold(let eps):
        theory =
          limit.isEmpty
          ? Estimate(mean: scale * (law.locationA + law.levyMassBelow(eps)), standardError: 0)
          : SampleMoments(limit.map { $0[k].error }).mean
      case .fraction(let kappa) where network.layers == 1:
        theory = (law.prunedMass(fraction: kappa, width: p) ?? law.prunedMass(fraction: kappa)).map {
          Estimate(mean: scale * $0, standardError: 0)
        }
      case .fraction: break
      }
      return Row(
        rule: rules[k], theory: theory, sampled: SampleMoments(samples.map { $0[k].error }).mean,
        share: SampleQuantiles(samples.map { $0[k].share })(0.5),
        kept: SampleMoments(samples.map { $0[k].kept }).mean.mean)
    }
    slope = Self.slope(rows) { $0.sampled.mean }
    predictedSlope = Self.slope(rows) { $0.theory?.mean }
    asymptoticSlope = law.smallIndex.map { 1 - $0 }
    outputVariance = network.layers == 1 ? network.biasScale * network.biasScale + scale * law.mean : .nan
  }

  private static func slope(_ rows: [Row], _ value: (Row) -> Double?) -> Double? {
    var points: [(Double, Double)] = []
    for row in rows {
      guard case .threshold(let eps) = row.rule, let loss = value(row), loss > 0, loss.isFinite else {
        return nil
      }
      points.append((log(eps), log(loss)))
    }
    guard Set(points.map(\.0)).count >= 2 else { return nil }
    let size = Double(points.count)
    let (x, y) = (points.reduce(0) { $0 + $1.0 } / size, points.reduce(0) { $0 + $1.1 } / size)
    return points.reduce(0) { $0 + ($1.0 - x) * ($1.1 - y) } / points.reduce(0) { $0 + ($1.0 - x) * ($1.0 - x) }
  }
}

/// The recursion of kernels for the pair of an output and its pruned twin on the first input.
private struct PrunedDraw: Sendable {
  struct Loss: Sendable {
    let error: Double
    let share: Double
    let kept: Double
  }

  let network: MixtureNetwork

  init(_ network: MixtureNetwork) { self.network = network }

  func callAsFunction(
    _ nodes: MixtureNetwork.Nodes, _ rules: [MixturePruning.Rule], _ random: RandomGenerator
  ) -> [Loss] {
    let first = network.firstKernel[0, 0]
    let start = Pair(whole: first, pruned: first, cross: first)
    var states = rules.map { _ in (pair: start, dropped: 0.0, total: 0.0, kept: 0.0) }
    // The same nodes for all rules.
    for _ in 0..<network.layers {
      let (constant, weights) = network.draw(nodes, random)
      let normals = weights.map { _ in (random.gaussian(), random.gaussian()) }
      for k in rules.indices {
        let keeps = rules[k].keeps(weights)
        var sums = Pair(whole: 0, pruned: 0, cross: 0)
        var (dropped, kept) = (0.0, 0)
        let pair = states[k].pair
        let a = max(pair.whole, 0).squareRoot()
        let b = a > 0 ? pair.cross / a : 0
        let c = max(pair.pruned - b * b, 0).squareRoot()
        for (node, weight) in weights.enumerated() {
          let normal = normals[node]
          let z = max(0, a * normal.0)
          sums.whole += weight * z * z
          if keeps[node] {
            let other = max(0, b * normal.0 + c * normal.1)
            sums.pruned += weight * other * other
            sums.cross += weight * z * other
            kept += 1
          } else {
            dropped += weight
          }
        }
        sums.whole += constant * max(pair.whole, 0) / 2
        let (sv2, sb2) = (network.weightScale * network.weightScale, network.biasScale * network.biasScale)
        states[k].pair = Pair(
          whole: sb2 + sv2 * sums.whole, pruned: sb2 + sv2 * sums.pruned, cross: sb2 + sv2 * sums.cross)
        states[k].dropped += dropped + constant
        states[k].total += weights.reduce(constant, +)
        states[k].kept += weights.isEmpty ? 0 : Double(kept) / Double(weights.count) / Double(network.layers)
      }
    }
    return states.map { state in
      Loss(
        error: max(state.pair.whole + state.pair.pruned - 2 * state.pair.cross, 0),
        share: state.total > 0 ? state.dropped / state.total : 0, kept: state.kept)
    }
  }

  private struct Pair {
    var whole: Double
    var pruned: Double
    var cross: Double
  }
}
