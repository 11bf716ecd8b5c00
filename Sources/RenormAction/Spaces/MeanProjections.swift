package import LinearAlgebra

/// What a data term tells a prior term of the means m_i, with Ac = T I + 1/(lambda1 n) sum_ij Qbar_ij Kc_ij
/// (docs/theory.md, section 4), in the coordinates of the order parameter.
package struct MeanProjections: Sendable {
  /// 1/(lambda1 n) m^T Ac^-1 m.
  package let gram: Matrix
  /// (lambda1 n)^(-1/2) m^T Ac^-1 y.
  package let targets: [Double]

  package init(gram: Matrix, targets: [Double]) {
    self.gram = gram
    self.targets = targets
  }
}
