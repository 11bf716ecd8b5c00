internal import Foundation

/// An activation that is smooth, and whose Gaussian moments are sums of its Hermite coefficients
/// (`HermiteSeries`).
protocol SeriesActivation: DifferentiableActivation {
  var series: HermiteSeries { get }
}

extension SeriesActivation {
  public func mean(variance: Double) -> Double { series.mean(variance: variance) }

  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    series.secondMoment(caa, cab, cbb)
  }

  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    series.secondMomentSensitivity(caa, cab, cbb)
  }

  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    series.replaceBySecondMoments(covariances, rowVariances: rowVariances, columnVariances: columnVariances)
  }
}

/// s(h) = tanh h, odd.
public struct Tanh: SeriesActivation {
  let series = HermiteSeries(isOdd: true) { tanh($0) }

  public init() {}
  public var name: String { "tanh" }
  public var isOdd: Bool { true }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { tanh(h) }
  /// 1 - tanh^2 h.
  public func derivative(_ h: Double) -> Double {
    let value = tanh(h)
    return (1 - value) * (1 + value)
  }
  public static func == (a: Tanh, b: Tanh) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}

/// s(h) = 1/(1 + exp(-h)), not odd: its mean is 1/2.
public struct Sigmoid: SeriesActivation {
  let series = HermiteSeries(isOdd: false) { logistic($0) }

  public init() {}
  public var name: String { "sigmoid" }
  public var isOdd: Bool { false }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { logistic(h) }
  /// s (1 - s).
  public func derivative(_ h: Double) -> Double { logistic(h) * logistic(-h) }
  public static func == (a: Sigmoid, b: Sigmoid) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}

/// s(h) = h/(1 + exp(-h)), also called SiLU, not odd.
public struct Swish: SeriesActivation {
  let series = HermiteSeries(isOdd: false) { $0 * logistic($0) }

  public init() {}
  public var name: String { "swish" }
  public var isOdd: Bool { false }
  public func callAsFunction(_ h: Double) -> Double { h * logistic(h) }
  /// s/h (1 + h - s).
  public func derivative(_ h: Double) -> Double { logistic(h) * (1 + h * logistic(-h)) }
  public static func == (a: Swish, b: Swish) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}

/// s(h) = log(1 + exp h), not odd.
public struct Softplus: SeriesActivation {
  let series = HermiteSeries(isOdd: false) { softplus($0) }

  public init() {}
  public var name: String { "softplus" }
  public var isOdd: Bool { false }
  public func callAsFunction(_ h: Double) -> Double { softplus(h) }
  /// 1/(1 + exp(-h)).
  public func derivative(_ h: Double) -> Double { logistic(h) }
  public static func == (a: Softplus, b: Softplus) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}

/// 1/(1 + exp(-h)) without overflow.
private func logistic(_ h: Double) -> Double {
  if h >= 0 { return 1 / (1 + exp(-h)) }
  let power = exp(h)
  return power / (1 + power)
}

/// log(1 + exp h) without overflow.
private func softplus(_ h: Double) -> Double { max(h, 0) + log1p(exp(-abs(h))) }
