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
  /// The length scale l in grid units.
  public let lengthScale: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    self.lengthScale = try positive(lengthScale, NetworkParameter.lengthScale.words)
  }

  public var name: String { "exponential" }
  public var parameters: ParameterValues { [.lengthScale: .number(lengthScale)] }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    Matrix(rows: grid.positions, columns: grid.positions) { i, j in exp(-grid.distance(i, j) / lengthScale) }
  }
}

/// S_ij = (1 + sqrt(3) d_ij / l) exp(-sqrt(3) d_ij / l), d_ij the distance between positions in grid units.
public struct Matern32Readout: Readout {
  /// The length scale l in grid units.
  public let lengthScale: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    self.lengthScale = try positive(lengthScale, NetworkParameter.lengthScale.words)
  }

  public var name: String { "matern32" }
  public var parameters: ParameterValues { [.lengthScale: .number(lengthScale)] }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    Matrix(rows: grid.positions, columns: grid.positions) { i, j in
      let d = 3.0.squareRoot() * grid.distance(i, j) / lengthScale
      return (1 + d) * exp(-d)
    }
  }
}

extension NetworkParameter {
  /// The length scale l of a readout prior, in grid units.
  public static let lengthScale = NetworkParameter(
    "length-scale", symbol: Symbol("ℓ"), .positive(unit: "grid units"), isInKernels: true,
    help: "Length scale of the readout prior in grid units, for exponential and matern32.", aliases: ["lengthscale"])
}

/// The readout priors that can be chosen by name.
public enum Readouts {
  /// Every built-in readout prior.
  public static let builtIn = Registry<any Readout>(
    "readout",
    [
      .init("independent") { _ in IndependentReadout() },
      .init("mean-pool") { _ in MeanPooling() },
      .init("exponential", [.lengthScale]) { (values) throws(RenormError) in
        try ExponentialReadout(lengthScale: values.number(.lengthScale, for: "exponential"))
      },
      .init("matern32", [.lengthScale]) { (values) throws(RenormError) in
        try Matern32Readout(lengthScale: values.number(.lengthScale, for: "matern32"))
      },
    ])
}
