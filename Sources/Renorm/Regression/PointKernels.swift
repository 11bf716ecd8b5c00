internal import LinearAlgebra

/// Kernels between a training set and held-out points, in the form that fits the kernels of the training set.
protocol PointKernels: Sendable {
  /// Number of points.
  var count: Int { get }
  /// Whether the kernels are computed for every network, as they do not fit in memory beside those of the
  /// training set.
  var areComputedAnew: Bool { get }

  /// Calls `body` for consecutive blocks of points with their kernels to the training set.
  ///
  /// - Parameters:
  ///   - kernel: the kernel that a solution implies.
  ///   - scale: 1/(lambda1 n).
  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void)
}

/// Kernels of b held-out points; of D outputs that the order parameter couples at every position, k(X, x) is P
/// D x b D, and k(x, x) are b D numbers, point x and output c at x D + c.
struct HeldOutBlock {
  /// k(X, x), P x b, in the coordinates of the regression.
  let cross: Matrix
  /// k(x, x), b numbers; b D in the order of points where outputs have kernels of their own.
  let variances: [Double]
  /// m(x), b numbers; empty where there is no feature.
  let features: [Double]
  /// Those of the points that lie in the range of the training set, in the coordinates of the regression.
  let range: RangeCoordinates?
  /// k(x, x) between the outputs of a point, D x D for each; nil where nobody asked for it, or outputs share a
  /// kernel.
  var covariances: [Matrix]?

  /// Whether f(x) = 0 for certain, as its prior variance is 0: for x = 0, without a bias and with s(0) = 0.
  func isZero(_ point: Int, of points: Int) -> Bool {
    let own = variances.count / points
    return variances[own * point..<own * (point + 1)].allSatisfy { $0 == 0 }
      && (features.isEmpty || features[point] == 0)
  }

  /// The block with the coordinates of every output at a point, where kernels are those of examples and
  /// outputs.
  func spread(over outputs: Int) -> HeldOutBlock {
    HeldOutBlock(
      cross: cross, variances: variances, features: features, range: range?.spread(over: outputs))
  }
}

/// Kernels of held-out points that are computed once, for networks that differ in what they are multiplied by.
struct HeldOutKernel: PointKernels {
  /// What a network multiplies them by.
  enum Factor: Sendable {
    /// 1/(lambda1 n): the averaged kernel sum_ij S_ij K_ij at lambda1 n = 1, of infinite width.
    case scale
    /// Nothing: Kc = K - m m^T in the coordinates Z of a reduction Kc = Z H Z^T, with Z^T Kc(X, x) for
    /// k(X, x). The regression carries the scale.
    case one
  }

  let factor: Factor
  /// k(X, x), P x b.
  let cross: Matrix
  /// k(x, x), b numbers; b D in the order of points where outputs have kernels of their own.
  let variances: [Double]
  /// m(x), b numbers; empty where there are none.
  let features: [Double]
  let range: RangeCoordinates?

  var count: Int { variances.count }
  var areComputedAnew: Bool { false }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    switch factor {
    case .one: body(HeldOutBlock(cross: cross, variances: variances, features: features, range: range))
    case .scale:
      body(
        HeldOutBlock(
          cross: scale * cross, variances: variances.scaled(by: scale), features: features, range: range))
    }
  }
}

/// Points whose kernels of all pairs of positions are held.
struct HeldOutBankPoints: PointKernels {
  let bank: HeldOutBank
  let range: RangeCoordinates?

  var count: Int { bank.points }
  var areComputedAnew: Bool { false }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    body(
      HeldOutBlock(
        cross: bank.cross(kernel), variances: bank.diagonal(kernel), features: [], range: range))
  }
}

/// Points whose kernels are computed block by block for every network.
struct HeldOutPoints: PointKernels {
  let inputs: Matrix
  let training: RangeExamples
  /// The readout factor that pools the means, where the regression has them as a feature.
  var pooling: ReadoutFactor?
  /// Whether the regression needs covariances between the outputs of a point.
  var needsCovariances = false
  private let multiples: RangeMultiples?

  init(inputs: Matrix, training: RangeExamples) {
    self.inputs = inputs
    self.training = training
    multiples = training.multiples(inputs)
  }

  var count: Int { inputs.columns }
  var areComputedAnew: Bool { true }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    for block in inputs.columns.blocks(of: kernel.pointBlock) {
      let points = inputs.selectingColumns(block)
      body(
        HeldOutBlock(
          cross: kernel.cross(training.inputs, points), variances: kernel.diagonal(points),
          features: pooling.map { $0.pooledMeans(kernel.local.means(points)) } ?? [],
          range: training.coordinates(of: points, multiples, block),
          covariances: needsCovariances && kernel.outputs > 1 ? kernel.outputCovariances(points) : nil))
    }
  }
}
