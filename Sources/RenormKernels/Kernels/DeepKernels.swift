package import LinearAlgebra

/// The kernels of a deep fully connected network as functions of two sets of examples (docs/depth.md).
///
/// At infinite width K_l = k(K_(l-1))/lambda_l from K_0 = C, k the map of an activation from covariances to
/// second moments. With g_l(x) = E s'(h), m_l(x) = E s(h) for h ~ N(0, K_(l-1)(x, x)) and H_l = g_l g_l^T,
/// layer l hands on H_l o K_(l-1) of what is below it (o: element by element), and adds noise of covariance
///
///     R_1 = k(C) - m_1 m_1^T,   R_l = k(K_(l-1)) - m_l m_l^T - H_l o K_(l-1),
///
/// a sum of the third and higher Hermite terms of s, so positive semidefinite. At the output they are the bank
///
///     B_l = H_L o .. o H_(l+1) o R_l / (lambda_l .. lambda_L),   M_l the same of m_l m_l^T,
///
/// in the order B_1..B_L, M_1..M_L; odd activations have no M. Their sum is K_L.
package struct DeepKernels: Sendable {
  /// The covariances C of the first layer, and k.
  package let first: LocalKernels
  /// lambda_1..lambda_L: lambda_l is the prior precision of the weights that read layer l.
  package let lambdas: [Double]
  package let theory: DeepTheory

  package init(first: LocalKernels, lambdas: [Double], theory: DeepTheory) {
    precondition(first.positions == 1 && !lambdas.isEmpty, "\(first.positions) positions")
    self.first = first
    self.lambdas = lambdas
    self.theory = theory
  }

  /// L.
  package var depth: Int { lambdas.count }
  package var activation: any Activation { first.activation }
  private var one: Matrix { .identity(1) }

  /// Whether the kernel is one number times K_L: vanilla, and linear activations, which add no noise above the
  /// first layer.
  package var hasOneKernel: Bool { theory == .vanilla || activation.isLinear }

  /// The order of weights: 1 where one number times K_L is all; q_1..q_L of the nested kernel; else the bank.
  package var count: Int { hasOneKernel ? 1 : theory == .nested || activation.isOdd ? depth : 2 * depth }

  /// C(x, x) and K_l(x, x) for l = 1..L with scale_l in the place of 1/lambda_l: L + 1 arrays.
  package func variances(_ examples: Matrix, scales: [Double]) -> [[Double]] {
    let patches = Patches(examples, of: first)
    var result = [(0..<examples.columns).map { patches.variance(0, $0) }]
    for (l, scale) in scales.enumerated() {
      result.append(result[l].map { scale * activation.secondMoment($0, $0, $0) })
    }
    return result
  }

  /// K_1 with `scale` in the place of 1/lambda_1, P x P'; its lower triangle where `right` is nil.
  package func firstKernel(_ left: Matrix, _ right: Matrix?, scale: Double) -> Matrix {
    right.map { first.contract(scale * one, left, $0) } ?? first.contract(scale * one, left)
  }

  /// k(K), given the variances of rows and columns.
  package func mapped(
    _ kernel: Matrix, rows: [Double], columns: [Double], isTriangle: Bool
  ) -> Matrix {
    var result = kernel
    result.forEachColumn(isTriangle: isTriangle, threads: first.threads) { j, start, column in
      rows.withUnsafeBufferPointer { rows in
        columns.withUnsafeBufferPointer { columns in
          activation.replaceBySecondMoments(
            column, rowVariances: UnsafeBufferPointer(rebasing: rows[start...]),
            columnVariances: UnsafeBufferPointer(rebasing: columns[j...j]))
        }
      }
    }
    return result
  }

  /// The kernel of layer L, layer by layer, with scale_l in the place of 1/lambda_l: K_L where they are equal.
  package func composed(_ left: Matrix, _ right: Matrix?, scales: [Double]) -> Matrix {
    let rows = variances(left, scales: scales)
    let columns = right.map { variances($0, scales: scales) } ?? rows
    var kernel = firstKernel(left, right, scale: scales[0])
    for l in 1..<depth {
      kernel = scales[l] * mapped(kernel, rows: rows[l], columns: columns[l], isTriangle: right == nil)
    }
    return kernel
  }

  /// The bank between two sets of examples, `count` matrices of P x P'; lower triangles over one set where
  /// `right` is nil. One kernel is K_L.
  package func bank(_ left: Matrix, _ right: Matrix?) -> [Matrix] {
    let scales = lambdas.map { 1 / $0 }
    guard !hasOneKernel else { return [composed(left, right, scales: scales)] }
    let rows = LayerVectors(self, left, scales)
    let columns = right.map { LayerVectors(self, $0, scales) } ?? rows
    let isTriangle = right == nil
    var kernel = firstKernel(left, right, scale: scales[0])
    var noises = [kernel]
    if !activation.isOdd { noises[0].add(-scales[0], outer: rows.means[0], columns.means[0]) }
    for l in 1..<depth {
      let next =
        scales[l]
        * mapped(kernel, rows: rows.variances[l], columns: columns.variances[l], isTriangle: isTriangle)
      // H_l/lambda_l of what is below.
      let below = kernel.scaled(scales[l], rows: rows.slopes[l], columns: columns.slopes[l])
      noises = noises.map { $0.scaled(scales[l], rows: rows.slopes[l], columns: columns.slopes[l]) }
      var noise = next - below
      if !activation.isOdd { noise.add(-scales[l], outer: rows.means[l], columns.means[l]) }
      noises.append(noise)
      kernel = next
    }
    guard !activation.isOdd else { return noises }
    let means = zip(rows.handedOn, columns.handedOn).map { row, column in
      Matrix(columns: [row]) * Matrix(columns: [column]).asTranspose
    }
    return noises + means
  }

  /// The diagonals of `bank` over one set: `count` arrays of P numbers.
  package func bankDiagonals(_ examples: Matrix) -> [[Double]] {
    let scales = lambdas.map { 1 / $0 }
    let vectors = LayerVectors(self, examples, scales)
    guard !hasOneKernel else { return [vectors.variances[depth]] }
    var noises: [[Double]] = []
    for l in 0..<depth {
      let slopes = vectors.slopes[l]
      noises = noises.map { noise in noise.indices.map { scales[l] * slopes[$0] * slopes[$0] * noise[$0] } }
      noises.append(
        slopes.indices.map { x in
          let below = l == 0 ? 0 : slopes[x] * slopes[x] * vectors.variances[l][x]
          return vectors.variances[l + 1][x] - scales[l] * (below + vectors.means[l][x] * vectors.means[l][x])
        })
    }
    return activation.isOdd ? noises : noises + vectors.handedOn.map { $0.map { $0 * $0 } }
  }
}

/// Numbers of every example, layer by layer.
private struct LayerVectors {
  /// C(x, x), K_1(x, x) .. K_L(x, x).
  let variances: [[Double]]
  /// g_1..g_L.
  let slopes: [[Double]]
  /// m_1..m_L; zeros where s is odd.
  let means: [[Double]]
  /// M_l = v_l v_l^T: v_l = g_L .. g_(l+1) m_l (lambda_l .. lambda_L)^(-1/2).
  let handedOn: [[Double]]

  init(_ kernels: DeepKernels, _ examples: Matrix, _ scales: [Double]) {
    let variances = kernels.variances(examples, scales: scales)
    let (layers, activation) = (variances.dropLast(), kernels.activation)
    // Nothing is handed on to the first layer.
    let slopes = layers.enumerated().map { l, values in
      l == 0 ? values.map { _ in 0 } : values.map { activation.meanSlope(variance: $0) }
    }
    let means = layers.map { $0.map { activation.mean(variance: $0) } }
    var handedOn: [[Double]] = []
    for (l, scale) in scales.enumerated() {
      let root = scale.squareRoot()
      handedOn = handedOn.map { vector in vector.indices.map { root * slopes[l][$0] * vector[$0] } }
      handedOn.append(means[l].map { root * $0 })
    }
    (self.variances, self.slopes, self.means, self.handedOn) = (variances, slopes, means, handedOn)
  }
}

extension DeepKernels {
  /// The kernel with weights on a diagonal, of the order `count`, between two sets of examples, P x P'.
  package func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix) -> Matrix {
    contract(weights.diagonal, left, right)
  }

  /// Its lower triangle over one set of examples.
  package func contract(_ weights: Matrix, _ examples: Matrix) -> Matrix {
    contract(weights.diagonal, examples, nil)
  }

  private func contract(_ weights: [Double], _ left: Matrix, _ right: Matrix?) -> Matrix {
    precondition(weights.count == count, "\(weights.count) weights of \(count) kernels")
    if isNested { return composed(left, right, scales: zip(weights, lambdas).map { $0 / $1 }) }
    return bank(left, right).weightedSum(weights)
  }

  /// Its diagonal: P numbers.
  package func contractDiagonal(_ weights: Matrix, _ examples: Matrix) -> [Double] {
    let weights = weights.diagonal
    if isNested { return variances(examples, scales: zip(weights, lambdas).map { $0 / $1 })[depth] }
    return bankDiagonals(examples).weightedSum(weights)
  }

  /// Whether weights are q_1..q_L of a kernel that is not linear in them.
  package var isNested: Bool { theory == .nested && !hasOneKernel }
}
