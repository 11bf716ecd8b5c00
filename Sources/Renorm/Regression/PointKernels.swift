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
/// D x
/// b D, and k(x, x) are b D numbers, point x and output c at x D + c.
struct HeldOutBlock {
  /// k(X, x), P x b, in the coordinates of the regression.
  let cross: Matrix
  /// k(x, x), b numbers.
  let variances: [Double]
  /// m(x), b numbers; empty where there is no feature.
  let features: [Double]
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
  /// k(x, x), b numbers.
  let variances: [Double]
  /// m(x), b numbers; empty where there are none.
  let features: [Double]

  var count: Int { variances.count }
  var areComputedAnew: Bool { false }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    switch factor {
    case .one: body(HeldOutBlock(cross: cross, variances: variances, features: features))
    case .scale:
      body(HeldOutBlock(cross: scale * cross, variances: variances.scaled(by: scale), features: features))
    }
  }
}

extension HeldOutBank: PointKernels {
  var count: Int { points }
  var areComputedAnew: Bool { false }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    body(HeldOutBlock(cross: cross(kernel), variances: diagonal(kernel), features: []))
  }
}

/// Points whose kernels are computed block by block for every network.
struct HeldOutPoints: PointKernels {
  let inputs: Matrix
  let training: Matrix
  /// The readout factor that pools the means, where the regression has them as a feature.
  var pooling: ReadoutFactor?

  /// Points that are predicted together: bounds the memory at 512 P numbers, while products stay large enough
  /// to be fast.
  private static let blockSize = 512

  var count: Int { inputs.columns }
  var areComputedAnew: Bool { true }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    for block in inputs.columns.blocks(of: max(1, Self.blockSize / kernel.outputs)) {
      let points = inputs.selectingColumns(block)
      body(
        HeldOutBlock(
          cross: kernel.cross(training, points), variances: kernel.diagonal(points),
          features: pooling.map { $0.pooledMeans(kernel.local.means(points)) } ?? []))
    }
  }
}
