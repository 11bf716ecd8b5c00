internal import GSLNumerics
internal import LinearAlgebra
internal import RenormKernels

/// Random probes z_k, k = 1...m, of A^-1: sum_k z_k z_k^T is A^-1 on average, and so are the products with
/// unequal indices, sum_(k != l) m/(m - 1) z_k z_k^T (x) z_l z_l^T, A^-1 (x) A^-1 on average.
///
/// With a_k = (phi_b . z_k)_b in the place of the whitened features, F and dm of one unit are sums of
/// (a.b)(c.d) + (a.c)(b.d) + (a.d)(b.c), of which Gaussian features make
///
///     Phi(a, b, c, d) = t_ab t_cd + t_ac t_bd + t_ad t_bc + 2 sum_e (h_ab h_cd + h_ac h_bd + h_ad h_bc),
///
/// h_ab = z_a^T D_e z_b for a direction e of the order parameter, t = sum_e t_e h for the identity:
///
///     F = m/(m - 1) sum_(k != l) Phi(k, k, l, l) - 2 sum_k Phi(k, k, u, u) + Phi(u, u, u, u)/3
///     (dm over -4 c) = sum_k Phi(k, k, p, u) - Phi(u, u, u, p)/3
///
/// So everything that a block of draws needs of P x P kernels are the products of D_e with u and its probes.
struct SketchProbes {
  /// z, P x m.
  let vectors: Matrix
  /// What F would be for Gaussian features, summed over units.
  let value: Double
  /// q_e with sum_e (D_e(x, X) - k(x)^T A^-1 D_e) q_e of the same for dm over -4 c, P x dimension.
  let meanVectors: Matrix
  /// sum_e D_e q_e over the training examples.
  let trainingMean: [Double]

  /// - Parameters:
  ///   - products: K_a z_k of every pair a, P x pairs for every k.
  ///   - own: K_a u, P x pairs.
  ///   - weights: of pairs for every direction, `FeatureFrame.pairWeights`.
  init(
    _ vectors: Matrix, products: [Matrix], u: [Double], own: Matrix, _ frame: FeatureFrame, weights: Matrix
  ) {
    let m = vectors.columns
    let all = Matrix(rows: vectors.rows, columns: m + 1, elements: vectors.elements + u)
    // h_e between vectors k (rows) and l: the last is u.
    let forms = ProbeForms(all, products: products + [own], weights: weights).values
    var value = 0.0
    var alpha = [Double](repeating: 0, count: frame.dimension)
    var beta = Matrix(rows: m, columns: frame.dimension)
    for unit in frame.units {
      let part = UnitForms(forms, frame.identity, unit.coordinates)
      value += part.value(probes: m)
      for e in unit.coordinates {
        let t = frame.identity[e]
        alpha[e] = part.alongTargets(e, t)
        for k in 0..<m { beta[k, e] = 2 * t * part.total[k, m] + 4 * forms[m][k, e] }
      }
    }
    self.vectors = vectors
    self.value = value
    let pairAlpha = weights * alpha
    let pairBeta = beta * weights.asTranspose
    var mean = own * pairAlpha
    for k in 0..<m { mean.add(1, products[k] * pairBeta.row(k)) }
    trainingMean = mean
    var whole = vectors * beta
    whole.add(1, congruence: Matrix(columns: [u]), .identity(1), Matrix(columns: [alpha]))
    meanVectors = whole
  }
}

/// The forms of the directions of one unit.
private struct UnitForms {
  private let forms: [Matrix]
  private let range: Range<Int>
  private let identity: [Double]
  /// t_kl, the last index that of u.
  let total: Matrix

  init(_ forms: [Matrix], _ identity: [Double], _ range: Range<Int>) {
    self.forms = forms
    self.range = range
    self.identity = identity
    total = Matrix(rows: forms.count, columns: forms.count) { k, l in
      range.reduce(0) { $0 + identity[$1] * forms[l][k, $1] }
    }
  }

  /// Phi(k, k, l, l).
  private func pairing(_ k: Int, _ l: Int) -> Double {
    var sum = total[k, k] * total[l, l] + 2 * total[k, l] * total[k, l]
    for e in range { sum += 2 * forms[k][k, e] * forms[l][l, e] + 4 * forms[l][k, e] * forms[l][k, e] }
    return sum
  }

  func value(probes m: Int) -> Double {
    var (pairs, mixed) = (0.0, 0.0)
    for k in 0..<m {
      for l in 0..<k { pairs += 2 * pairing(k, l) }
      mixed += pairing(k, m)
    }
    return Double(m) / Double(m - 1) * pairs - 2 * mixed + pairing(m, m) / 3
  }

  /// What multiplies u in q_e.
  func alongTargets(_ e: Int, _ t: Double) -> Double {
    let m = forms.count - 1
    var sum = -(total[m, m] * t + 2 * forms[m][m, e])
    for k in 0..<m { sum += total[k, k] * t + 2 * forms[k][k, e] }
    return sum
  }
}
