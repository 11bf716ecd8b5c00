public import LinearAlgebra

/// The prior of the filters over the pixels of the mask, w ~ N(0, F/lambda0) with an M x M covariance F
/// (docs/theory.md, section 6): then
///
///     C_ij(x, x') = x_i^T F x'_j/(lambda0 M).
///
/// A filter whose neighbouring pixels are correlated blurs what it sees. With a correlated readout S it makes
/// the network of A. Garriga-Alonso and M. van der Wilk, "Correlated weights in infinite limits of deep
/// convolutional neural networks", UAI 2021. The mask of an FC network is the whole image.
public protocol FilterPrior: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The values of its parameters, from which `FilterPriors.builtIn` makes it again; none by default.
  var parameters: ParameterValues { get }
  /// F, symmetric positive semidefinite and not 0: over the pixels of one channel of the mask, rows x columns,
  /// where channels are independent and alike; or M x M over channels x rows x columns. Nil means the identity.
  func covariance(on grid: PatchGrid) -> Matrix?
}

extension FilterPrior {
  public var parameters: ParameterValues { [:] }
}

/// F = 1: independent weights.
public struct IndependentFilter: FilterPrior {
  /// Independent weights.
  public init() {}
  public var name: String { "independent" }
  public func covariance(on grid: PatchGrid) -> Matrix? { nil }
}

/// F_dd' falls with the distance between two pixels of the mask, F_dd = 1, the same for every channel and none
/// between channels: `exponential`, `matern32`, `matern52` and `squared-exponential` as for the readout.
public struct CorrelatedFilter: FilterPrior {
  package let correlation: Correlation
  /// The length scale l in pixels.
  public let lengthScale: Double

  /// - Throws: `RenormError.invalidParameter` unless the length scale is positive and finite.
  package init(_ correlation: Correlation, lengthScale: Double) throws(RenormError) {
    self.correlation = correlation
    self.lengthScale = try positive(lengthScale, NetworkParameter.filterLengthScale.words)
  }

  /// exp(-d/l).
  ///
  /// - Throws: as all of these, `RenormError.invalidParameter` unless the length scale is positive and finite.
  public static func exponential(lengthScale: Double) throws(RenormError) -> CorrelatedFilter {
    try CorrelatedFilter(.exponential, lengthScale: lengthScale)
  }
  /// (1 + sqrt(3) d/l) exp(-sqrt(3) d/l).
  public static func matern32(lengthScale: Double) throws(RenormError) -> CorrelatedFilter {
    try CorrelatedFilter(.matern32, lengthScale: lengthScale)
  }
  /// (1 + sqrt(5) d/l + 5 d^2/(3 l^2)) exp(-sqrt(5) d/l).
  public static func matern52(lengthScale: Double) throws(RenormError) -> CorrelatedFilter {
    try CorrelatedFilter(.matern52, lengthScale: lengthScale)
  }
  /// exp(-d^2/(2 l^2)).
  public static func squaredExponential(lengthScale: Double) throws(RenormError) -> CorrelatedFilter {
    try CorrelatedFilter(.squaredExponential, lengthScale: lengthScale)
  }

  public var name: String { correlation.rawValue }
  public var parameters: ParameterValues { [.filterLengthScale: .number(lengthScale)] }
  public func covariance(on grid: PatchGrid) -> Matrix? {
    let (pixels, width) = (grid.mask.height * grid.mask.width, grid.mask.width)
    return Matrix(rows: pixels, columns: pixels) { d, e in
      let (down, across) = (Double(d / width - e / width), Double(d % width - e % width))
      return correlation((down * down + across * across).squareRoot(), lengthScale: lengthScale)
    }
  }
}

extension NetworkParameter {
  /// The length scale l of a filter prior, in pixels.
  public static let filterLengthScale = NetworkParameter(
    "filter-length-scale", .positive(unit: "pixels"), isInKernels: true,
    help: "Length scale of the filter prior in pixels, for all but independent.")
}

/// The filter priors that can be chosen by name.
public enum FilterPriors {
  /// Every built-in filter prior.
  public static let builtIn = Registry<any FilterPrior>(
    "filter prior",
    [.init("independent") { _ in IndependentFilter() }]
      + Correlation.allCases.map { correlation in
        .init(correlation.rawValue, [.filterLengthScale]) { (values) throws(RenormError) in
          try CorrelatedFilter(
            correlation, lengthScale: values.number(.filterLengthScale, for: correlation.rawValue))
        }
      }
      + [
        .init("file", [.filterFile]) { (values) throws(RenormError) in
          try MatrixFilter(values[.filterFile]?.matrix)
        }
      ])
}
