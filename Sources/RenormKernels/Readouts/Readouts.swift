public import LinearAlgebra
internal import Foundation

/// S = 1: independent weights at every position. At infinite width the kernel is the average of the K_ii, the
/// same for a CNN as for an LCN.
public struct IndependentReadout: Readout {
  /// Independent weights.
  public init() {}
  public var name: String { "independent" }
  public func covariance(on grid: PatchGrid) -> Matrix? { nil }
}

/// S_ij = 1/n, of rank one: the output sees the mean over positions, f = N^(-1/2) sum_a v_a (1/n) sum_i
/// s(h_ai), with v_a ~ N(0, 1/lambda1). One number renormalizes the pooled kernel 1/n^2 sum_ij K_ij/lambda1, as
/// for an FC network.
public struct MeanPooling: Readout {
  /// The mean over positions.
  public init() {}
  public var name: String { "mean-pool" }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    let n = grid.positions
    return Matrix(rows: n, columns: n, repeating: 1 / Double(n))
  }
}

/// S_ij = exp(-d_ij / l), d_ij the distance between positions in grid units: a Matern covariance of order 1/2.
/// l -> 0 gives independent weights, l -> infinity equal ones (S_ij = 1, n times that of mean pooling).
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

/// S_ij = (1 + sqrt(3) d_ij / l) exp(-sqrt(3) d_ij / l), d_ij the distance between positions in grid units: a
/// Matern covariance of order 3/2 (Rasmussen and Williams, Gaussian Processes, 2006, section 4.2), flat at d =
/// 0.
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
    help: "Length scale of the readout prior in grid units, for exponential and matern32.",
    aliases: ["lengthscale"])
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
