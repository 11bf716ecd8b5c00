package import LinearAlgebra

/// A data term on a bank of kernels, whatever its likelihood: with R = F F^T in the place of A^-1 its second
/// derivatives are those of `curvature`.
package protocol BankTerm: DataTerm {
  associatedtype Bank: KernelBank
  /// K_ij.
  var bank: Bank { get }
  /// m_i(x), P x n; nil for odd activations.
  var means: Matrix? { get }
  /// How coordinates become weights of the bank: as in `space`, which is the default, unless the bank holds one
  /// kernel with a readout factor inside.
  var bankSpace: OrderParameterSpace { get }
}

extension BankTerm {
  package var bankSpace: OrderParameterSpace { space }
}
