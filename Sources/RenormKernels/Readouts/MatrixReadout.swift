public import LinearAlgebra

/// S as a caller, or a file, gives it: any symmetric positive semidefinite matrix over the positions, of any
/// rank.
public struct MatrixReadout: Readout {
  /// S, and where it comes from.
  public let value: MatrixValue

  /// - Parameter source: where it comes from, for messages and reports.
  public init(_ covariance: Matrix, source: String = "matrix") {
    value = MatrixValue(source: source, matrix: covariance)
  }

  /// - Throws: `RenormError.invalidParameter` where the matrix is not there.
  init(_ value: MatrixValue?) throws(RenormError) {
    self.value = try present(value, NetworkParameter.readoutFile, for: "the readout 'file'")
  }

  public var name: String { "file" }
  public var parameters: ParameterValues { [.readoutFile: .matrix(value)] }
  public func covariance(on grid: PatchGrid) -> Matrix? { value.symmetrized }
}

extension NetworkParameter {
  /// The file of a readout's covariance.
  public static let readoutFile = NetworkParameter(
    "readout-file", .matrix, isInKernels: true,
    help: "Covariance S of the readout over the n positions: an NPY file, n x n, symmetric and positive "
      + "semidefinite; stands for the readout 'file'.")
}
