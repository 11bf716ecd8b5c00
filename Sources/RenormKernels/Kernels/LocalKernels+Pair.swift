package import LinearAlgebra

extension LocalKernels {
  /// K_ij(x, x') = E[s(h_i(x)) s(h_j(x'))] for two sets of examples, P x P' (docs/theory.md, section 2).
  ///
  /// Zero between positions that do not share their filters: no kernel of a network needs these. There h_i and
  /// h_j are independent, so for an activation with means it is the covariance; the second moment would be
  /// m_i(x) m_j(x').
  package func pairKernel(_ left: Patches, _ i: Int, _ right: Patches, _ j: Int) -> Matrix {
    var kernel = Matrix(rows: left.count, columns: right.count)
    guard pairs.groups.contains(where: { $0.contains(i) && $0.contains(j) }) else { return kernel }
    let blocks = [(left, i), (right, j)].map { (patches, position) in
      var block = PatchBlock(capacity: patches.count, patchSize: grid.patchSize)
      block.copy(patches, 0..<patches.count, positions: position..<position + 1)
      return block
    }
    let product =
      Matrix(rows: grid.patchSize, columns: left.count, elements: blocks[0].patches).asTranspose
      * Matrix(rows: grid.patchSize, columns: right.count, elements: blocks[1].patches)
    kernel = product
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
