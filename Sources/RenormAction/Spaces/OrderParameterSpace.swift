package import LinearAlgebra

/// The space of an order parameter: its blocks, what an index counts, and how coordinates become the matrix
/// that is reported.
///
/// Coordinates are the symmetric positive definite matrices Q' that the action is minimised over; with a
/// readout prior S = B B^T over positions, B of size n x r, the matrix that weights the kernels is Q = B Q' B^T
/// (docs/theory.md, section 6; Garriga-Alonso and van der Wilk, UAI 2021). Without one, B is the identity. The
/// prior part of the action is a function of Q', the data part of Q, and dS/dQ' = 1 - Q'^-1 + B^T Gamma B.
///
/// Positions that do not share their filters have independent hidden units, so that K_ij and Q_ij between them
/// vanish: the blocks.
///
/// | network | index | blocks | matrix |
/// |---|---|---|---|
/// | FC | position | one of 1 | 1 x 1 |
/// | LCN | position | n of 1 | n x n, diagonal |
/// | CNN | position | one of n, or of r | n x n |
/// | one kernel (FC, mean pooling), D outputs | output | one of D | D x D |
/// | LCN, D outputs | position and output | n of D | n D x n D, block-diagonal |
/// | CNN, D outputs | position and output | one of n D, or of r D | n D x n D |
/// | deep FC | layer | L of 1 | L x L, diagonal |
/// | deep FC, D outputs | path | L of D | L D x L D, block-diagonal |
/// | deep CNN | path | one for each layer | block-diagonal |
public struct OrderParameterSpace: Equatable, Sendable {
  /// What an index of the order parameter counts.
  public enum Index: String, Sendable, Codable {
    /// Positions of the hidden layer.
    case position
    /// Outputs of the network.
    case output
    /// Positions and outputs: position i and output c stand at i D + c (docs/theory.md, section 5).
    case positionAndOutput = "position-and-output"
    /// Layers of a deep network: q_1..q_L.
    case layer
    /// Outputs or positions of the layers of a deep network, in blocks P_1..P_L (docs/depth.md).
    case path
  }

  /// What an index of the reported matrix counts.
  public let index: Index
  /// The orders of the diagonal blocks of the coordinates.
  public let blockSizes: [Int]
  /// B, or B (x) 1 over positions and outputs; nil means the identity.
  package let basis: Matrix?
  /// D where outputs are among the indices, else 1; of contrasts of the outputs their number.
  public let outputs: Int
  /// H, outputs x contrasts with orthonormal columns, where a likelihood sees contrasts of the outputs only;
  /// nil where it sees the outputs themselves.
  package let contrasts: Matrix?

  /// The space over positions, one block for each group of positions that share a filter; one block of order r
  /// where a readout factor B of size n x r couples them.
  package static func positions(groups: [Range<Int>], basis: Matrix?) -> OrderParameterSpace {
    OrderParameterSpace(
      index: .position, blockSizes: basis.map { [$0.columns] } ?? groups.map(\.count), basis: basis, outputs: 1,
      contrasts: nil)
  }

  /// The space over D outputs that share one kernel, or over contrasts of outputs.
  package static func outputs(_ count: Int, contrasts: Matrix? = nil) -> OrderParameterSpace {
    OrderParameterSpace(index: .output, blockSizes: [count], basis: nil, outputs: count, contrasts: contrasts)
  }

  /// The space over positions and D outputs, which share the hidden layer: Q = (B (x) 1) Q' (B (x) 1)^T.
  package static func positions(
    groups: [Range<Int>], basis: Matrix?, outputs d: Int, contrasts: Matrix? = nil
  ) -> OrderParameterSpace {
    OrderParameterSpace(
      index: .positionAndOutput, blockSizes: basis.map { [d * $0.columns] } ?? groups.map { d * $0.count },
      basis: basis?.spread(over: d), outputs: d, contrasts: contrasts)
  }

  /// The space of q_1..q_L over the layers of a deep network (Qbar_1..Qbar_L for activations with means).
  package static func layers(_ count: Int) -> OrderParameterSpace {
    OrderParameterSpace(
      index: .layer, blockSizes: [Int](repeating: 1, count: count), basis: nil, outputs: 1, contrasts: nil)
  }

  /// The space of P_1..P_L over the layers of a deep network, of the given orders for one output; with a
  /// readout factor B of the last layer, P_l = (B (x) 1) P_l' (B (x) 1)^T.
  package static func paths(
    _ orders: [Int], readout: Matrix?, outputs d: Int, contrasts: Matrix? = nil
  ) -> OrderParameterSpace {
    guard let readout else {
      return OrderParameterSpace(
        index: .path, blockSizes: orders.map { d * $0 }, basis: nil, outputs: d, contrasts: contrasts)
    }
    let blocks = orders.map { readout.spread(over: d * $0 / readout.rows) }
    return OrderParameterSpace(
      index: .path, blockSizes: blocks.map(\.columns), basis: .blockDiagonal(blocks), outputs: d,
      contrasts: contrasts)
  }

  private init(index: Index, blockSizes: [Int], basis: Matrix?, outputs: Int, contrasts: Matrix?) {
    (self.index, self.blockSizes, self.basis, self.outputs) = (index, blockSizes, basis, outputs)
    self.contrasts = contrasts
  }

  /// The number of outputs of which examples stand beside each other in kernels, (mu, c) at mu D + c; 1 where
  /// outputs decouple.
  package var interleavedOutputs: Int { index == .positionAndOutput || index == .path ? outputs : 1 }

  /// The D x D average over positions of an order parameter in coordinates, (1/r) sum_b Q'_(bc)(bd); over the
  /// coordinates of a readout factor where there is one. All of Q over outputs alone, of a deep network that of
  /// the last layer; nil over positions alone and for layers of one output.
  package func outputAverage(_ coordinates: Matrix) -> Matrix? {
    guard index != .position, index != .layer, index != .path || outputs > 1 else { return nil }
    let start = index == .path ? coordinates.rows - (blockSizes.last ?? 0) : 0
    let count = (coordinates.rows - start) / outputs
    let average = Matrix(rows: outputs, columns: outputs) { c, d in
      (0..<count).reduce(0) { $0 + coordinates[start + $1 * outputs + c, start + $1 * outputs + d] }
        / Double(count)
    }
    guard let h = contrasts else { return average }
    return Matrix(rows: h.rows, columns: h.rows, repeating: 1 / Double(h.rows)) + h * average * h.asTranspose
  }

  /// The matrix that is reported: Q, and where the likelihood sees contrasts H of the outputs only
  ///
  ///     (1 (x) H) Q (1 (x) H)^T + S (x) (1/D) 1 1^T,
  ///
  /// with the prior S = B B^T of the mean over outputs, which no label changes: it is lambda1 times the average
  /// of (1/N) sum_a v_aic v_ajd, whatever H (docs/classification.md). In a deep network so in every layer.
  package func reported(_ coordinates: Matrix) -> Matrix {
    let q = matrix(coordinates)
    guard let h = contrasts else { return q }
    let (m, d) = (outputs, h.rows)
    let own = Matrix.identity(q.rows / m).kronecker(h)
    let prior = basis.map { $0 * $0.asTranspose }
    var result = own * q * own.asTranspose
    for j in 0..<q.rows / m {
      for i in 0..<q.rows / m {
        let share = (prior?[i * m, j * m] ?? (i == j ? 1 : 0)) / Double(d)
        for e in 0..<d { for c in 0..<d { result[i * d + c, j * d + e] += share } }
      }
    }
    return result.symmetricPart
  }

  /// What the mean over outputs, at its prior, adds to the action of the contrasts: tr Q - log det Q of an
  /// identity, N_l/N times as much for every layer of a deep network.
  package func commonAction(widthRatios: [Double]) -> Double {
    guard contrasts != nil else { return 0 }
    guard index == .path else { return Double(order / outputs) }
    return zip(widthRatios, blockSizes).reduce(0) { $0 + $1.0 * Double($1.1 / outputs) }
  }

  /// The diagonal blocks of the reported matrix: P_1..P_L of a deep network.
  package func matrices(_ coordinates: Matrix) -> [Matrix] {
    let matrix = reported(coordinates)
    guard matrix.rows > 0, order > 0 else { return [] }
    // A readout factor, and outputs for contrasts, change the orders of all layers by the same ratio.
    return BlockDiagonal(of: matrix, sizes: blockSizes.map { $0 * matrix.rows / order }).blocks
  }

  /// The order r of the coordinates.
  public var order: Int { blockSizes.reduce(0, +) }

  /// The coordinates at infinite width, where nothing is renormalized: Q' = 1.
  package var identity: BlockDiagonal { .identity(sizes: blockSizes) }

  /// Q = B Q' B^T, from coordinates (r x r) to positions (n x n).
  package func matrix(_ coordinates: Matrix) -> Matrix {
    guard let basis else { return coordinates }
    return basis * coordinates * basis.asTranspose
  }

  /// B^T G B, a derivative with respect to Q (n x n) as one with respect to Q' (r x r); all of it, blocks or
  /// not.
  package func pullBack(_ gradient: Matrix) -> Matrix {
    guard let basis else { return gradient }
    return basis.asTranspose * (gradient * basis)
  }

  /// The blocks of the derivative with respect to Q' that one with respect to Q gives.
  package func coordinates(ofGradient gradient: Matrix) -> BlockDiagonal {
    BlockDiagonal(of: pullBack(gradient), sizes: blockSizes)
  }
}
