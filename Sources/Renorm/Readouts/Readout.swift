public import LinearAlgebra
internal import Foundation

/// The prior of the readout over positions, v_a. ~ N(0, S/lambda1) with an n x n covariance S.
///
/// A. Garriga-Alonso and M. van der Wilk, "Correlated weights in infinite limits of deep convolutional
/// neural networks", UAI 2021.
public protocol Readout: Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The length scale l in grid units, where the prior has one.
  var lengthScale: Double? { get }
  /// The covariance S over the positions of a grid, n x n; nil means the identity.
  func covariance(on grid: PatchGrid) -> Matrix?
}

extension Readout {
  public var lengthScale: Double? { nil }
}

/// S = 1: independent weights at every position.
public struct IndependentReadout: Readout {
  public init() {}
  public var name: String { "independent" }
  public func covariance(on grid: PatchGrid) -> Matrix? { nil }
}

/// S_ij = 1/n: the output sees the mean over positions, f = N^(-1/2) sum_a v_a (1/n) sum_i s(h_ai).
public struct MeanPooling: Readout {
  public init() {}
  public var name: String { "mean-pool" }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    let n = grid.positions
    return Matrix(rows: n, columns: n, repeating: 1 / Double(n))
  }
}

/// S_ij = exp(-d_ij / l), d_ij the distance between positions in grid units.
public struct ExponentialReadout: Readout {
  private let length: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    length = try positive(lengthScale, "length scale")
  }

  public var name: String { "exponential" }
  public var lengthScale: Double? { length }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    Matrix(rows: grid.positions, columns: grid.positions) { i, j in exp(-grid.distance(i, j) / length) }
  }
}

/// S_ij = (1 + sqrt(3) d_ij / l) exp(-sqrt(3) d_ij / l), d_ij the distance between positions in grid units.
public struct Matern32Readout: Readout {
  private let length: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    length = try positive(lengthScale, "length scale")
  }

  public var name: String { "matern32" }
  public var lengthScale: Double? { length }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    Matrix(rows: grid.positions, columns: grid.positions) { i, j in
      let d = 3.0.squareRoot() * grid.distance(i, j) / length
      return (1 + d) * exp(-d)
    }
  }
}

/// A readout prior over the positions of one network, factored as S = B B^T with B of size n x r.
struct ReadoutFactor: Sendable {
  /// B; nil means the identity.
  let basis: Matrix?
  /// The rank r of S.
  let rank: Int

  /// Factors S by its spectrum; eigenvalues below rounding of the largest are zero.
  init(_ readout: any Readout, on grid: PatchGrid) throws(RenormError) {
    guard let covariance = readout.covariance(on: grid) else {
      basis = nil
      rank = grid.positions
      return
    }
    let eigen = try factoring("the readout covariance") { () throws(LinearAlgebraError) in
      try SymmetricEigen(covariance)
    }
    let largest = eigen.values.last ?? 0
    let kept = eigen.values.indices.filter { eigen.values[$0] > 1e-14 * Double(grid.positions) * largest }
    basis = Matrix(rows: grid.positions, columns: kept.count) { i, k in
      eigen.vectors[i, kept[k]] * eigen.values[kept[k]].squareRoot()
    }
    rank = kept.count
  }

  /// B W B^T, from the readout's coordinates (r x r) to positions (n x n).
  func toPositions(_ w: Matrix) -> Matrix {
    guard let basis else { return w }
    return basis * w * basis.asTranspose
  }

  /// B^T G B, a gradient over positions (n x n) in the readout's coordinates (r x r).
  func toCoordinates(_ g: Matrix) -> Matrix {
    guard let basis else { return g }
    return basis.asTranspose * (g * basis)
  }
}

extension ReadoutFactor {
  /// The means m_i(x), P x n, summed over positions by the one column of a rank-one B.
  func pooledMeans(_ means: Matrix) -> [Double] {
    guard let basis else { return means.column(0) }
    return (means * basis).column(0)
  }
}
