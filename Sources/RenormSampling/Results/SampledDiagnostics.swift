/// Diagnostics of all numbers that a sampled network reports.
public struct SampledDiagnostics: Equatable, Sendable {
  /// Those of one number, or the worst of several.
  public struct Entry: Equatable, Sendable {
    /// The number; of several, the one with the largest R-hat, or else with the fewest effective draws.
    public let name: String
    /// Nil where it is not defined, for constants among others.
    public let rHat: Double?
    public let bulkESS: Double?
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
  /// Transitions after warmup that diverged.
  public let divergences: Int

  init(_ draws: Draws, _ layout: DrawLayout, losses: [[Double]]?) {
    func entry(_ place: Int) -> Entry {
      Entry(name: draws.quantities[place], Diagnostics(chains: draws.values(place)))
    }
    var scalars = (0..<layout.orderParameter.upperBound).map(entry)
    if let losses, layout.testCount > 0 {
      scalars.append(Entry(name: "generalizationError", Diagnostics(chains: losses)))
    }
    self.scalars = scalars
    means = Entry(worstOf: layout.means.map(entry))
    variances = Entry(worstOf: layout.variances.map(entry))
    similarity = Entry(worstOf: (layout.variances.upperBound..<layout.count).map(entry))
    divergences = draws.divergences
  }

  /// All entries.
  public var entries: [Entry] { scalars + [means, variances, similarity].compactMap(\.self) }

  /// Whether every number is as recommended.
  public var isConverged: Bool { entries.allSatisfy(\.isConverged) }

  /// The largest R-hat and the fewest effective draws of all; nil where nothing is defined.
  public var worst: Entry? { Entry(worstOf: entries) }

  /// What a user should know; each is one line.
  public var warnings: [String] {
    var warnings: [String] = []
    if let rHat = worst?.rHat, !(rHat <= Diagnostics.largestRHat),
      let entry = entries.first(where: { $0.rHat == rHat })
    {
      warnings.append(
        "the chains do not agree: R-hat is \(rHat.isFinite ? "\(rounded(rHat))" : "infinite") for \(entry.name), "
          + "and should be at most \(Diagnostics.largestRHat); take more --warmup and --samples")
    }
    let sizes = entries.compactMap { entry in
      [entry.bulkESS, entry.tailESS].compactMap(\.self).min().map { (entry.name, $0) }
    }
    if let (name, size) = sizes.min(by: { $0.1 < $1.1 }), size < Diagnostics.smallestESS {
      warnings.append(
        "the draws are worth only \(Int(size)) independent ones for \(name), and should be worth "
          + "\(Int(Diagnostics.smallestESS)) for its errors to be reliable; take more --samples")
    }
    if entries.contains(where: { !$0.isConverged && $0.rHat == nil }) {
      warnings.append("there are too few draws to tell whether the chains agree; take more --samples")
    }
    if divergences > 0 {
      warnings.append(
        "\(divergences) transition\(divergences == 1 ? "" : "s") diverged: regions of strong curvature may be "
          + "missing from the draws; try a larger --target-acceptance or a smaller --step-size")
    }
    return warnings
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}

extension SampledDiagnostics.Entry {
  init(name: String, _ diagnostics: Diagnostics) {
    self.init(
      name: name, rHat: diagnostics.rHat, bulkESS: diagnostics.bulkESS, tailESS: diagnostics.tailESS,
      isConverged: diagnostics.isConverged)
  }

  /// The largest R-hat and the smallest sizes of several; nil of none.
  init?(worstOf entries: [SampledDiagnostics.Entry]) {
    func smallest(_ size: (Self) -> Double?) -> Double? { entries.compactMap(size).min() }
    let sizes = entries.compactMap { entry in entry.bulkESS.map { (entry, $0) } }
    let ratios = entries.compactMap { entry in entry.rHat.map { (entry, $0) } }
    guard let first = entries.first else { return nil }
    let worst = ratios.max { $0.1 < $1.1 }?.0 ?? sizes.min { $0.1 < $1.1 }?.0 ?? first
    self.init(
      name: worst.name, rHat: ratios.map(\.1).max(), bulkESS: smallest(\.bulkESS), tailESS: smallest(\.tailESS),
      isConverged: entries.allSatisfy(\.isConverged))
  }
}
