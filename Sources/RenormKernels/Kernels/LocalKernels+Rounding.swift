package import LinearAlgebra

extension LocalKernels {
  /// How many times larger errors of rounding are in the kernels than in covariances, both relative to root
  /// mean squares: that of |C dK/dC| over that of K, at least 1, from at most 32 examples and 4 positions.
  ///
  /// Covariances are right to about 2^-52 of themselves. Inputs with a mean far above their deviations are
  /// nearly parallel, and what tells them apart is lost there.
  package func roundingAmplification(_ examples: Matrix) -> Double {
    // Of kernels from elsewhere nothing more is known.
    if supplied != nil { return 1 }
    let step = max(1, (examples.columns + 31) / 32)
    let sample = examples.selectingColumns(Array(stride(from: 0, to: examples.columns, by: step)))
    let patches = Patches(sample, of: self)
    var (sensitivity, size) = (0.0, 0.0)
    for position in 0..<min(positions, 4) {
      var block = PatchBlock(capacity: patches.count, patchSize: patches.size)
      block.copy(patches, 0..<patches.count, positions: position..<position + 1)
      let columns = Matrix(rows: patches.size, columns: patches.count, elements: block.patches)
      let covariances = columns.asTranspose * columns
      for x in 0..<patches.count {
        for y in 0..<patches.count {
          let (a, c, b) = (block.variances[x], covariances[x, y], block.variances[y])
          let (change, value) = (
            activation.secondMomentSensitivity(a, c, b), activation.secondMoment(a, c, b)
          )
          guard change.isFinite, value.isFinite else { continue }
          sensitivity += change * change
          size += value * value
        }
      }
    }
    return size > 0 ? max(1, (sensitivity / size).squareRoot()) : 1
  }
}
