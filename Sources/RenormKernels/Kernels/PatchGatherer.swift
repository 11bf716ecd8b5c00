internal import LinearAlgebra

/// Cuts the scaled patches of one example after the other, in storage that one worker reuses.
final class PatchGatherer {
  private let grid: PatchGrid
  private let filter: FilterFactor?
  private let scale: Double
  /// lambda_bias^(-1/2); nil where there is no bias.
  private let bias: Double?
  /// The example with zeros around it.
  private let padded: WorkArray?
  /// The patches of one example, and with a filter prior those before it is applied.
  private let patches: WorkArray
  private let plain: WorkArray?
  private let basis: WorkArray?

  init(_ kernels: LocalKernels) {
    grid = kernels.grid
    filter = kernels.filter
    scale = 1 / (kernels.lambda0 * Double(grid.patchSize)).squareRoot()
    bias = kernels.lambdaBias.map { 1 / $0.squareRoot() }
    padded = grid.isPadded ? WorkArray(grid.padded.count) : nil
    patches = WorkArray(max(kernels.patchLength, grid.patchSize))
    plain = filter == nil ? nil : WorkArray(grid.patchSize)
    basis = filter.map { filter in
      let array = WorkArray(filter.basis.elements.count)
      _ = array.buffer.update(fromContentsOf: filter.basis.elements)
      return array
    }
  }

  /// Calls `body` with the patch at every position, `LocalKernels.patchLength` numbers.
  func gather(
    _ example: UnsafePointer<Double>, _ body: (_ position: Int, _ patch: UnsafePointer<Double>) -> Void
  ) {
    var image = example
    if let padded {
      grid.pad(example, into: padded.pointer)
      image = UnsafePointer(padded.pointer)
    }
    let (patch, size) = (patches.pointer, grid.patchSize)
    let target = plain?.pointer ?? patch
    grid.offsets.withUnsafeBufferPointer { offsets in
      for (i, origin) in grid.origins.enumerated() {
        let source = image + origin
        for k in 0..<size { target[k] = scale * source[offsets[k]] }
        if let filter, let basis {
          // L^T x of every channel.
          let (rows, columns) = (filter.basis.rows, filter.basis.columns)
          MatrixView(patch, columns, filter.repeats).setProduct(
            basis.matrix(rows, columns).transposed, MatrixView(target, rows, filter.repeats))
        }
        if let bias { patch[filter?.patchSize ?? size] = bias }
        body(i, UnsafePointer(patch))
      }
    }
  }
}
