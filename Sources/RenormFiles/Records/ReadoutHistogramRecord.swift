/// How often readouts of a sampled network have which size, in standard deviations of the prior: densities in
/// bins of one width from 0 on. Up to 0.5 percent of the largest sizes lie beyond the last bin.
public struct ReadoutHistogramRecord: Codable, Equatable, Sendable {
  /// Of a bin.
  public let width: Double
  /// The density of the sizes of all units but the largest; empty for one unit.
  public let others: [Double]
  /// The density of the largest size.
  public let largest: [Double]

  package init(width: Double, others: [Double], largest: [Double]) {
    (self.width, self.others, self.largest) = (width, others, largest)
  }
}
