internal import LinearAlgebra
internal import RenormKernels

/// delta and dm of odd, smooth activations from derivatives by the filters w: covariances, without their
/// Gaussian parts.
///
/// With probes z_k of A^-1, B_k = (phi_b.z_k)_b and tt = sum_k |B_k|^2, dm = -4 c Cum[v.p] with
/// v = tt x + 2 sum_k B_k (B_k.x) - |x|^2 x. By Stein's equation (`AveragedSlopes`)
///
///     E v.s(h(x)) = E sum_i g(h_i(x)) V_i.x_i,   V_i = sum_b L_ib grad v_b
///                 = sum_j (L J L^T)_ij grad xt_j + sum_jk (L J_k L^T)_ij grad Bt_kj,
///     J = (tt - |x|^2) 1 + 2 sum_k B_k B_k^T - 2 x x^T,   J_k = 2 B_k x^T + 2 x B_k^T + 2 (B_k.x) 1,
///
/// xt_j = sum_mu u_mu s(h_j(x_mu)), Bt likewise. What Gaussian features make of E v.p is the same with J and
/// J_k at their averages, which depend on covariances of features only. Less these averages the estimate is
/// that of the cumulant, and its noise is that of J times that of slopes, not that of a product of four
/// features.
///
/// F is quartic in B_k and x, so with a quarter H of its second derivatives (`QuarticCurvature`; -J and -J_k
/// are its columns of x) and E D = E B B^T, D_(kb)(lc) = grad B_kb . grad* B_lc,
///
///     E F = E tr H D,   Cum F = E tr (H - E H)(D - E D).
final class CovarianceWorker {
  private let frame: FeatureFrame
  private let draws: HiddenUnitDraws
  private let step: Int
  private let sources: FeatureSources
  private let slopes: FeatureSlopes
  private let probes: Int
  private let hasValues: Bool
  private let filters: WorkArray
  /// xt with B, (m + 1) x (draws n), vector k of draw d at position j in (k, d + draws j); the last is xt.
  private let forms: WorkArray
  /// The same times L L^T.
  private let turned: WorkArray
  /// L J L^T and L J_k L^T, ((m + 1) n) x n for every draw.
  private let responses: WorkArray
  /// V, (M n) x draws.
  private let gradients: WorkArray
  private let sums: (training: WorkArray, points: WorkArray)
  private let pairs: PairScratch?
  private var value = 0.0

  /// Arrays of the pairs of forms of one draw.
  private struct PairScratch {
    let vector, products, curvature, slopes: WorkArray

    init(_ size: Int) {
      vector = WorkArray(size)
      products = WorkArray(size * size)
      curvature = WorkArray(size * size)
      slopes = WorkArray(size * size)
    }
  }

  /// - Parameters:
  ///   - step: draws of which features are held at once.
  ///   - hasValues: whether F is averaged too.
  init(
    _ frame: FeatureFrame, _ sources: FeatureSources, _ draws: HiddenUnitDraws, step: Int, probes: Int,
    hasValues: Bool
  ) {
    self.frame = frame
    self.draws = draws
    self.step = step
    self.sources = sources
    self.hasValues = hasValues
    let positions = sources.largestPositions
    self.probes = probes
    slopes = FeatureSlopes(sources, vectors: probes + 1, draws: step, pairs: hasValues)
    filters = WorkArray(draws.inputs * draws.pieceSize)
    forms = WorkArray((probes + 1) * step * positions)
    turned = WorkArray(forms.count)
    responses = WorkArray((probes + 1) * positions * positions * step)
    gradients = WorkArray(draws.inputs * positions * step)
    sums = (WorkArray(sources.training.count), WorkArray(sources.points?.count ?? 0))
    pairs = hasValues ? PairScratch((probes + 1) * sources.largestColumns) : nil
  }

  /// For F: with 2 or 3 the noise is that of 8 within a tenth (FC and CNN, MNIST).
  static let probesOfValues = 3

  /// Whether g is known.
  static func covers(_ activation: any Activation) -> Bool { activation is Erf }

  /// Noise of probes is small beside that of draws where features have many positions, and each costs more;
  /// with F each costs more still.
  static func probes(positions: Int, hasValues: Bool) -> Int {
    hasValues ? probesOfValues : positions == 1 ? DrawPlan.probes : 4
  }

  /// Bytes of a draw, and of all that does not depend on their number.
  static func bytes(
    rows: Int, points: Int, inputs: Int, positions: Int, probes: Int, hasValues: Bool
  ) -> (draw: Int, fixed: Int) {
    let vectors = probes + 1
    let slopes = FeatureSlopes.numbers(
      rows: rows, points: points, inputs: inputs, positions: positions, vectors: vectors, pairs: hasValues)
    let own = vectors * positions * (2 + positions) + inputs * positions
    let pairs = hasValues ? 3 * vectors * vectors * positions * positions : 0
    return (8 * (slopes.draw + own), 8 * (slopes.fixed + pairs))
  }

  /// Averages over the first draws of every unit of some pieces; F is 0 without values.
  ///
  /// - Parameters:
  ///   - drawsOfPiece: at most those of a piece.
  ///   - sharing: pieces one after the other that have the same probes.
  ///   - probes: z_k with u as the last, P x (m + 1), and their forms, for the first piece of these.
  func block(
    _ pieces: Range<Int>, drawsOfPiece: Int, sharing: Int = 1,
    probes: (Int) -> (vectors: Matrix, forms: ProbeForms)
  ) -> BlockAverages {
    sums.training.clear()
    sums.points.clear()
    value = 0
    var own = (vectors: Matrix(rows: 0, columns: 0), forms: ProbeForms(values: []))
    for piece in pieces {
      if (piece - pieces.lowerBound) % sharing == 0 { own = probes(piece) }
      let (vectors, forms) = own
      for (index, unit) in frame.units.enumerated() {
        let averages = PairAverages(forms, unit)
        slopes.begin(unit, vectors)
        draws.piece(piece * frame.units.count + index, into: filters)
        for range in drawsOfPiece.blocks(of: step) {
          let own = MatrixView(
            filters.pointer + draws.inputs * range.lowerBound, draws.inputs, range.count)
          add(unit, own, vectors, averages)
        }
      }
    }
    let scale = 1 / Double(pieces.count * drawsOfPiece)
    return BlockAverages(
      value: scale * value, training: sums.training.values.scaled(by: scale),
      points: Array(sums.points.values.prefix(sources.points?.count ?? 0)).scaled(by: scale))
  }

  private func add(
    _ unit: FeatureFrame.Unit, _ filters: MatrixView, _ vectors: Matrix, _ averages: PairAverages
  ) {
    let (draws, positions) = (filters.columns, unit.positions.count)
    slopes.compute(unit, filters)
    let products = forms.matrix(probes + 1, draws * positions)
    vectors.withUnsafeElements { vectors in
      guard let base = vectors.baseAddress else { return }
      let all = MatrixView(base, sources.training.count, probes + 1)
      products.setProduct(all.transposed, slopes.values)
    }
    let metric = unit.factor * unit.factor.asTranspose
    let size = (probes + 1) * positions * positions
    let moved = turned.matrix((probes + 1) * draws, positions)
    metric.withUnsafeElements { metric in
      guard let base = metric.baseAddress else { return }
      let metric = MatrixView(base, positions, positions)
      moved.setProduct(products.reshaped((probes + 1) * draws, positions), metric)
      for d in 0..<draws {
        respond(d, draws, metric, averages.responses, into: responses.pointer + d * size)
      }
    }
    let target = gradients.matrix(filters.rows * positions, draws)
    slopes.gradients(unit, responses, vectors, into: target)
    slopes.contract(unit, target, sums.training, sums.points)
    addValues(unit, draws, averages)
  }

  /// Adds tr (H - E H)(D - E D) of every draw.
  private func addValues(_ unit: FeatureFrame.Unit, _ draws: Int, _ averages: PairAverages) {
    guard let pairs else { return }
    slopes.projectAverages()
    let (count, n, r) = (probes + 1, unit.positions.count, unit.columns.count)
    let size = count * r
    let (vector, products) = (pairs.vector.matrix(size, 1), pairs.products.matrix(size, size))
    let (curvature, slopesOfPairs) = (pairs.curvature.matrix(size, size), pairs.slopes.matrix(size, size))
    unit.factor.withUnsafeElements { factor in
      averages.products.withUnsafeElements { products0 in
        averages.curvature.withUnsafeElements { curvature0 in
          guard let factor = factor.baseAddress, let products0 = products0.baseAddress,
            let curvature0 = curvature0.baseAddress
          else { return }
          for d in 0..<draws {
            vector.reshaped(count, r).setProduct(
              MatrixView(forms.pointer + count * d, count, n, stride: count * draws), MatrixView(factor, n, r))
            products.setProduct(vector, vector.transposed)
            QuarticCurvature(vectors: count, columns: r).compute(products, into: curvature)
            slopes.pairProducts(unit, d, into: slopesOfPairs)
            let (h, slope) = (curvature.pointer, slopesOfPairs.pointer)
            var sum = 0.0
            for i in 0..<size * size { sum += (h[i] - curvature0[i]) * (slope[i] - products0[i]) }
            value += sum
          }
        }
      }
    }
  }

  /// L J L^T and L J_k L^T of draw d less their averages: row k + (m + 1) j, column i. With forms at positions,
  /// Bt, and St = L L^T, they are made of L B = St Bt, and |B|^2 = Bt.St Bt.
  private func respond(
    _ d: Int, _ draws: Int, _ metric: MatrixView, _ offsets: [Matrix], into target: UnsafeMutablePointer<Double>
  ) {
    let (n, m) = (metric.rows, probes)
    let (own, moved) = (forms.pointer + (m + 1) * d, turned.pointer + (m + 1) * d)
    let (rows, step) = (m + 1, (m + 1) * draws)
    var trace = 0.0
    for j in 0..<n {
      for k in 0..<m { trace += own[k + step * j] * moved[k + step * j] }
      trace -= own[m + step * j] * moved[m + step * j]
    }
    for i in 0..<n {
      for j in 0..<n {
        let (s, x, y) = (metric[i, j], moved[m + step * i], moved[m + step * j])
        var sum = 0.0
        for k in 0..<m { sum += moved[k + step * i] * moved[k + step * j] }
        target[m + rows * (j + n * i)] = trace * s + 2 * (sum - x * y) - offsets[m][i, j]
      }
    }
    for k in 0..<m {
      var mixed = 0.0
      for j in 0..<n { mixed += own[k + step * j] * moved[m + step * j] }
      offsets[k].withUnsafeElements { offset in
        for i in 0..<n {
          let (b, x) = (moved[k + step * i], moved[m + step * i])
          for j in 0..<n {
            target[k + rows * (j + n * i)] =
              2 * (b * moved[m + step * j] + x * moved[k + step * j] + mixed * metric[i, j]) - offset[j + n * i]
          }
        }
      }
    }
  }
}

/// Averages over one unit with given probes.
private struct PairAverages {
  /// E B_kb B_lc = E D_(kb)(lc), and H with them, as `QuarticCurvature` orders them.
  let products: Matrix
  let curvature: Matrix
  /// L J_k L^T for every k, the last L J L^T.
  let responses: [Matrix]

  init(_ forms: ProbeForms, _ unit: FeatureFrame.Unit) {
    let (count, r) = (forms.values.count, unit.columns.count)
    var products = forms.covariances(unit)
    var curvature = Matrix(rows: count * r, columns: count * r)
    products.withUnsafeMutableElements { products in
      curvature.withUnsafeMutableElements { curvature in
        guard let p = products.baseAddress, let h = curvature.baseAddress else { return }
        QuarticCurvature(vectors: count, columns: r).compute(
          MatrixView(p, count * r, count * r), into: MatrixView(h, count * r, count * r))
      }
    }
    let (averages, all) = (products, curvature)
    responses = (0..<count).map { k in
      let own = Matrix(rows: r, columns: r) { -all[k + count * $0, count - 1 + count * $1] }
      return unit.factor * own * unit.factor.asTranspose
    }
    (self.products, self.curvature) = (averages, all)
  }
}

/// Averages over the draws of one block.
struct BlockAverages: Sendable {
  /// F, or its cumulant.
  var value = 0.0
  /// sum of v_b phi_b over training examples and points, or what stands for it.
  var training: [Double] = []
  var points: [Double] = []
}
