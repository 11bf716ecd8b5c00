import Foundation

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// s = sin, a caller's own activation: E[s(a)s(b)] = e^(-(caa + cbb)/2) sinh cab, odd.
///
/// `claimsOdd` false sends it through the saddle equations, where m = 0 must give the same result.
struct Sine: Activation {
  var claimsOdd = true
  var name: String { "sin" }
  var isOdd: Bool { claimsOdd }
  func callAsFunction(_ h: Double) -> Double { sin(h) }
  func mean(variance: Double) -> Double { 0 }
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    exp(-(caa + cbb) / 2) * sinh(cab)
  }
}
