package import LinearAlgebra

/// Layers whose order parameters are matrices P_1..P_L, a chain of Wishart laws (docs/depth.md): given the
/// layer above, N_l P_l is Wishart with N_l degrees of freedom and the scale P~_(l+1), so that per N/2 and at
/// leading order
///
///     prior = sum_l (N_l/N) [ tr(P~_(l+1)^-1 P_l) - log det(P~_(l+1)^-1 P_l) ],   P~_(l+1) = P_(l+1) (x) 1_m,
///
/// P~_(L+1) = 1; m is the ratio of the orders of P_l and P_(l+1): the positions of layer l that a filter of the
/// next layer reads, 1 where layers share their outputs. The blocks of an order parameter are P_1..P_L. In the
/// form phi - log det P of `PriorTerm`, with c_l = 1 + m_l N_(l-1)/N - N_l/N (m_l the ratio below l, N_0 = 0),
///
///     phi = sum_l (N_l/N) tr(P~_(l+1)^-1 P_l) + c_l log det P_l.
///
/// Its minimum P_l = 1 is the network of infinite width.
package struct WishartChain: PriorTerm {
  /// N_l/N, l = 1..L.
  package let ratios: [Double]

  package init(ratios: [Double]) { self.ratios = ratios }

  package var formulation: Formulation { .minimum }

  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let links = try links(frame)
    let sizes = frame.sizes
    var (traces, determinants) = (0.0, 0.0)
    var linear: [Matrix] = []
    var concave: [Matrix] = []
    let weights = sizes.indices.map { l in
      1 + (l == 0 ? 0 : ratios[l - 1] * Double(sizes[l - 1] / sizes[l])) - ratios[l]
    }
    for (l, link) in links.enumerated() {
      traces += ratios[l] * link.map.innerProduct(link.map)
      determinants += ratios[l] * link.logDeterminant
      let weight = weights[l]
      linear.append(
        ratios[l] * (link.map.asTranspose * link.map).symmetricPart + max(weight, 0) * .identity(sizes[l]))
      var part = max(-weight, 0) * .identity(sizes[l])
      if l > 0 { part = part + ratios[l - 1] * links[l - 1].gram.partialTrace(order: sizes[l]) }
      concave.append(part)
    }
    return PriorPoint(
      terms: (traces, determinants), linear: BlockDiagonal(linear), concave: BlockDiagonal(concave),
      hessian: { [ratios] x in
        let x = BlockDiagonal(coordinates: x, sizes: sizes).blocks
        var images = x.enumerated().map { (l, x) in -weights[l] * x }
        for l in 0..<sizes.count - 1 {
          let (link, above) = (links[l], x[l + 1].spread(over: sizes[l] / sizes[l + 1]))
          let own = (above * link.gram).symmetricPart
          let pushed = link.map * x[l] * link.map.asTranspose
          images[l + 1] =
            images[l + 1] + ratios[l] * (2 * own - pushed.symmetricPart).partialTrace(order: sizes[l + 1])
          images[l] = images[l] - ratios[l] * (link.map.asTranspose * (above * link.map)).symmetricPart
        }
        return BlockDiagonal(images).coordinates
      })
  }

  /// The prior less its value at P = 1, sum_l (N_l/N) d_l, d_l the order of P_l.
  ///
  /// - Throws: `LinearAlgebraError` where a block is not positive definite.
  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    let links = try links(weights.covariance.squareRoot())
    return zip(ratios, links).reduce(0) { sum, part in
      let map = part.1.map
      return sum + part.0 * (map.innerProduct(map) - part.1.logDeterminant - Double(map.rows))
    }
  }

  /// A layer beside the one above it, in the frames L_l of P_l = L_l L_l^T.
  private struct Link: Sendable {
    /// G = (L_(l+1) (x) 1)^-1 L_l.
    let map: Matrix
    /// G G^T, of trace tr(P~_(l+1)^-1 P_l).
    let gram: Matrix
    /// log det(P~_(l+1)^-1 P_l).
    let logDeterminant: Double
  }

  private func links(_ frame: BlockDiagonal) throws(LinearAlgebraError) -> [Link] {
    precondition(frame.blocks.count == ratios.count, "\(frame.blocks.count) blocks of \(ratios.count) layers")
    var links: [Link] = []
    for (l, own) in frame.blocks.enumerated() {
      var map = own
      if l + 1 < frame.blocks.count {
        let above = frame.blocks[l + 1]
        precondition(own.rows % above.rows == 0, "layers of order \(own.rows) and \(above.rows)")
        // L^-1 = L^T (L L^T)^-1, as frames are not triangular.
        let inverse =
          above.asTranspose
          * (try Cholesky((above * above.asTranspose).symmetricPart))
          .solve(.identity(above.rows))
        map = inverse.spread(over: own.rows / above.rows) * own
      }
      let gram = (map * map.asTranspose).symmetricPart
      links.append(Link(map: map, gram: gram, logDeterminant: try Cholesky(gram).logDeterminant))
    }
    return links
  }
}

extension Matrix {
  /// The matrix sum_d A_(I d)(J d) of a given order, index I m + d.
  fileprivate func partialTrace(order: Int) -> Matrix {
    let m = rows / order
    return Matrix(rows: order, columns: order) { i, j in
      (0..<m).reduce(0) { $0 + self[i * m + $1, j * m + $1] }
    }
  }
}
