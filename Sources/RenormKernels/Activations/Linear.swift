/// s(h) = h, odd:
///
///     E[s(a) s(b)] = cab,   E[s(a)] = 0.
///
/// K_ij = C_ij = x_i . x'_j/(lambda0 M) has at most the rank of the inputs, which `RangeExamples` uses. For
/// this activation alone the theory of docs/theory.md, section 3, is exact up to corrections of order 1/N to
/// its saddle, on any data, as sums of Gaussian features are Gaussian.
public struct Linear: DifferentiableActivation {
  public init() {}

  public var name: String { "linear" }
  public var isOdd: Bool { true }
  public var isHomogeneous: Bool { true }
  public var isLinear: Bool { true }
  public func callAsFunction(_ h: Double) -> Double { h }
  public func derivative(_ h: Double) -> Double { 1 }
  public func mean(variance: Double) -> Double { 0 }
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { cab }

  /// Nothing to do: the moments are the covariances.
  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {}
}
