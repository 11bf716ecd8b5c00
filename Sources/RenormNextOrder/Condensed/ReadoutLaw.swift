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

  private static let bulkCount = 24
  private static let bulkDeviations = 4.0
  /// Nodes below this part of the largest density are not listed.
  private static let leastDensity = 1e-3

  /// - Parameter nodes: by v ascending, with normalised weights. Values of v are different multiples of one
  ///   step.
  /// - Returns: nil for fewer than two values of v.
  init?(_ nodes: [(node: ReadoutNode, weight: Double)]) {
    let step = zip(nodes, nodes.dropFirst()).map { $1.node.readout - $0.node.readout }.min()
    guard let step, let top = nodes.map(\.weight).max() else { return nil }
    largest = nodes.filter { $0.weight >= Self.leastDensity * top }
      .map { Point(readout: $0.node.readout, density: $0.weight / step) }
    bulkVariance = nodes.reduce(0) { $0 + $1.weight * $1.node.q }
    let end = Self.bulkDeviations * bulkVariance.squareRoot()
    let laws = nodes.map { (law: CutGaussian(variance: $0.node.q, cut: $0.node.readout), weight: $0.weight) }
    bulk = (0...Self.bulkCount).map { k in
      let size = end * Double(k) / Double(Self.bulkCount)
      return Point(readout: size, density: laws.reduce(0) { $0 + $1.weight * $1.law.density(size) })
    }
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
