import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels

/// Gaussian moments of activations by series and quadrature, against closed forms and numbers of other
/// programs.
@Suite struct MomentTests {
  /// Random covariances: variances over three decades, correlations up to 1 - 1e-6 on both sides, and 1.
  private func covariances(_ seed: UInt32, count: Int = 60) -> [(Double, Double, Double)] {
    let generator = RandomGenerator(seed: seed)
    return (0..<count).map { k in
      let (a, b) = (pow(10, 2.5 * generator.uniform() - 1.5), pow(10, 2.5 * generator.uniform() - 1.5))
      let distance = pow(10, -6 * generator.uniform())
      let u = [2 * generator.uniform() - 1, 1 - distance, distance - 1, 1][k % 4]
      return k % 4 == 3 ? (a, a, a) : (a, u * (a * b).squareRoot(), b)
    }
  }

  /// Errors in units of (E[s(a)^2] E[s(b)^2])^(1/2).
  private func expectClose(
    _ value: Double, _ expected: Double, _ s: any Activation, _ c: (Double, Double, Double), _ tolerance: Double
  ) {
    let scale = (s.secondMoment(c.0, c.0, c.0) * s.secondMoment(c.2, c.2, c.2)).squareRoot()
    #expect(abs(value - expected) <= tolerance * scale, "\(s.name) \(c): \(value), \(expected)")
  }

  /// erf by its Hermite series against the arcsine.
  @Test func seriesOfErf() throws {
    let series = HermiteSeries(isOdd: true) { erf($0) }
    for c in covariances(1) {
      #expect(series.hasSeries(variance: c.0) && series.hasSeries(variance: c.2))
      expectClose(series.secondMoment(c.0, c.1, c.2), Erf().secondMoment(c.0, c.1, c.2), Erf(), c, 1e-12)
    }
  }

  /// A function that is not said to be odd has coefficients of even order too; gelu has a closed form.
  @Test func seriesOfGELU() throws {
    let series = HermiteSeries(isOdd: false) { GELU()($0) }
    for c in covariances(2) {
      expectClose(series.secondMoment(c.0, c.1, c.2), GELU().secondMoment(c.0, c.1, c.2), GELU(), c, 1e-12)
      #expect(abs(series.mean(variance: c.0) - GELU().mean(variance: c.0)) <= 1e-13 * (1 + c.0))
    }
  }

  /// The quadrature in two dimensions, which takes over where there is no series: erf to 1e-10 and relu, with
  /// its kink, to 1e-8.
  @Test func quadratureOfErfAndReLU() {
    let (one, other) = (PolarQuadrature { erf($0) }, PolarQuadrature { max(0, $0) })
    for c in covariances(3, count: 16) {
      expectClose(one.secondMoment(c.0, c.1, c.2).value, Erf().secondMoment(c.0, c.1, c.2), Erf(), c, 1e-10)
      expectClose(other.secondMoment(c.0, c.1, c.2).value, ReLU().secondMoment(c.0, c.1, c.2), ReLU(), c, 1e-8)
      #expect(abs(other.mean(c.0) - ReLU().mean(variance: c.0)) <= 1e-10 * (1 + c.0))
    }
  }

  /// A step: the arcsine law of orthants, 1/4 + asin(u)/2pi.
  @Test func quadratureOfAStep() {
    let step = PolarQuadrature { $0 > 0 ? 1 : 0 }
    for c in covariances(4, count: 12) {
      let u = min(max(c.1 / (c.0 * c.2).squareRoot(), -1), 1)
      #expect(abs(step.secondMoment(c.0, c.1, c.2).value - (0.25 + asin(u) / (2 * .pi))) <= 1e-8)
    }
  }

  @Test func numbersOfOtherPrograms() {
    // One value each, which keeps its tables.
    let references: [(any Activation, [(Double, Double, Double, Double)], Double)] = [
      (Tanh(), MomentReference.tanh, 1e-12), (GELU(), MomentReference.gelu, 1e-14),
      (Softplus(), MomentReference.softplus, 1e-12),
    ]
    for (s, rows, tolerance) in references {
      for (a, c, b, value) in rows {
        expectClose(s.secondMoment(a, c, b), value, s, (a, c, b), tolerance)
      }
    }
    #expect(MomentReference.tanh.count == 50 && MomentReference.gelu.count == 50)
    #expect(MomentReference.softplus.count == 50)
  }

  /// All others against the two-dimensional quadrature, which for hard-tanh and relu6, with kinks off 0, is
  /// good to about 1e-5 only: for these, numbers by one-dimensional quadrature over a of the average over b
  /// given a.
  @Test(arguments: ["sigmoid", "swish", "leaky-relu", "sin", "cos", "quadratic", "tanh", "softplus"])
  func agreesWithQuadrature(name: String) throws {
    let s = try Activations.builtIn.named(name, [.activationSlope: .number(0.3)])
    let quadrature = PolarQuadrature { s($0) }
    for c in covariances(5, count: 10) where c.0 < 4 && c.2 < 4 {
      expectClose(s.secondMoment(c.0, c.1, c.2), quadrature.secondMoment(c.0, c.1, c.2).value, s, c, 1e-9)
      #expect(abs(s.mean(variance: c.0) - quadrature.mean(c.0)) <= 1e-10 * (1 + c.0))
    }
  }

  /// Given a, b is N(cab a/caa, cbb - cab^2/caa), and E[max(0, b - t)] = d phi(m/d) + m Phi(m/d) with the mean
  /// m of b - t and its deviation d; over a adaptive quadrature between the kinks.
  @Test(arguments: ["hard-tanh", "relu6"]) func piecewiseLinear(name: String) throws {
    let s = try Activations.builtIn.named(name)
    func ramp(_ m: Double, _ d: Double) -> Double {
      d * exp(-m * m / (2 * d * d)) / (2 * Double.pi).squareRoot() + m * NormalDistribution.cumulative(m / d)
    }
    func average(_ m: Double, _ d: Double) -> Double {
      name == "relu6" ? ramp(m, d) - ramp(m - 6, d) : ramp(m + 1, d) - ramp(m - 1, d) - 1
    }
    for (a, c, b) in covariances(6, count: 40) where abs(c) < (a * b).squareRoot() * (1 - 1e-7) {
      let deviation = (b - c * c / a).squareRoot()
      let kinks = [-6.0, -1, 0, 1, 6].map { $0 / a.squareRoot() }
      let breaks = ([-12] + kinks + [12]).map { min(max($0, -12), 12) }
      let value = zip(breaks, breaks.dropFirst()).reduce(0.0) { sum, piece in
        sum
          + Quadrature.integrate(from: piece.0, to: piece.1, relative: 1e-12, absolute: 1e-15) { z in
            let x = a.squareRoot() * z
            return exp(-z * z / 2) / (2 * Double.pi).squareRoot() * s(x) * average(c / a * x, deviation)
          }.value
      }
      expectClose(s.secondMoment(a, c, b), value, s, (a, c, b), 1e-10)
    }
  }

  /// Kernels of 12 random inputs have no eigenvalue below rounding.
  @Test(arguments: Activations.builtIn.names) func kernelsArePositiveSemidefinite(name: String) throws {
    let s = try Activations.builtIn.named(name, [.activationSlope: .number(0.2)])
    let generator = RandomGenerator(seed: 31)
    for _ in 0..<200 {
      let scale = [0.1, 1, 3][generator.integer(below: 3)]
      let x = Matrix(rows: 4, columns: 12) { _, _ in scale * generator.gaussian() }
      var k = x.asTranspose * x
      let variances = k.diagonal
      k.withUnsafeMutableElements { elements in
        variances.withUnsafeBufferPointer { variances in
          s.replaceBySecondMoments(elements, rowVariances: variances, columnVariances: variances)
        }
      }
      let values = try SymmetricEigen(k.symmetricPart).values
      // The largest element times the order and a few hundred units of rounding.
      #expect((values.first ?? -1) >= -1e-12 * (values.last ?? 0), "\(name): \(values)")
    }
  }

  /// s(c h) = c s(h): K(c^2 caa, c d cab, d^2 cbb) = c d K(caa, cab, cbb).
  @Test func homogeneity() throws {
    let activations: [any Activation] = [ReLU(), try LeakyReLU(slope: 0.2), try LeakyReLU(slope: 3), Linear()]
    for s in activations {
      #expect(s.isHomogeneous)
      for (a, b, c) in covariances(7).map({ ($0.0, $0.2, $0.1) }) {
        let k = s.secondMoment(4 * a, 6 * c, 9 * b)
        expectClose(k, 6 * s.secondMoment(a, c, b), s, (4 * a, 6 * c, 9 * b), 1e-14)
      }
    }
    for s in Activations.builtIn.all.compactMap({ try? $0($0.defaults) }) where s.isHomogeneous {
      #expect(abs(s(-2.6) - 2 * s(-1.3)) <= 1e-15 && s(2.6) == 2 * s(1.3), "\(s.name)")
    }
  }

  /// Oddness is a property of the function, not of a number that came out small.
  @Test func oddness() throws {
    let odd = try Activations.builtIn.all.map { try $0($0.defaults) }.filter(\.isOdd).map(\.name)
    #expect(Set(odd) == ["erf", "linear", "tanh", "hard-tanh", "sin"])
    #expect(try LeakyReLU(slope: 1).isOdd && !LeakyReLU(slope: 0.999).isOdd)
    #expect(try LeakyReLU(slope: 1).mean(variance: 2) == 0)
  }

  /// Sensitivities by central differences of the moment.
  @Test(arguments: ["tanh", "softplus", "sin", "cos", "gelu"]) func sensitivities(name: String) throws {
    let s = try Activations.builtIn.named(name)
    for (a, c, b) in [(1.0, 0.5, 2.0), (0.3, -0.2, 0.4), (3, 2.5, 3)] {
      let step = 1e-4
      let slope = (s.secondMoment(a, c + step, b) - s.secondMoment(a, c - step, b)) / (2 * step)
      // Third derivatives leave about 1e-8.
      #expect(abs(s.secondMomentSensitivity(a, c, b) - abs(c * slope)) <= 1e-6 * abs(c * slope), "\(name)")
    }
  }

  /// Zero vectors see s(0), alone or together.
  @Test(arguments: Activations.builtIn.names) func zeroVectors(name: String) throws {
    let s = try Activations.builtIn.named(name, [.activationSlope: .number(0.2)])
    #expect(abs(s.secondMoment(0, 0, 0) - s(0) * s(0)) <= 1e-15)
    #expect(abs(s.secondMoment(0, 0, 2) - s(0) * s.mean(variance: 2)) <= 1e-14)
    #expect(abs(s.mean(variance: 0) - s(0)) <= 1e-15)
  }
}
