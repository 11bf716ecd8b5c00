package import LinearAlgebra

/// The one kernel of an FC network, or of a mean-pooled CNN, reduced to tridiagonal form K = Z H Z^T with
/// orthogonal Z (Householder).
///
/// A = T + q K / lambda1 then is Z (T + q H / lambda1) Z^T for every T, q and lambda1. The reduction costs 4
/// P^3/3 operations once; then the action of any temperature, width and lambda1 costs O(P) for each output, and
/// so does a prediction for each held-out point. With means m it is Kc = K - m m^T that is reduced.
package struct ReducedKernel: Sendable {
  /// Z and H.
  package let reduction: TridiagonalReduction
  /// Z^T Y, P x D.
  package let targets: Matrix
  /// Z^T m; nil for odd activations.
  package let means: [Double]?

  /// How many times larger errors of rounding of K are than 2^-52 of its root mean square.
  package let amplification: Double

  /// The size of an element to which errors are relative: the root mean square |H|_F/P, as Z is orthogonal,
  /// times `amplification`.
  package var elementSize: Double {
    let square =
      dot(reduction.diagonal, reduction.diagonal) + 2 * dot(reduction.subdiagonal, reduction.subdiagonal)
    return amplification * square.squareRoot() / Double(reduction.order)
  }

  /// Reduces Kc (= K for odd activations), of which only the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  package init(
    centredKernel: consuming Matrix, means: [Double]?, targets: Matrix, amplification: Double = 1
  ) throws(LinearAlgebraError) {
    let reduction = try TridiagonalReduction(consume centredKernel)
    self.reduction = reduction
    self.amplification = amplification
    self.targets = reduction.rotate(targets)
    self.means = means.map { reduction.rotate(Matrix(columns: [$0])).elements }
  }
}
