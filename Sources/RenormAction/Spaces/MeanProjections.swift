package import LinearAlgebra

/// What a data term tells a prior term of the means m_i, with Ac = T I + 1/(lambda1 n) sum_ij Qbar_ij Kc_ij
/// (docs/theory.md, section 4), in the coordinates of the order parameter: all that the maximum over the
/// conjugate Q needs of the data. m is P x n, or m B, P x r, with a readout factor B.
package struct MeanProjections: Sendable {
  /// M = 1/(lambda1 n) m^T Ac^-1 m, n x n (r x r; D x D over outputs).
  package let gram: Matrix
  /// r = (lambda1 n)^(-1/2) m^T Ac^-1 y, n numbers.
  package let targets: [Double]

  package init(gram: Matrix, targets: [Double]) {
    self.gram = gram
    self.targets = targets
  }
}
