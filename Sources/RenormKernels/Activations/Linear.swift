/// s(h) = h:  E[s(a)s(b)] = cab,  E[s(a)] = 0.
public struct Linear: DifferentiableActivation {
  public init() {}

  public var name: String { "linear" }
  public var isOdd: Bool { true }
  public var isHomogeneous: Bool { true }
  public func callAsFunction(_ h: Double) -> Double { h }
  public func derivative(_ h: Double) -> Double { 1 }
  public func mean(variance: Double) -> Double { 0 }
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { cab }

  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {}
}
