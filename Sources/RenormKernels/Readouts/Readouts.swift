public import LinearAlgebra
internal import Foundation

/// S = 1: independent weights at every position.
public struct IndependentReadout: Readout {
  /// Independent weights.
  public init() {}
  public var name: String { "independent" }
  public func covariance(on grid: PatchGrid) -> Matrix? { nil }
}

/// S_ij = 1/n: the output sees the mean over positions, f = N^(-1/2) sum_a v_a (1/n) sum_i s(h_ai).
public struct MeanPooling: Readout {
  /// The mean over positions.
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
  /// A name and how its prior is made.
  public struct Entry: Sendable {
    /// The name on the command line and in files.
    public let name: String
    /// Whether the prior needs a length scale.
    public let hasLengthScale: Bool
    fileprivate let make: @Sendable (Double) throws(RenormError) -> any Readout
  }

  /// Every readout prior.
  public static let all = [
    Entry(name: "independent", hasLengthScale: false) { _ in IndependentReadout() },
    Entry(name: "mean-pool", hasLengthScale: false) { _ in MeanPooling() },
    Entry(name: "exponential", hasLengthScale: true) { (length) throws(RenormError) in
      try ExponentialReadout(lengthScale: length)
    },
    Entry(name: "matern32", hasLengthScale: true) { (length) throws(RenormError) in
      try Matern32Readout(lengthScale: length)
    },
  ]

  /// The readout prior of the given name; a length scale (in grid units) is needed by some, ignored by others.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name, and a length scale that is missing or not
  ///   positive.
  public static func named(_ name: String, lengthScale: Double?) throws(RenormError) -> any Readout {
    guard let entry = all.first(where: { $0.name == name }) else {
      throw .invalidParameter(
        name: "readout", value: "'\(name)'", accepted: all.map(\.name).joined(separator: ", "))
    }
    guard lengthScale != nil || !entry.hasLengthScale else {
      throw .invalidParameter(
        name: "length scale", value: "missing", accepted: "a positive number of grid units for \(name)")
    }
    return try entry.make(lengthScale ?? 1)
  }
}
