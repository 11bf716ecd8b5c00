internal import Foundation
internal import LinearAlgebra

/// The linear model of the readout at given features F (P x K): Y = gamma^(1/2) F zeta + noise of variance T,
/// with zeta ~ N(0, 1) integrated out. For every one of D outputs, with A = T + gamma F F^T,
///
///     log p = -1/2 log det A - 1/2 y^T A^-1 y,     dlog p/dF = gamma (-D A^-1 F + U (F^T U)^T),   U = A^-1 Y.
///
/// `examples` works with A, of order P; `features` with B = T + gamma F^T F, of order K, and
///
///     log det A = (P - K) log T + log det B,   F^T U = B^-1 F^T Y,   T U = Y - gamma F (F^T U),
///     A^-1 F = F B^-1,
///     y^T A^-1 y = |T U|^2 / T + gamma |F^T U|^2       (a sum of squares: nothing cancels at small T).
struct ReadoutPosterior: Sendable {
  /// Which matrix is inverted.
  enum Side: Sendable { case examples, features }

  let side: Side
  let temperature: Double
  /// gamma.
  let scale: Double
  /// K.
  let features: Int
  /// Y, P x D.
  let targets: WorkMatrix

  /// - Parameter side: the smaller matrix where nil.
  init(layer: HiddenLayer, temperature: Double, targets: Matrix, side: Side? = nil) {
    self.side = side ?? (layer.features < targets.rows ? .features : .examples)
    self.temperature = temperature
    scale = layer.featureScale
    features = layer.features
    self.targets = WorkMatrix(targets)
  }

  var count: Int { targets.view.rows }
  var outputs: Int { targets.view.columns }

  /// Memory of one chain.
  struct Memory {
    fileprivate let matrix, inverse, residual, projection, right, scratch: WorkArray

    init(_ posterior: ReadoutPosterior) {
      let order = posterior.order
      matrix = WorkArray(order * order)
      inverse = WorkArray(order * order)
      residual = WorkArray(posterior.count * posterior.outputs)
      projection = WorkArray(posterior.features * posterior.outputs)
      right = WorkArray(order * posterior.outputs)
      scratch = WorkArray(MatrixView.inverseScratch(order: order))
    }
  }

  var order: Int { side == .examples ? count : features }

  /// A or B.
  private func matrix(_ memory: Memory) -> MatrixView { memory.matrix.matrix(order, order) }
  /// The inverse of A or B, after `invert`.
  func inverse(_ memory: Memory) -> MatrixView { memory.inverse.matrix(order, order) }
  /// U, P x D.
  func residual(_ memory: Memory) -> MatrixView { memory.residual.matrix(count, outputs) }
  /// F^T U, K x D; on the side of the examples after `setProjection` only.
  func projection(_ memory: Memory) -> MatrixView { memory.projection.matrix(features, outputs) }

  /// Inverts A or B, computes U (and F^T U on the side of the features), and returns log p; nil where the
  /// matrix is not positive definite.
  func invert(_ f: MatrixView, _ memory: Memory) -> Double? {
    assemble(f, memory)
    let inverse = inverse(memory)
    inverse.copy(matrix(memory))
    guard let logDeterminant = inverse.invertPositiveDefinite(memory.scratch) else { return nil }
    let (u, projection) = (residual(memory), projection(memory))
    let right = memory.right.matrix(order, outputs)
    if side == .examples {
      right.copy(targets.view)
      solve(u, right, memory)
      return -0.5 * (Double(outputs) * logDeterminant + u.innerProduct(targets.view))
    }
    right.setProduct(f.transposed, targets.view)
    solve(projection, right, memory)
    u.copy(targets.view)
    u.setProduct(f, projection, scale: -scale / temperature, adding: 1 / temperature)
    let quadraticForm = temperature * u.squaredNorm + scale * projection.squaredNorm
    let rest = Double(count - features) * log(temperature)
    return -0.5 * (Double(outputs) * (logDeterminant + rest) + quadraticForm)
  }

  /// X <- A^-1 C, or B^-1 C, after `invert`. C is lost.
  func solve(_ x: MatrixView, _ right: MatrixView, _ memory: Memory) {
    let inverse = inverse(memory)
    x.setProduct(inverse, right)
    // One step of refinement: see `MatrixView.invertPositiveDefinite`.
    right.setProduct(matrix(memory), x, scale: -1, adding: 1)
    x.setProduct(inverse, right, adding: 1)
  }

  private func assemble(_ f: MatrixView, _ memory: Memory) {
    let matrix = matrix(memory)
    if side == .examples {
      matrix.setGram(f, scale: scale)
    } else {
      matrix.setGram(f.transposed, scale: scale)
    }
    for k in 0..<order { matrix[k, k] += temperature }
  }

  /// Writes dlog p/dF, P x K, after `invert` at the same F. The inverse is lost.
  func setDerivatives(_ derivatives: MatrixView, _ f: MatrixView, _ memory: Memory) {
    let (inverse, u) = (inverse(memory), residual(memory))
    if side == .examples {
      // One product with D A^-1 - U U^T.
      inverse.setProduct(u, u.transposed, scale: -1, adding: Double(outputs))
      derivatives.setProduct(inverse, f, scale: -scale)
    } else {
      derivatives.setProduct(u, projection(memory).transposed, scale: scale)
      derivatives.setProduct(f, inverse, scale: -scale * Double(outputs), adding: 1)
    }
  }
}
