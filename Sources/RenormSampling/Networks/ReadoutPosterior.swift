internal import Foundation
internal import LinearAlgebra

/// The linear model of the readout at given features F (P x K): Y = gamma^(1/2) F zeta + noise of variance T, with
/// zeta ~ N(0, 1) integrated out. For every one of D outputs, with A = T + gamma F F^T,
///
///     log p = -1/2 log det A - 1/2 y^T A^-1 y,     dlog p/dF = gamma (-D A^-1 F + U (F^T U)^T),   U = A^-1 Y.
///
/// `examples` factors A, of order P; `features` factors B = T + gamma F^T F, of order K, with
///
///     log det A = (P - K) log T + log det B,   F^T U = B^-1 F^T Y,   T U = Y - gamma F (F^T U),   A^-1 F = F B^-1,
///     y^T A^-1 y = |T U|^2 / T + gamma |F^T U|^2       (a sum of squares: nothing cancels at small T).
struct ReadoutPosterior: Sendable {
  /// Which matrix is factored.
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
    fileprivate let matrix: WorkArray
    fileprivate let residual: WorkArray
    fileprivate let projection: WorkArray

    init(_ posterior: ReadoutPosterior) {
      let order = posterior.order
      matrix = WorkArray(order * order)
      residual = WorkArray(posterior.count * posterior.outputs)
      projection = WorkArray(posterior.features * posterior.outputs)
    }
  }

  private var order: Int { side == .examples ? count : features }

  /// A or B, its factor or its inverse, in the lower triangle.
  func matrix(_ memory: Memory) -> MatrixView { memory.matrix.matrix(order, order) }
  /// U, P x D.
  func residual(_ memory: Memory) -> MatrixView { memory.residual.matrix(count, outputs) }
  /// F^T U, K x D.
  func projection(_ memory: Memory) -> MatrixView { memory.projection.matrix(features, outputs) }

  /// Factors the smaller matrix, computes U (and F^T U on the side of the features), and returns log p; nil where
  /// the factorisation fails.
  func factor(_ f: MatrixView, _ memory: Memory) -> Double? {
    let (matrix, u, projection) = (matrix(memory), residual(memory), projection(memory))
    if side == .examples {
      matrix.setLowerGram(f, scale: scale)
    } else {
      matrix.setLowerGram(f.transposed, scale: scale)
    }
    for k in 0..<order { matrix[k, k] += temperature }
    guard var logDeterminant = matrix.factorCholesky() else { return nil }
    let quadraticForm: Double
    if side == .examples {
      u.copy(targets.view)
      u.solveCholesky(matrix)
      quadraticForm = u.innerProduct(targets.view)
    } else {
      projection.setProduct(f.transposed, targets.view)
      projection.solveCholesky(matrix)
      u.copy(targets.view)
      u.setProduct(f, projection, scale: -scale / temperature, adding: 1 / temperature)
      quadraticForm = temperature * u.squaredNorm + scale * projection.squaredNorm
      logDeterminant += Double(count - features) * log(temperature)
    }
    return -0.5 * (Double(outputs) * logDeterminant + quadraticForm)
  }

  /// Writes dlog p/dF, P x K, after `factor` at the same F. The factor is replaced by the inverse.
  func setDerivatives(_ derivatives: MatrixView, _ f: MatrixView, _ memory: Memory) {
    let (matrix, u, projection) = (matrix(memory), residual(memory), projection(memory))
    matrix.invertFromCholesky()
    if side == .examples {
      // One product with D A^-1 - U U^T.
      matrix.setLowerGram(u, scale: -1, adding: Double(outputs))
      derivatives.setSymmetricProduct(lower: matrix, f, scale: -scale)
    } else {
      derivatives.setProduct(u, projection.transposed, scale: scale)
      derivatives.setSymmetricProduct(f, lower: matrix, scale: -scale * Double(outputs), adding: 1)
    }
  }
}
