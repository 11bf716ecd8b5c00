/// The reduction K = Z H Z^T of a symmetric matrix to a tridiagonal H with an orthogonal Z.
///
/// It costs 4 P^3/3 operations once; afterwards T I + s K can be factored for any T and s in O(P).
public struct TridiagonalReduction: Sendable {
  /// The diagonal of H, P numbers.
  public let diagonal: [Double]
  /// The subdiagonal of H, P - 1 numbers.
  public let subdiagonal: [Double]
  private let rotation: any Rotation

  /// The order from which a band on the way saves time: half of the work of dsytrd is products of K with a
  /// vector, at the speed of memory, and that of the reduction to a band is products of matrices.
  ///
  /// CPU time in one step and by a band, one thread: P = 1000 0.07 and 0.10 s, 2000 0.76 and 0.64, 4000 7.1 and
  /// 4.1. A rotation of many vectors by a band takes twice as long, so that this is above where they are equal.
  private static let smallestBandedOrder = 2500
  /// The half-width of the band: wider ones save little of the first step and cost more in the second.
  private static let bandwidth = 48

  /// Numbers that the reduction of a matrix of order P takes beside its place: a band with room for its bulge,
  /// and blocks of reflections.
  package static func workspace(order: Int) -> Int {
    order * (order < smallestBandedOrder ? 64 : 6 * bandwidth)
  }

  /// Reduces K, of which only the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  public init(_ k: consuming Matrix) throws(LinearAlgebraError) {
    let isLarge = k.rows >= Self.smallestBandedOrder
    try self.init(consume k, bandwidth: isLarge ? Self.bandwidth : nil)
  }

  /// - Parameter bandwidth: the half-width of the band on the way, 2...P - 2; nil to reduce in one step.
  init(_ k: consuming Matrix, bandwidth: Int?) throws(LinearAlgebraError) {
    precondition(k.rows == k.columns && k.rows > 0, "reduction of a \(k.rows) x \(k.columns) matrix")
    try k.requireFiniteLowerTriangle()
    if let bandwidth {
      let stages = try BandedRotation.reducing(consume k, bandwidth: bandwidth)
      (diagonal, subdiagonal, rotation) = (stages.diagonal, stages.subdiagonal, stages.rotation)
    } else {
      let step = try HouseholderRotation.reducing(consume k)
      (diagonal, subdiagonal, rotation) = (step.diagonal, step.subdiagonal, step.rotation)
    }
  }

  /// The order P.
  public var order: Int { diagonal.count }

  /// Z^T B for B of size P x k.
  public func rotate(_ b: Matrix) -> Matrix { multiply(b, transposed: true) }

  /// Z B for B of size P x k.
  public func rotateBack(_ b: Matrix) -> Matrix { multiply(b, transposed: false) }

  private func multiply(_ b: Matrix, transposed: Bool) -> Matrix {
    precondition(b.rows == order, "rotating \(b.rows) rows with order \(order)")
    var result = b
    if b.columns > 0 { rotation.apply(to: &result, transposed: transposed) }
    return result
  }

  /// H x.
  public func multiply(_ x: [Double]) -> [Double] {
    precondition(x.count == order, "\(x.count) numbers for order \(order)")
    return (0..<order).map { i in
      diagonal[i] * x[i] + (i > 0 ? subdiagonal[i - 1] * x[i - 1] : 0)
        + (i + 1 < order ? subdiagonal[i] * x[i + 1] : 0)
    }
  }

  /// Factors T I + s H in O(P).
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite`, `.notFinite` where the elements overflow.
  public func shifted(by shift: Double, scale: Double) throws(LinearAlgebraError) -> ShiftedTridiagonal {
    try ShiftedTridiagonal(self, shift: shift, scale: scale)
  }
}

/// An orthogonal matrix Z, kept as the reflections of which it is the product.
protocol Rotation: Sendable {
  /// Replaces B by Z B, or by Z^T B where `transposed`.
  func apply(to b: inout Matrix, transposed: Bool)
}
