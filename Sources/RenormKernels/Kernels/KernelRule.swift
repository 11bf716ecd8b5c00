package import LinearAlgebra

/// A bank of kernels as functions of two sets of examples: what `RenormalizedKernel` weighs and sums. Weights are
/// square matrices over the indices of the bank, positions or layers.
package protocol KernelRule: Sendable {
  /// The weighted sum between two sets of examples, P x P'.
  func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix) -> Matrix
  /// The lower triangle of the weighted sum over one set of examples, P x P.
  func contract(_ weights: Matrix, _ examples: Matrix) -> Matrix
  /// The diagonal of the weighted sum over one set of examples: P numbers.
  func contractDiagonal(_ weights: Matrix, _ examples: Matrix) -> [Double]
}

extension LocalKernels: KernelRule {}
