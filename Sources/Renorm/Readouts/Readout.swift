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

/// The readout priors that can be chosen by name.
public enum Readouts {
  /// Every name, with whether it takes a length scale.
  public static let all: [(name: String, hasLengthScale: Bool)] = [
    ("independent", false), ("mean-pool", false), ("exponential", true), ("matern32", true),
  ]

  /// The readout prior of the given name; a length scale (in grid units) is needed by some.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name, and a length scale that is missing or not
  ///   positive.
  public static func named(_ name: String, lengthScale: Double?) throws(RenormError) -> any Readout {
    guard let entry = all.first(where: { $0.name == name }) else {
      throw .invalidParameter(
        name: "readout", value: "'\(name)'", accepted: all.map(\.name).joined(separator: ", "))
    }
    if entry.hasLengthScale, lengthScale == nil {
      throw .invalidParameter(
        name: "length scale", value: "missing", accepted: "a positive number of grid units for \(name)")
    }
    switch (name, lengthScale) {
    case ("mean-pool", _): return MeanPooling()
    case ("exponential", let length?): return try ExponentialReadout(lengthScale: length)
    case ("matern32", let length?): return try Matern32Readout(lengthScale: length)
    default: return IndependentReadout()
    }
  }
}
