internal import Foundation

/// Gaussian moments of a function s that is smooth on both sides of 0, where it may have a kink or a jump, by
/// quadrature in two dimensions for every moment: slow, and right where a series does not converge.
///
/// In polar coordinates of the plane in which a = r sin t and b = -r sin(theta - t) (times their deviations),
/// cos theta = u their correlation, the lines a = 0 and b = 0 are rays, so that s is smooth inside the sectors
/// between them:
///
///     E[s(a) s(b)] = (1/2pi) [ int_0^theta G(sin t, -sin(theta - t)) dt
///                              + int_0^(pi - theta) G(sin(pi - theta - t), sin t) dt ]
///     G(x, y)      = int_0^inf r exp(-r^2/2) [ s(r x) s(r y) + s(-r x) s(-r y) ] dr.
///
/// Both integrals by double exponential quadrature (H. Takahasi and M. Mori, Publ. RIMS 9 (1974)), which crowds
/// points at the ends, where a steep function changes; the step is halved until the value settles.
struct PolarQuadrature {
  private let function: (Double) -> Double
  private static let tolerance = 1e-12

  init(_ function: @escaping (Double) -> Double) { self.function = function }

  /// A value, with what it changed by at the last halving of the step.
  struct Estimate {
    let value: Double
    let error: Double
  }

  /// E[s(a)], a ~ N(0, variance).
  func mean(_ variance: Double) -> Double {
    let deviation = variance.squareRoot()
    guard deviation > 0 else { return function(0) }
    return settled { rule in
      rule.reduce(0) { sum, node in
        let z = Self.end * node.x
        let value = function(deviation * z) + function(-deviation * z)
        return sum + Self.end * node.weight * exp(-z * z / 2) * value / (2 * Double.pi).squareRoot()
      }
    }.value
  }

  /// E[s(a) s(b)].
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Estimate {
    let (sa, sb) = (caa.squareRoot(), cbb.squareRoot())
    guard sa > 0, sb > 0 else {
      let (a, b) = (sa > 0 ? mean(caa) : function(0), sb > 0 ? mean(cbb) : function(0))
      return Estimate(value: a * b, error: 0)
    }
    let u = min(max(cab / sa / sb, -1), 1)
    let angle = 2 * atan2((1 - u).squareRoot(), (1 + u).squareRoot())
    return settled { rule in
      let first = sector(angle, rule) { t in (sa * sin(t), -sb * sin(angle - t)) }
      let rest = Double.pi - angle
      return (first + sector(rest, rule) { t in (sa * sin(rest - t), sb * sin(t)) }) / (2 * .pi)
    }
  }

  private typealias Rule = [(x: Double, weight: Double)]

  /// Beyond it r exp(-r^2/2) is below rounding.
  private static let end = 9.5

  private func sector(
    _ length: Double, _ rule: Rule, _ direction: (Double) -> (x: Double, y: Double)
  ) -> Double {
    guard length > 0 else { return 0 }
    return rule.reduce(0) { sum, node in
      let (x, y) = direction(length * node.x)
      return sum + length * node.weight * radial(x, y, rule)
    }
  }

  /// G(x, y).
  private func radial(_ x: Double, _ y: Double, _ rule: Rule) -> Double {
    rule.reduce(0) { sum, node in
      let r = Self.end * node.x
      let value = function(r * x) * function(r * y) + function(-r * x) * function(-r * y)
      return sum + Self.end * node.weight * r * exp(-r * r / 2) * value
    }
  }

  private func settled(_ integral: (Rule) -> Double) -> Estimate {
    var (value, error) = (integral(Self.rule(step: 0.25)), Double.infinity)
    for step in [0.125, 0.0625, 0.03125] {
      let finer = integral(Self.rule(step: step))
      (value, error) = (finer, abs(finer - value))
      if error <= Self.tolerance * abs(finer) { break }
    }
    return Estimate(value: value, error: error)
  }

  /// Points and weights on 0 to 1: x = 1/(1 + exp(-pi sinh tau)).
  private static func rule(step: Double) -> Rule {
    let count = Int(3.2 / step)
    return (-count...count).map { k in
      let tau = step * Double(k)
      let e = exp(-Double.pi * sinh(tau))
      let x = 1 / (1 + e)
      return (x, step * .pi * cosh(tau) * x * (e / (1 + e)))
    }
  }
}
