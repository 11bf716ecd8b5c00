import Foundation
import GSLNumerics
import Renorm
import Testing

@testable import RenormCompanions

@Suite struct ResNetOutputTests {
  private func output(_ n: Int, _ d: Int, nout: Int, isInfinite: Bool = false) throws -> ResNetOutput {
    let half = 0.5.squareRoot()
    let law = ResNetLaw(try ResNetShape(width: n, depth: d, alphas: [half], lambdas: [half]))
    return try ResNetOutput(law, inputs: 3, outputs: nout, inputNorm: 2, isInfinite: isInfinite)
  }

  /// The distribution function and the density by adaptive quadrature over the Gaussian part.
  @Test(arguments: [1, 10, 1000]) func againstQuadrature(nout: Int) throws {
    let law = try output(100, 100, nout: nout)
    let (mean, variance) = law.gaussian
    for t in [-8.0, -1, 0, 2, 5, 9] {
      func average(_ f: (Double) -> Double) -> Double {
        Quadrature.integrate(from: -9, to: 9, relative: 1e-10, absolute: 1e-13) { u in
          exp(-u * u / 2) / (2 * Double.pi).squareRoot() * f(law.logScale + mean + variance.squareRoot() * u)
        }.value
      }
      expectNear(
        law.cumulative(t), average { SpecialFunctions.chiSquaredCumulative(exp(t - $0), Double(nout)) }, 1e-8)
      let step = 1e-4
      expectNear(law.density(t), (law.cumulative(t + step) - law.cumulative(t - step)) / (2 * step), 1e-6)
    }
  }

  /// Mean and variance are those of the density.
  @Test func moments() throws {
    let law = try output(50, 20, nout: 4)
    let mean = Quadrature.integrate(from: -40, to: 30, relative: 1e-8) { $0 * law.density($0) }.value
    let square = Quadrature.integrate(from: -40, to: 30, relative: 1e-8) { $0 * $0 * law.density($0) }.value
    expectNear(law.mean, mean, 1e-6)
    expectNear(law.variance, square - mean * mean, 1e-5)
  }

  /// The recorded variances of networks with all their matrices, n = 50, d = 25 and ten inputs and outputs, to
  /// the digits given; the recorded means are those of inputs whose norms are not.
  @Test(arguments: [(ResNetShape.Gating.vanilla, 2.77, 0.005), (.balanced, 1.387, 0.0005)])
  func recorded(gating: ResNetShape.Gating, variance: Double, error: Double) throws {
    let half = 0.5.squareRoot()
    let shape = try ResNetShape(width: 50, depth: 25, alphas: [half], lambdas: [half], gating: gating)
    let output = try ResNetOutput(ResNetLaw(shape), inputs: 10, outputs: 10)
    expectNear(output.variance, variance, error)
  }

  /// At infinite width |zout|^2 nin/|x|^2 is chi squared.
  @Test func infiniteWidth() throws {
    let law = try output(100, 100, nout: 5, isInfinite: true)
    expectNear(law.cumulative(log(4.0 / 3 * 4)), SpecialFunctions.chiSquaredCumulative(4, 5), 1e-12)
  }

  /// P(chi2_4 <= x) = 1 - e^(-x/2)(1 + x/2), and the trigamma function of 1 is pi^2/6.
  @Test func specialFunctions() {
    expectNear(SpecialFunctions.chiSquaredCumulative(3, 4), 1 - exp(-1.5) * 2.5, 1e-14)
    expectNear(ResNetOutput.logChiSquared(2).variance, .pi * .pi / 6, 1e-13)
    expectNear(ResNetOutput.logChiSquared(2).mean, -0.5772156649015329 + log(2), 1e-13)
  }

  @Test func tables() throws {
    let law = try output(100, 100, nout: 3)
    let table = law.tabulatedCumulative(from: -10, to: 10)
    for t in [-9.99, -3.3, 0.123, 7] { expectNear(table(t), law.cumulative(t), 2e-6) }
  }
}
