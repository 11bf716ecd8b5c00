internal import LinearAlgebra
internal import RenormData

/// The local kernels of a hidden layer,
/// K_ij(x, x') = E[s(h_i(x)) s(h_j(x'))], C_ij(x, x') = x_i . x'_j / (lambda0 M),
/// as a rule that computes them for blocks of examples; nothing is stored here.
///
/// They depend on data, lambda0, activation and patches only, not on temperature, width, lambda1 or readout.
struct LocalKernels: Sendable {
  let grid: PatchGrid
  /// Pairs of positions that share a filter; K_ij is needed for them only.
  let pairs: PositionPairs
  let activation: any Activation
  let lambda0: Double
  let threads: Int

  var positions: Int { grid.positions }

  init(
    architecture: any Architecture, activation: any Activation, lambda0: Double, image: ImageShape, threads: Int
  ) throws(RenormError) {
    grid = try architecture.grid(on: image)
    pairs = PositionPairs(groups: architecture.sharedFilterGroups(positions: grid.positions))
    self.activation = activation
    self.lambda0 = try positive(lambda0, "lambda0")
    self.threads = threads
  }

  /// The means m_i(x) = E[s(h_i(x))], one row per example: P x n.
  func means(_ examples: Matrix) -> Matrix {
    var block = PatchBlock(capacity: positions, grid: grid)
    var result = Matrix(rows: examples.columns, columns: positions)
    for example in 0..<examples.columns {
      block.gather(examples, example..<example + 1, positions: 0..<positions, grid: grid, lambda0: lambda0)
      for i in 0..<positions { result[example, i] = activation.mean(variance: block.variances[i]) }
    }
    return result
  }
}

/// The patches of a few examples at a range of positions, scaled by (lambda0 M)^(-1/2) so that inner
/// products are covariances C. Column (i, mu), position major, is the patch of example mu at position i.
struct PatchBlock {
  private(set) var patches: [Double]
  /// C_ii(x, x), one per column.
  private(set) var variances: [Double]
  private(set) var columns = 0

  /// Room for `capacity` patches.
  init(capacity: Int, grid: PatchGrid) {
    patches = [Double](repeating: 0, count: capacity * grid.patchSize)
    variances = [Double](repeating: 0, count: capacity)
  }

  mutating func gather(
    _ inputs: Matrix, _ examples: Range<Int>, positions: Range<Int>, grid: PatchGrid, lambda0: Double
  ) {
    let scale = 1 / (lambda0 * Double(grid.patchSize)).squareRoot()
    columns = positions.count * examples.count
    patches.withUnsafeMutableBufferPointer { patches in
      inputs.withUnsafeElements { inputs in
        var target = 0
        var column = 0
        for position in positions {
          let origin = grid.origins[position]
          for example in examples {
            let source = example * grid.image.count + origin
            var sum = 0.0
            for offset in grid.offsets {
              let value = scale * inputs[source + offset]
              patches[target] = value
              sum += value * value
              target += 1
            }
            variances[column] = sum
            column += 1
          }
        }
      }
    }
  }
}
