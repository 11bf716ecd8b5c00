/// The activation behind supplied kernels, of which only it is known whether it has means.
public struct SuppliedActivation: Activation {
  public let isOdd: Bool

  /// - Parameter hasMeans: whether means are supplied with the kernels.
  public init(hasMeans: Bool) { isOdd = !hasMeans }

  public var name: String { "supplied" }
  public func callAsFunction(_ h: Double) -> Double { .nan }
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { .nan }
  public func mean(variance: Double) -> Double { .nan }
}
