/// s(h) = h for h > 0, else k h with a slope k: (1 - k) relu(h) + k h, homogeneous of degree one, odd for k = 1
/// only:
///
///     E[s(a) s(b)] = (1 - k)^2 E[relu(a) relu(b)] + k cab,   E[s(a)] = (1 - k) sqrt(caa/2pi),
///
/// as E[relu(a) b] = cab/2.
public struct LeakyReLU: DifferentiableActivation {
  /// k.
  public let slope: Double
  private let relu = ReLU()

  /// - Throws: `RenormError.invalidParameter` unless the slope is positive and finite.
  public init(slope: Double = 0.01) throws(RenormError) {
    self.slope = try positive(slope, NetworkParameter.activationSlope.words)
  }

  public var name: String { "leaky-relu" }
  public var parameters: ParameterValues { [.activationSlope: .number(slope)] }
  public var isOdd: Bool { slope == 1 }
  public var isHomogeneous: Bool { true }
  public func callAsFunction(_ h: Double) -> Double { h > 0 ? h : slope * h }
  /// 1 for h > 0, else k.
  public func derivative(_ h: Double) -> Double { h > 0 ? 1 : slope }
  public func mean(variance: Double) -> Double { (1 - slope) * relu.mean(variance: variance) }

  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    (1 - slope) * (1 - slope) * relu.secondMoment(caa, cab, cbb) + slope * cab
  }

  /// Vectorised, as relu.
  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    let plain = Array(covariances)
    relu.replaceBySecondMoments(covariances, rowVariances: rowVariances, columnVariances: columnVariances)
    let weight = (1 - slope) * (1 - slope)
    for k in covariances.indices { covariances[k] = weight * covariances[k] + slope * plain[k] }
  }
}

extension NetworkParameter {
  /// The slope of leaky relu on the negative side.
  public static let activationSlope = NetworkParameter(
    "activation-slope", .positive(unit: nil), default: .number(0.01), isInKernels: true,
    help: "Slope of leaky-relu on the negative side.")
}
