internal import LinearAlgebra
public import RenormKernels

extension Network {
  /// Whether one kernel serves all widths, temperatures and lambda1: one position (FC), or a readout prior of
  /// rank one (mean pooling). Not in a deep network, where points are not as cheap.
  ///
  /// - Throws: `RenormError.maskLargerThanImage`, `.invalidParameter` for a readout prior that is none.
  public func hasOneKernel(on image: ImageShape) throws(RenormError) -> Bool {
    let isSingle = try kernels(on: image, threads: 1).readout.rank == 1
    return depth == 1 && isSingle
  }

  /// The rule for local kernels, and the readout prior on their positions.
  package func kernels(
    on image: ImageShape, threads: Int
  ) throws(RenormError) -> (local: LocalKernels, readout: ReadoutFactor) {
    let local = try LocalKernels(
      architecture: architecture, activation: activation, lambda0: lambda0, lambdaBias: lambdaBias,
      filter: filter, image: image, threads: threads)
    return (local, try ReadoutFactor(readout, on: try readoutGrid(local.grid)))
  }

  /// The positions of the last hidden layer, which the readout's prior is over.
  ///
  /// - Throws: `RenormError.maskLargerThanImage` where a second layer's mask does not fit on the first's
  ///   positions.
  package func readoutGrid(_ grid: PatchGrid) throws(RenormError) -> PatchGrid {
    guard let window = architecture.upperWindow else { return grid }
    return try PatchGrid(
      mask: window.mask, stride: window.stride, padding: window.padding,
      on: ImageShape(channels: 1, height: grid.rows, width: grid.columns))
  }
}
