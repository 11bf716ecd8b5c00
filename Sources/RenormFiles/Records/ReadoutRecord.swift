internal import Renorm

/// A correlated readout S = B B^T in the report of a fit: the key `readoutPrior`.
public struct ReadoutRecord: Codable, Equatable, Sendable {
  /// r, the rank of S: the order of Q'.
  public let rank: Int
  /// The effective rank of S: the exponential of the entropy of its eigenvalues divided by their sum.
  public let effectiveRank: Double
  /// Rows of Q', r x r, with Q = B Q' B^T (Qbar at a saddle); nil for several outputs, over which Q' has its
  /// indices then.
  public let coordinates: MatrixRows?

  /// Nil for independent weights, and where there are no positions.
  init?(_ posterior: Posterior) {
    guard posterior.readout.basis != nil else { return nil }
    rank = posterior.readout.rank
    effectiveRank = posterior.readout.effectiveRank
    coordinates = posterior.solution.space.index == .position ? MatrixRows(posterior.solution.coordinates) : nil
  }
}
