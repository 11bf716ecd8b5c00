internal import LinearAlgebra

/// For every draw of a unit with r features: g_bc = phi_b^T G phi_c, x_b = u.phi_b and what the cumulants make
/// of them.
final class UnitStatistics {
  /// g, r x r for every draw.
  private let forms: WorkArray
  /// tr(g) 1 + 2 g, r x r for every draw.
  private let weights: WorkArray
  /// x and v = (tr g + 2 |x|^2) x + 2 g x, draws x r.
  private let projections: WorkArray
  private let vectors: WorkArray
  private let cubes: WorkArray
  /// tr g.
  private let traceValues: WorkArray
  private var draws = 0
  private var order = 0

  init(draws: Int, order: Int) {
    forms = WorkArray(order * order * draws)
    weights = WorkArray(order * order * draws)
    projections = WorkArray(order * draws)
    vectors = WorkArray(order * draws)
    cubes = WorkArray(order * draws)
    traceValues = WorkArray(draws)
  }

  /// H_d = tr(g) 1 + 2 g of a draw.
  func weight(_ d: Int) -> MatrixView { MatrixView(weights.pointer + d * order * order, order, order) }
  /// x as one vector.
  var x: MatrixView { projections.matrix(draws * order, 1) }
  /// v as one vector.
  var v: MatrixView { vectors.matrix(draws * order, 1) }
  /// |x|^2 x as one vector.
  var x3: MatrixView { cubes.matrix(draws * order, 1) }
  /// tr g.
  var traces: MatrixView { traceValues.matrix(draws, 1) }

  /// Room for x of the next draws.
  func begin(draws: Int, order: Int) -> MatrixView {
    (self.draws, self.order) = (draws, order)
    return x
  }

  /// Computes g, H and v from x and from psi with g = psi^T psi - x x^T.
  ///
  /// - Parameter psi: m x (draws r), feature b of draw d in column d + draws * b.
  func compute(_ psi: MatrixView) {
    let (m, r, draws) = (psi.rows, order, draws)
    let (x, v, x3, g, h) = (
      projections.pointer, vectors.pointer, cubes.pointer, forms.pointer, weights.pointer
    )
    for d in 0..<draws {
      let own = g + d * r * r
      if r == 1 {
        own[0] = psi.column(d).squaredNorm
      } else {
        let features = MatrixView(psi.pointer + d * m, m, r, stride: m * draws)
        MatrixView(own, r, r).setProduct(features.transposed, features)
      }
      var (trace, norm) = (0.0, 0.0)
      for b in 0..<r {
        let xb = x[d + draws * b]
        for c in 0..<r { own[c + r * b] -= xb * x[d + draws * c] }
        trace += own[b + r * b]
        norm += xb * xb
      }
      traceValues.pointer[d] = trace
      let weight = h + d * r * r
      for b in 0..<r {
        var gx = 0.0
        for c in 0..<r {
          weight[c + r * b] = 2 * own[c + r * b] + (b == c ? trace : 0)
          gx += own[c + r * b] * x[d + draws * c]
        }
        x3[d + draws * b] = norm * x[d + draws * b]
        v[d + draws * b] = trace * x[d + draws * b] + 2 * x3[d + draws * b] + 2 * gx
      }
    }
  }

  /// The sum of F = (tr g)^2 + 2 |g|^2 - 2 |x|^4.
  var value: Double {
    let area = order * order * draws
    return traces.squaredNorm + 2 * forms.matrix(area, 1).squaredNorm - 2 * x.innerProduct(x3)
  }

  /// The sum of F where the rows of psi are products with m independent probes of A^-1: products of one probe
  /// with itself are left out of what is quadratic in A^-1, so that the average over probes is that with A^-1.
  func valueOfProbes(_ psi: MatrixView) -> Double {
    let (m, r) = (psi.rows, order)
    let (x, g) = (projections.pointer, forms.pointer)
    let weight = Double(m) / Double(m - 1)
    var result = value
    for d in 0..<draws {
      let own = g + d * r * r
      var (trace, square, fourth) = (0.0, 0.0, 0.0)
      for b in 0..<r {
        for c in 0..<r {
          let form = own[c + r * b] + x[d + draws * b] * x[d + draws * c]
          square += form * form
          if b == c { trace += form }
        }
      }
      for k in 0..<m {
        var norm = 0.0
        for b in 0..<r { norm += psi[k, d + draws * b] * psi[k, d + draws * b] }
        fourth += norm * norm
      }
      result += (weight - 1) * (trace * trace + 2 * square) - 3 * weight * fourth
    }
    return result
  }

  /// Adds the sum of 2 tr(g) g + 4 g g - 4 |x|^2 x x^T.
  func addGradient(to sum: MatrixView) {
    let all = forms.matrix(order, order * draws)
    sum.setProduct(all, all.transposed, scale: 4, adding: 1)
    sum.reshaped(order * order, 1).setProduct(all.reshaped(order * order, draws), traces, scale: 2, adding: 1)
    sum.setProduct(
      cubes.matrix(draws, order).transposed, projections.matrix(draws, order), scale: -4, adding: 1)
  }

  /// Column by column the features of a draw times its H: target_d <- source_d H_d.
  func applyWeights(_ source: MatrixView, to target: MatrixView) {
    let rows = source.rows
    guard rows > 0 else { return }
    for d in 0..<draws {
      let (from, to) = (source.pointer + d * rows, target.pointer + d * rows)
      if order == 1 {
        let weight = weights.pointer[d]
        for i in 0..<rows { to[i] = weight * from[i] }
      } else {
        MatrixView(to, rows, order, stride: rows * draws).setProduct(
          MatrixView(from, rows, order, stride: rows * draws), weight(d))
      }
    }
  }
}
