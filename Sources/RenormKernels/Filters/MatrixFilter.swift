public import LinearAlgebra

/// F as a caller, or a file, gives it: a symmetric positive semidefinite matrix over the pixels of the mask,
/// rows x columns, alike for every channel; or over channels x rows x columns, all M inputs of a patch.
public struct MatrixFilter: FilterPrior {
  /// F, and where it comes from.
  public let value: MatrixValue

  /// - Parameter source: where it comes from, for messages and reports.
  public init(_ covariance: Matrix, source: String = "matrix") {
    value = MatrixValue(source: source, matrix: covariance)
  }

  /// - Throws: `RenormError.invalidParameter` where the matrix is not there.
  init(_ value: MatrixValue?) throws(RenormError) {
    self.value = try present(value, NetworkParameter.filterFile, for: "the filter prior 'file'")
  }

  public var name: String { "file" }
  public var parameters: ParameterValues { [.filterFile: .matrix(value)] }
  public func covariance(on grid: PatchGrid) -> Matrix? { value.symmetrized }
}

extension NetworkParameter {
  /// The file of a filter's covariance.
  public static let filterFile = NetworkParameter(
    "filter-file", .matrix, isInKernels: true,
    help: "Covariance F of the hidden weights over the pixels of the mask, or over all inputs of a patch: an "
      + "NPY file, symmetric and positive semidefinite; stands for the filter prior 'file'.")
}
