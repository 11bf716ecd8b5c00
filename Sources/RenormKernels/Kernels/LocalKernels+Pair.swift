package import LinearAlgebra

extension LocalKernels {
  /// K_ij(x, x') = E[s(h_i(x)) s(h_j(x'))] for two sets of examples, P x P' (docs/theory.md, section 2).
  ///
  /// Between positions that do not share their filters h_i and h_j are independent, and it is m_i(x) m_j(x'):
  /// zero for odd activations. No kernel of a network needs these.
  package func pairKernel(_ left: Patches, _ i: Int, _ right: Patches, _ j: Int) -> Matrix {
    if let supplied { return supplied.pairKernel(left, i, right, j) }
    let blocks = [(left, i), (right, j)].map { (patches, position) in
      var block = PatchBlock(capacity: patches.count, patchSize: patchLength)
      block.copy(patches, 0..<patches.count, positions: position..<position + 1)
      return block
    }
    guard pairs.groups.contains(where: { $0.contains(i) && $0.contains(j) }) else {
      let means = blocks.map { Matrix(columns: [$0.variances.map { activation.mean(variance: $0) }]) }
      return means[0] * means[1].asTranspose
    }
    var kernel =
      Matrix(rows: patchLength, columns: left.count, elements: blocks[0].patches).asTranspose
      * Matrix(rows: patchLength, columns: right.count, elements: blocks[1].patches)
    kernel.withUnsafeMutableElements { elements in
      blocks[0].variances.withUnsafeBufferPointer { rows in
        blocks[1].variances.withUnsafeBufferPointer { columns in
          activation.replaceBySecondMoments(elements, rowVariances: rows, columnVariances: columns)
        }
      }
    }
    return kernel
  }
}
