package import LinearAlgebra

/// A filter prior on the masks of one network, factored as F = L L^T, so that C_ij = (L^T x_i) . (L^T
/// x'_j)/(lambda0 M): the patches L^T x_i of filters with independent weights z, w = lambda0^(-1/2) L z, take
/// the place of x_i.
package struct FilterFactor: Equatable, Sendable {
  /// L, over the pixels of one channel or over all of the mask: p x r.
  package let basis: Matrix
  /// How many channels one basis serves.
  package let repeats: Int

  /// The inputs r of a transformed patch.
  package var patchSize: Int { repeats * basis.columns }

  /// Nil for the identity.
  ///
  /// - Throws: `RenormError.invalidParameter`, or `.unusableData` for a matrix of a file, unless F is symmetric, positive semidefinite, not zero and of the
  ///   size of the mask, with or without channels.
  package init?(_ filter: any FilterPrior, on grid: PatchGrid) throws(RenormError) {
    guard let covariance = filter.covariance(on: grid) else { return nil }
    let pixels = grid.mask.height * grid.mask.width
    let isSeparable = covariance.rows != grid.patchSize
    basis = try SemidefiniteFactor(
      of: covariance, order: isSeparable ? pixels : grid.patchSize, "filter covariance", prior: filter.name,
      file: filter.parameters[.filterFile]?.matrix?.source
    ).basis
    repeats = isSeparable ? grid.patchSize / pixels : 1
  }
}
