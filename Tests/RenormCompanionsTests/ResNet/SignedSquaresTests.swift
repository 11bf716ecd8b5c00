import Foundation
import GSLNumerics
import Testing

@testable import RenormCompanions

@Suite struct SignedSquaresTests {
  /// Test vectors of an independent implementation, to the digits given.
  @Test func tabulatedValues() {
    for (r, covariance, drift) in [
      (0.25, 0.64327224, 0.65661976), (0.5, 1.32699334, 1.43599112), (0.5.squareRoot(), 1.95492966, 2.27323954),
      (0.9, 2.61695216, 3.30867647), (1, 3, 4),
    ] {
      expectNear(SignedSquares.covariance(r), covariance, 1e-8)
      expectNear(SignedSquares.drift(r), drift, 1e-8)
      #expect(SignedSquares.covariance(-r) == -SignedSquares.covariance(r))
      #expect(SignedSquares.drift(-r) == -SignedSquares.drift(r))
    }
    #expect(SignedSquares.covariance(0) == 0 && SignedSquares.drift(0) == 0)
  }

  /// The definition by quadrature: E over x of S(x) E[S(y) | x], and the derivative by central differences.
  @Test(arguments: [-0.8, 0.1, 0.6, 0.95]) func definition(r: Double) {
    func inner(_ x: Double) -> Double {
      // y | x ~ N(r x, 1 - r^2): E S(y) = (m^2 + s^2)(1 - 2 Phi(-m/s)) + 2 m s phi(m/s).
      let (m, s) = (r * x, (1 - r * r).squareRoot())
      let density = exp(-m * m / (2 * s * s)) / (2 * Double.pi).squareRoot()
      return (m * m + s * s) * (1 - 2 * NormalDistribution.cumulative(-m / s)) + 2 * m * s * density
    }
    let value = Quadrature.integrate(from: 0, to: .infinity) { x in
      2 * x * x * inner(x) * exp(-x * x / 2) / (2 * Double.pi).squareRoot()
    }
    #expect(value.hasConverged)
    expectNear(SignedSquares.covariance(r), value.value, 1e-9)
    let step = 1e-5
    let slope = (SignedSquares.covariance(r + step) - SignedSquares.covariance(r - step)) / (2 * step)
    expectNear(SignedSquares.drift(r), r * slope, 1e-8)
  }
}
