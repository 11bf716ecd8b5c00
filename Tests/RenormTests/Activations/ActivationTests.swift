import Foundation
import GSLNumerics
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The laws of `Activation`, checked for every conformance on random covariances.
private func expectLaws(_ s: any Activation, seed: UInt32) {
  let generator = RandomGenerator(seed: seed)
  let scale = { [1e-6, 0.1, 1, 30][generator.integer(below: 4)] }
  for _ in 0..<50 {
    let (caa, cbb) = (scale() * generator.uniform(), scale() * generator.uniform())
    let correlation = 2 * generator.uniform() - 1
    let cab = correlation * (caa * cbb).squareRoot()
    let k = s.secondMoment(caa, cab, cbb)
    expectClose(k, s.secondMoment(cbb, cab, caa), relative: 1e-13, absolute: 1e-300)
    let (kaa, kbb) = (s.secondMoment(caa, caa, caa), s.secondMoment(cbb, cbb, cbb))
    #expect(k * k <= kaa * kbb * (1 + 1e-12), "\(s.name) \(caa) \(cab) \(cbb)")
    #expect(s.mean(variance: caa) * s.mean(variance: caa) <= kaa * (1 + 1e-12))
    // Independent pre-activations: the second moment is the product of means.
    expectClose(
      s.secondMoment(caa, 0, cbb), s.mean(variance: caa) * s.mean(variance: cbb), relative: 1e-13,
      absolute: 1e-300)
    let h = 3 * generator.gaussian()
    if s.isOdd {
      #expect(s.mean(variance: caa) == 0)
      #expect(s(-h) == -s(h))
      expectClose(s.secondMoment(caa, -cab, cbb), -k, relative: 1e-13)
    }
  }
}

/// Second moment and mean against samples of s itself, five standard errors.
private func expectSampledMoments(_ s: any Activation, seed: UInt32) {
  let generator = RandomGenerator(seed: seed)
  let (sa, sb) = (0.3 + 2 * generator.uniform(), 0.3 + 2 * generator.uniform())
  let c = 1.9 * generator.uniform() - 0.95
  let count = 20_000
  var sums = (0.0, 0.0, 0.0, 0.0)
  for _ in 0..<count {
    let z = generator.gaussian()
    let a = s(sa * z)
    let b = s(sb * (c * z + (1 - c * c).squareRoot() * generator.gaussian()))
    sums = (sums.0 + a * b, sums.1 + a * b * a * b, sums.2 + a, sums.3 + a * a)
  }
  let n = Double(count)
  let (product, mean) = (sums.0 / n, sums.2 / n)
  let productError = ((sums.1 / n - product * product) / n).squareRoot()
  let meanError = ((sums.3 / n - mean * mean) / n).squareRoot()
  expectClose(
    s.secondMoment(sa * sa, c * sa * sb, sb * sb), product, relative: 0, absolute: 5 * productError,
    "\(s.name)")
  expectClose(s.mean(variance: sa * sa), mean, relative: 0, absolute: 5 * meanError, "\(s.name)")
}

@Suite struct ActivationTests {
  /// Every built-in activation with its default parameters.
  static let builtIn = Activations.builtIn.all.compactMap { try? $0($0.defaults) }
  static let all: [any Activation] = builtIn + [Sine()]
  private static let vanishingAtZero = builtIn.filter { $0(0) == 0 }
  /// Those of which the moments change little where the correlation does by rounding, at any variance.
  private static let overAllVariances: [any Activation] = [Erf(), ReLU(), Linear()]

  @Test(arguments: UInt32(1)...10) func laws(seed: UInt32) {
    for activation in Self.all { expectLaws(activation, seed: seed) }
  }

  @Test(arguments: UInt32(1)...5) func sampledMoments(seed: UInt32) {
    for activation in Self.all { expectSampledMoments(activation, seed: seed) }
  }

  @Test(arguments: UInt32(1)...5) func columnsAgreeWithElements(seed: UInt32) {
    let generator = RandomGenerator(seed: seed)
    // Lengths around multiples of vector registers.
    for activation in Self.all {
      for count in [1, 3, 4, 7, 16, 33] {
        let rows = (0..<count).map { _ in 4 * generator.uniform() }
        let columns = (0..<3).map { _ in 4 * generator.uniform() }
        let covariances = columns.flatMap { column in
          rows.map { ($0 * column).squareRoot() * (2 * generator.uniform() - 1) }
        }
        var result = covariances
        result.withUnsafeMutableBufferPointer { result in
          rows.withUnsafeBufferPointer { rows in
            columns.withUnsafeBufferPointer { columns in
              activation.replaceBySecondMoments(result, rowVariances: rows, columnVariances: columns)
            }
          }
        }
        let expected = covariances.indices.map {
          activation.secondMoment(rows[$0 % count], covariances[$0], columns[$0 / count])
        }
        // Of sums with terms of both signs the error is relative to the largest of them.
        expectClose(result, expected, relative: 1e-13, absolute: 1e-14)
      }
    }
  }

  /// Blocks of more rows than are computed at once, of variances over many orders of magnitude and correlations
  /// around those where another method takes over.
  @Test func largeBlocksAgreeWithElements() {
    let generator = RandomGenerator(seed: 9)
    let rows = (0..<300).map { _ in exp(12 * generator.uniform() - 9) } + [0, Double.leastNonzeroMagnitude]
    let columns = (0..<3).map { _ in exp(12 * generator.uniform() - 9) } + [Double.leastNonzeroMagnitude]
    let special = [0.8, -0.8, 0.8 - 1e-12, 0.8 + 1e-12, 0.925, 1 - 1e-9, 1 - 1e-11, -1 + 1e-11, 1, -1, 0]
    let covariances = columns.flatMap { column in
      rows.indices.map { i in
        let r = i % 3 == 0 ? special[i / 3 % special.count] : 2 * generator.uniform() - 1
        return (rows[i] * column).squareRoot() * r
      }
    }
    for activation in Self.builtIn {
      var result = covariances
      result.withUnsafeMutableBufferPointer { result in
        rows.withUnsafeBufferPointer { rows in
          columns.withUnsafeBufferPointer { columns in
            activation.replaceBySecondMoments(result, rowVariances: rows, columnVariances: columns)
          }
        }
      }
      for (k, value) in result.enumerated() where k % 7 == 0 || k % rows.count >= 300 {
        let (a, b) = (rows[k % rows.count], columns[k / rows.count])
        let expected = activation.secondMoment(a, covariances[k], b)
        let scale = (activation.secondMoment(a, a, a) * activation.secondMoment(b, b, b)).squareRoot()
        // Series end at 1e-13 of the scale.
        expectClose(value, expected, relative: 1e-12, absolute: 3e-13 * scale, "\(activation.name) \(a) \(b)")
      }
    }
  }

  /// The sensitivity of erf by central differences, steep where inputs are nearly parallel; a step of 1e-4 of
  /// the distance to the end of the domain leaves 1e-8, and its rounding 1e-16/1e-4 at moderate variances.
  @Test(arguments: [(1.0, 0.5, 2.0), (0.3, -0.2, 0.4), (50, 49.9, 50), (1e-3, 5e-4, 2e-3)])
  func sensitivityOfErf(caa: Double, cab: Double, cbb: Double) {
    let erf = Erf()
    let step = 1e-4 * (((1 + 2 * caa) * (1 + 2 * cbb)).squareRoot() / 2 - abs(cab))
    let slope = (erf.secondMoment(caa, cab + step, cbb) - erf.secondMoment(caa, cab - step, cbb)) / (2 * step)
    expectClose(erf.secondMomentSensitivity(caa, cab, cbb), abs(cab * slope), relative: 1e-6)
  }

  @Test func zeroVectorsHaveNoMoment() {
    for activation in Self.vanishingAtZero {
      #expect(activation.secondMoment(0, 0, 0) == 0)
      #expect(activation.secondMoment(0, 0, 2) == 0)
      #expect(activation.secondMoment(2, 0, 0) == 0)
      #expect(activation.mean(variance: 0) == 0)
    }
  }

  /// What rounding makes of identical inputs: cab^2 above caa cbb by a few ulps.
  @Test(arguments: [1e-300, 1e-20, 1, 3, 1e20, 1e300]) func correlationsBeyondOneStayFinite(c: Double) {
    for activation in Self.overAllVariances {
      let exact = activation.secondMoment(c, c, c)
      #expect(exact.isFinite && exact >= 0)
      for factor in [1 + 0x1p-52, 1 + 0x1p-50, 1 - 0x1p-53] {
        // The slope in the correlation is unbounded at 1 for erf at large variances: 1e-7 = sqrt(1e-14).
        expectClose(activation.secondMoment(c, c * factor, c), exact, relative: 1e-7, "\(activation.name)")
      }
      let opposite = activation.secondMoment(c, -c * (1 + 0x1p-52), c)
      expectClose(
        opposite, activation.isOdd ? -exact : 0, relative: 1e-7, absolute: 1e-15 * c, "\(activation.name)")
    }
  }

  @Test func everyBuiltInIsFoundByItsName() throws {
    #expect(Self.builtIn.map(\.name) == Activations.builtIn.names)
    for activation in Self.builtIn {
      #expect(try Activations.builtIn.named(activation.name, activation.parameters).name == activation.name)
    }
    #expect(Set(Activations.builtIn.names).isSuperset(of: ["erf", "relu", "linear"]))
    #expect {
      try Activations.builtIn.named("Erf")
    } throws: { error in
      guard case RenormError.invalidParameter(let name, let value, let accepted)? = error as? RenormError
      else {
        return false
      }
      return name == "activation" && value == "'Erf'" && accepted.contains("erf, relu, linear, tanh")
    }
  }
}
