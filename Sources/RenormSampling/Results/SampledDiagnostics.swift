/// Diagnostics of all numbers that a sampled network reports.
public struct SampledDiagnostics: Equatable, Sendable {
  /// Those of one number, or the worst of several.
  public struct Entry: Equatable, Sendable {
    /// The number; of several, the one with the largest R-hat, or else with the fewest effective draws.
    public let name: String
    /// The number; of several, the one with the fewest effective draws.
    public let slowest: String
    /// Nil where it is not defined, for constants among others. Infinite where chains stand still, each at
    /// another value.
    public let rHat: Double?
    /// The fewest effective draws for the centre.
    public let bulkESS: Double?
    /// The fewest effective draws for the quantiles 5 and 95 percent.
    public let tailESS: Double?
    /// Whether all are as recommended.
    public let isConverged: Bool
  }

  /// The single numbers: log density, norm of the weights, training loss, entries of the order parameter, and
  /// the squared error on the test points.
  public let scalars: [Entry]
  /// The worst of the conditional means of f(x) at the test points; nil without test points.
  public let means: Entry?
  /// The worst of the conditional variances of f(x); nil where there are none.
  public let variances: Entry?
  /// The worst of the similarities; nil where none are recorded.
  public let similarity: Entry?
  /// Transitions after warmup.
  public let transitions: Int
  /// Transitions after warmup that diverged.
  public let divergences: Int
  /// Trajectories after warmup that were cut at the largest number of steps.
  public let truncated: Int
  /// Chains, from 0, that never moved after warmup.
  public let stuckChains: [Int]
  /// The smallest mean acceptance of a chain after warmup that moved; nil where none did.
  public let acceptance: Double?

  /// - Parameter losses: of the test points, by chain, with their name.
  init(_ draws: Draws, _ layout: DrawLayout, losses: (name: String, values: [[Double]])?) {
    func entry(_ place: Int) -> Entry {
      // A log density that never changes is that of chains that do not move.
      Entry(
        name: draws.quantities[place], Diagnostics(chains: draws.values(place)),
        mayBeConstant: place != layout.logDensity)
    }
    let layers = Array(layout.paths) + Array(layout.virials) + Array(layout.scales) + Array(layout.pruned)
    var scalars = ((0..<layout.orderParameter.upperBound) + layers).map(entry)
    if let losses, layout.testCount > 0 {
      scalars.append(Entry(name: losses.name, Diagnostics(chains: losses.values)))
    }
    self.scalars = scalars
    means = Entry(worstOf: layout.means.map(entry))
    variances = Entry(worstOf: layout.variances.map(entry))
    similarity = Entry(worstOf: (layout.variances.upperBound..<layout.paths.lowerBound).map(entry))
    transitions = draws.transitions
    divergences = draws.divergences
    truncated = draws.chains.reduce(0) { $0 + $1.sampling.truncated }
    let counts = draws.chains.map(\.sampling)
    stuckChains = counts.indices.filter { counts[$0].transitions > 0 && counts[$0].accepted == 0 }
    acceptance = counts.filter { $0.accepted > 0 }.map(\.meanAcceptance).min()
  }

  /// All entries.
  public var entries: [Entry] { scalars + [means, variances, similarity].compactMap(\.self) }

  /// The share of transitions that may diverge: more say that a region is missing from the draws. A convention.
  public static let largestDivergence = 0.001

  /// Acceptance below which a chain hardly moves: a convention, far below the 0.8 that step sizes are tuned to.
  public static let smallestAcceptance = 0.2

  /// Whether every number is as recommended, all chains have moved, and at most one transition in a thousand
  /// has diverged.
  public var isConverged: Bool {
    entries.allSatisfy(\.isConverged) && stuckChains.isEmpty && !hasDiverged
  }

  /// Whether too many transitions have diverged.
  private var hasDiverged: Bool { Double(divergences) > Self.largestDivergence * Double(transitions) }

  /// The largest R-hat and the fewest effective draws of all; nil where nothing is defined.
  public var worst: Entry? { Entry(worstOf: entries) }

  /// What a user should know; each is one line.
  public var warnings: [String] {
    var warnings: [String] = []
    if !stuckChains.isEmpty {
      let several = stuckChains.count > 1
      warnings.append(
        "chain\(several ? "s" : "") \(stuckChains.map(String.init).joined(separator: ", ")) never moved: no "
          + "transition after warmup was accepted, and \(several ? "their" : "its") draws say nothing; take a "
          + "smaller `step-size` or more `warmup`")
    }
    if let acceptance, acceptance < Self.smallestAcceptance {
      warnings.append(
        "a chain accepts only \(percent(acceptance)) percent of its transitions; take a smaller `step-size` or "
          + "more `warmup`")
    }
    if let worst, let rHat = worst.rHat, !(rHat <= Diagnostics.largestRHat) {
      warnings.append(
        "the chains do not agree: R-hat is \(rHat.isFinite ? "\(rounded(rHat))" : "infinite") for \(worst.name), "
          + "and should be at most \(Diagnostics.largestRHat); take more `warmup` and `samples`")
    }
    if let worst, let size = worst.smallestESS, size < Diagnostics.smallestESS {
      warnings.append(
        "the draws are worth only \(Int(size)) independent ones for \(worst.slowest), and should be worth "
          + "\(Int(Diagnostics.smallestESS)) for its errors to be reliable; take more `samples`")
    }
    if stuckChains.isEmpty, entries.contains(where: { !$0.isConverged && $0.rHat == nil }) {
      warnings.append("there are too few draws to tell whether the chains agree; take more `samples`")
    }
    if divergences > 0 {
      warnings.append(
        "\(divergences) transition\(divergences == 1 ? "" : "s") diverged: regions of strong curvature may be "
          + "missing from the draws\(hasDiverged ? ", which is more than one in a thousand" : ""); try a larger "
          + "`target-acceptance` or a smaller `step-size`")
    }
    if Double(truncated) > 0.1 * Double(transitions) {
      warnings.append(
        "\(percent(Double(truncated) / Double(transitions))) percent of the trajectories were cut at the largest "
          + "number of steps; take a larger `step-size`, a shorter `trajectory-length` or a higher temperature")
    }
    return warnings
  }

  private func percent(_ part: Double) -> Int { Int((100 * part).rounded()) }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension SampledDiagnostics.Entry {
  init(name: String, _ diagnostics: Diagnostics, mayBeConstant: Bool = true) {
    self.init(
      name: name, slowest: name, rHat: diagnostics.rHat, bulkESS: diagnostics.bulkESS,
      tailESS: diagnostics.tailESS,
      isConverged: diagnostics.isConverged && (mayBeConstant || !diagnostics.isConstant))
  }

  /// The smaller one of both sizes.
  var smallestESS: Double? { [bulkESS, tailESS].compactMap(\.self).min() }

  /// The largest R-hat and the smallest sizes of several; nil of none.
  init?(worstOf entries: [SampledDiagnostics.Entry]) {
    func smallest(_ size: (Self) -> Double?) -> Double? { entries.compactMap(size).min() }
    let sizes = entries.compactMap { entry in entry.smallestESS.map { (entry, $0) } }
    let ratios = entries.compactMap { entry in entry.rHat.map { (entry, $0) } }
    guard let first = entries.first else { return nil }
    let slowest = sizes.min { $0.1 < $1.1 }?.0
    let worst = ratios.max { $0.1 < $1.1 }?.0 ?? slowest ?? first
    self.init(
      name: worst.name, slowest: slowest?.slowest ?? worst.name, rHat: ratios.map(\.1).max(),
      bulkESS: smallest(\.bulkESS), tailESS: smallest(\.tailESS),
      isConverged: entries.allSatisfy(\.isConverged))
  }
}
