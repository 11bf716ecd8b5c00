public import LinearAlgebra

/// S = 1: independent weights at every position. At infinite width the kernel is the average of the K_ii, the
/// same for a CNN as for an LCN.
public struct IndependentReadout: Readout {
  /// Independent weights.
  public init() {}
  public var name: String { "independent" }
  public func covariance(on grid: PatchGrid) -> Matrix? { nil }
}

/// S_ij = 1/n, of rank one: the output sees the mean over positions, f = N^(-1/2) sum_a v_a (1/n) sum_i
/// s(h_ai), with v_a ~ N(0, 1/lambda1). One number renormalizes the pooled kernel 1/n^2 sum_ij K_ij/lambda1, as
/// for an FC network.
public struct MeanPooling: Readout {
  /// The mean over positions.
  public init() {}
  public var name: String { "mean-pool" }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    let n = grid.positions
    return Matrix(rows: n, columns: n, repeating: 1 / Double(n))
  }
}

/// S_ij = 1/b for positions of one block of b positions, else 0: weights are equal within a block of rows x
/// columns of the grid, so that the output sees the mean over each block. Blocks start at the first position
/// and are cut at the edges of the grid. The rank of S is the number of blocks; one block is mean pooling,
/// blocks of one position are independent weights.
public struct BlockPooling: Readout {
  /// Rows and columns of positions in a block.
  public let block: Extent

  /// - Throws: `RenormError.invalidParameter` unless both sides are positive.
  public init(block: Extent) throws(RenormError) {
    guard NetworkParameter.block.domain.contains(.extent(block)) else {
      throw .invalidParameter(
        name: "block", value: "\(block)", accepted: "a positive number of positions, or HxW")
    }
    self.block = block
  }

  public var name: String { "block-pool" }
  public var parameters: ParameterValues { [.block: .extent(block)] }

  /// The blocks numbered row by row: that of each position, and how many positions each has.
  private func blocks(_ grid: PatchGrid) -> (of: [Int], sizes: [Int]) {
    let (height, width) = (block.height, block.width)
    let perRow = (grid.columns + width - 1) / width
    let block = (0..<grid.positions).map { i in
      i / grid.columns / height * perRow + i % grid.columns / width
    }
    var sizes = [Int](repeating: 0, count: (block.last ?? -1) + 1)
    for b in block { sizes[b] += 1 }
    return (block, sizes)
  }

  public func covariance(on grid: PatchGrid) -> Matrix? {
    let (block, sizes) = blocks(grid)
    return Matrix(rows: grid.positions, columns: grid.positions) { i, j in
      block[i] == block[j] ? 1 / Double(sizes[block[i]]) : 0
    }
  }

  /// B_ib = b^(-1/2) on the positions of block b: the eigenvalues of S are all equal, and its spectrum names no
  /// basis.
  public func factor(on grid: PatchGrid) -> Matrix? {
    let (block, sizes) = blocks(grid)
    return Matrix(rows: grid.positions, columns: sizes.count) { i, b in
      block[i] == b ? 1 / Double(sizes[b]).squareRoot() : 0
    }
  }
}

extension NetworkParameter {
  /// The blocks of positions that are pooled.
  public static let block = NetworkParameter(
    "block", .extent, isInKernels: true,
    help: "Positions that block-pool averages together: one number, or HxW.")
}

/// The readout priors that can be chosen by name.
public enum Readouts {
  /// Every built-in readout prior.
  public static let builtIn = Registry<any Readout>(
    "readout",
    [
      .init("independent") { _ in IndependentReadout() },
      .init("mean-pool") { _ in MeanPooling() },
      .init("block-pool", [.block]) { (values) throws(RenormError) in
        let block = try values.required(.block, by: "block-pool").extent
        return try BlockPooling(block: block ?? Extent(0))
      },
      .init("exponential", [.lengthScale]) { (values) throws(RenormError) in
        try ExponentialReadout(lengthScale: values.number(.lengthScale, for: "exponential"))
      },
      .init("matern32", [.lengthScale]) { (values) throws(RenormError) in
        try Matern32Readout(lengthScale: values.number(.lengthScale, for: "matern32"))
      },
      .init("matern52", [.lengthScale]) { (values) throws(RenormError) in
        try Matern52Readout(lengthScale: values.number(.lengthScale, for: "matern52"))
      },
      .init("squared-exponential", [.lengthScale]) { (values) throws(RenormError) in
        try SquaredExponentialReadout(lengthScale: values.number(.lengthScale, for: "squared-exponential"))
      },
      .init("file", [.readoutFile]) { (values) throws(RenormError) in
        try MatrixReadout(values[.readoutFile]?.matrix)
      },
    ])
}
