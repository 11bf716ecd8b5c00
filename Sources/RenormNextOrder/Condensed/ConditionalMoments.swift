internal import CVectorKernels
internal import LinearAlgebra

/// From C_ab in both arrays, column-major, t <- erf t_ab and g <- (2/sqrt pi) exp(-t_ab^2) r_ab with
///
///     t_ab = (mu_b - 2 C_ab mu_a/D_a) r_ab,   r_ab = (D_b - 4 C_ab^2/D_a)^(-1/2):
///
/// h_b and its spread where h_a is tilted by erf'. D_a D_b - 4 C_ab^2 >= 1 + 2 (c_a + c_b).
func conditionalMoments(
  _ m: ErfMarginals, _ t: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>
) {
  let count = m.count
  let tilts = zip(m.means, m.spreads).map { 2 * $0 / $1 }
  let shares = m.spreads.map { 4 / $0 }
  var roots = [Double](repeating: 0, count: count)
  var derivatives = roots
  for j in 0..<count {
    let (mean, spread) = (m.means[j], m.spreads[j])
    let column = t + count * j
    for i in 0..<count {
      let c = column[i]
      roots[i] = 1 / (spread - c * c * shares[i]).squareRoot()
      column[i] = (mean - c * tilts[i]) * roots[i]
    }
    renorm_erf_values(column, &derivatives, count)
    let target = g + count * j
    for i in 0..<count { target[i] = derivatives[i] * roots[i] }
  }
}
