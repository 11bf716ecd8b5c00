public import LinearAlgebra

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
  public func covariance(on grid: PatchGrid) -> Matrix? { grid.correlations(.exponential, lengthScale) }
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
  public func covariance(on grid: PatchGrid) -> Matrix? { grid.correlations(.matern32, lengthScale) }
}

/// S_ij = (1 + sqrt(5) d_ij / l + 5 d_ij^2 / (3 l^2)) exp(-sqrt(5) d_ij / l), d_ij the distance between
/// positions in grid units: a Matern covariance of order 5/2 (Rasmussen and Williams, section 4.2).
public struct Matern52Readout: Readout {
  /// The length scale l in grid units.
  public let lengthScale: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    self.lengthScale = try positive(lengthScale, NetworkParameter.lengthScale.words)
  }

  public var name: String { "matern52" }
  public var parameters: ParameterValues { [.lengthScale: .number(lengthScale)] }
  public func covariance(on grid: PatchGrid) -> Matrix? { grid.correlations(.matern52, lengthScale) }
}

/// S_ij = exp(-d_ij^2 / (2 l^2)), d_ij the distance between positions in grid units. Its eigenvalues fall so
/// fast that at length scales of a few grid units it has a numerical rank below n.
public struct SquaredExponentialReadout: Readout {
  /// The length scale l in grid units.
  public let lengthScale: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  public init(lengthScale: Double) throws(RenormError) {
    self.lengthScale = try positive(lengthScale, NetworkParameter.lengthScale.words)
  }

  public var name: String { "squared-exponential" }
  public var parameters: ParameterValues { [.lengthScale: .number(lengthScale)] }
  public func covariance(on grid: PatchGrid) -> Matrix? { grid.correlations(.squaredExponential, lengthScale) }
}

extension PatchGrid {
  /// The correlation of every pair of positions, n x n.
  fileprivate func correlations(_ correlation: Correlation, _ lengthScale: Double) -> Matrix {
    Matrix(rows: positions, columns: positions) { i, j in
      correlation(distance(i, j), lengthScale: lengthScale)
    }
  }
}

extension NetworkParameter {
  /// The length scale l of a readout prior, in grid units.
  public static let lengthScale = NetworkParameter(
    "length-scale", symbol: Symbol("ℓ"), .positive(unit: "grid units"), isInKernels: true,
    help: "Length scale of the readout prior in grid units, for exponential, matern32, matern52 and "
      + "squared-exponential.",
    aliases: ["lengthscale"])
}
