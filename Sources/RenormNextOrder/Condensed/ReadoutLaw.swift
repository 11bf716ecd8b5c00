internal import Foundation

/// The posterior laws of the readouts' sizes in the theory of a condensed neuron, all in standard deviations of
/// their prior (docs/condensed.md).
///
/// The largest |v| has the weights of the quadrature's nodes, over the distance of neighbours, as density. A
/// unit of the bulk has, at every node, a Gaussian law of variance q that is cut off at that node's v; its
/// density is the average over nodes. Both integrate to 1 over |v| > 0, the first as a sum over nodes.
public struct ReadoutLaw: Equatable, Sendable, Codable {
  /// A density at one size.
  public struct Point: Equatable, Sendable, Codable {
    /// |v|.
    public let readout: Double
    /// The density of |v| there.
    public let density: Double
  }

  /// <q>, the mean of v^2 over the bulk.
  public let bulkVariance: Double
  /// The law of one unit of the bulk, from 0 to four standard deviations.
  public let bulk: [Point]
  /// The law of the largest size, at equidistant nodes of some weight.
  public let largest: [Point]
  /// The law of the second largest size; nil, and no key, with one explicit unit.
  public let second: [Point]?

  private static let bulkCount = 24
  private static let bulkDeviations = 4.0
  /// Nodes below this part of the largest density are not listed.
  private static let leastDensity = 1e-3

  /// - Parameter nodes: the explicit readouts, <q> and normalised weight of every node. Readouts are multiples
  ///   of one step.
  /// - Returns: nil for fewer than two values of the largest readout, and where a density is not finite.
  init?(_ nodes: [(readouts: [Double], q: Double, weight: Double)]) {
    guard let largest = Self.density(nodes.map { ($0.readouts.max() ?? 0, $0.weight) }) else { return nil }
    self.largest = largest
    second =
      nodes.contains { $0.readouts.count > 1 }
      ? Self.density(nodes.map { ($0.readouts.min() ?? 0, $0.weight) }) : nil
    bulkVariance = nodes.reduce(0) { $0 + $1.weight * $1.q }
    let end = Self.bulkDeviations * bulkVariance.squareRoot()
    let laws = nodes.map { (law: CutGaussian(variance: $0.q, cut: $0.readouts.min() ?? 0), weight: $0.weight) }
    bulk = (0...Self.bulkCount).map { k in
      let size = end * Double(k) / Double(Self.bulkCount)
      return Point(readout: size, density: laws.reduce(0) { $0 + $1.weight * $1.law.density(size) })
    }
    // At readouts of hundreds the bulk's law may be too narrow for its normalisation.
    guard (largest + bulk + (second ?? [])).allSatisfy({ $0.density.isFinite }) else { return nil }
  }

  /// Weights over the distance of neighbours; nil for fewer than two values.
  private static func density(_ weighted: [(readout: Double, weight: Double)]) -> [Point]? {
    let sums = Dictionary(weighted.map { ($0.readout, $0.weight) }, uniquingKeysWith: +)
      .sorted { $0.key < $1.key }
    let step = zip(sums, sums.dropFirst()).map { $1.key - $0.key }.min()
    guard let step, let top = sums.map(\.value).max() else { return nil }
    return sums.filter { $0.value >= leastDensity * top }
      .map { Point(readout: $0.key, density: $0.value / step) }
  }
}

/// The law of |v| of a unit of the bulk, proportional to exp(-t (v/cut)^2) below the cut, t from the variance.
struct CutGaussian: Sendable {
  private let cut: Double
  private let tilt: Double
  private let norm: Double

  init(variance: Double, cut: Double) {
    // Equal readouts of all units are a limit.
    let ratio = min(variance / (cut * cut), 0.999)
    let law = TruncatedLaw(ratio: ratio)
    self.cut = cut
    tilt = (law.slope + 0.5) / ratio
    // log of the integral of exp(-t z^2) over (0, 1).
    let logIntegral = law.entropy + 0.5 * log(.pi / 2) + 0.5 - tilt * ratio + 0.5 * log(ratio)
    norm = exp(-logIntegral) / cut
  }

  func density(_ size: Double) -> Double {
    let z = size / cut
    return z < 1 ? norm * exp(-tilt * z * z) : 0
  }
}
