import CVectorKernels
import Foundation
import GSLNumerics
import Renorm
import Testing

/// Two units in the last place of 1, the largest error allowed relative to the scale of a result.
private let allowedError = 2 * Double.ulpOfOne

@Suite struct ActivationVectorTests {
  static let kernels = VectorKernel.allCases
  static let levels = (0..<3).filter { renorm_vector_level_available(.init(UInt32($0))) }

  @Test func baselineIsAlwaysAvailable() {
    #expect(Self.levels.contains(0))
    #expect(Int(renorm_vector_best_level().rawValue) == Self.levels.max())
    #expect(!renorm_vector_level_available(.init(17)))
  }

  @Test(arguments: kernels, levels) func manyDigits(kernel: VectorKernel, level: Int) {
    for reference in ActivationReference.all {
      let value = kernel.value(reference.a, reference.c, reference.b, level: level)
      let (expected, tail) = kernel.expected(reference)
      let error = abs((value - expected) - tail)
      #expect(error <= allowedError * kernel.scale(reference.a, reference.b), "\(reference): \(value)")
    }
  }

  @Test(arguments: kernels) func scalarFunctionToManyDigits(kernel: VectorKernel) {
    for reference in ActivationReference.all {
      let value = kernel.activation.secondMoment(reference.a, reference.c, reference.b)
      let (expected, tail) = kernel.expected(reference)
      let error = abs((value - expected) - tail)
      #expect(error <= 1.5 * allowedError * kernel.scale(reference.a, reference.b), "\(reference): \(value)")
    }
  }

  @Test(arguments: kernels, levels) func scalarFunction(kernel: VectorKernel, level: Int) {
    let generator = RandomGenerator(seed: 3)
    for decades in [1.0, 12, 150] {
      for _ in 0..<4000 {
        let sample = Sample(generator, decades: decades)
        let value = kernel.value(sample.a, sample.c, sample.b, level: level)
        let expected = kernel.activation.secondMoment(sample.a, sample.c, sample.b)
        let scale = kernel.scale(sample.a, sample.b)
        // The scalar functions are good to three units themselves.
        #expect(abs(value - expected) <= 2.5 * allowedError * scale, "\(sample): \(value), \(expected)")
      }
    }
  }

  @Test(arguments: kernels, levels) func exchangingRowsAndColumns(kernel: VectorKernel, level: Int) {
    let generator = RandomGenerator(seed: 4)
    for _ in 0..<1000 {
      let sample = Sample(generator, decades: 6)
      let value = kernel.value(sample.a, sample.c, sample.b, level: level)
      #expect(value == kernel.value(sample.b, sample.c, sample.a, level: level), "\(sample)")
    }
  }

  @Test(arguments: kernels, levels) func placeAndCountDoNotMatter(kernel: VectorKernel, level: Int) {
    let generator = RandomGenerator(seed: 5)
    let shapes = (1...40).map { ($0, 2) } + [(127, 1), (128, 129), (129, 128), (300, 3)]
    for (rows, columns) in shapes {
      let left = (0..<rows).map { _ in generator.uniform() }
      let right = (0..<columns).map { _ in 4 * generator.uniform() }
      let c = (0..<rows * columns).map { index in
        (left[index % rows] * right[index / rows]).squareRoot() * (2 * generator.uniform() - 1)
      }
      let single = c.indices.map { index in
        kernel.value(left[index % rows], c[index], right[index / rows], level: level)
      }
      for offset in 0..<3 {
        let guarded = [Double](repeating: -7, count: offset) + c + [-7]
        var values = guarded
        values.withUnsafeMutableBufferPointer {
          let block = UnsafeMutableBufferPointer(rebasing: $0[offset..<offset + c.count])
          kernel.replace(block, left, right, level: level)
        }
        #expect(Array(values[offset..<offset + c.count]) == single, "\(rows) x \(columns), offset \(offset)")
        #expect(values[..<offset] == guarded[..<offset])
        #expect(values.last == -7)
      }
    }
  }

  @Test(arguments: levels) func edges(level: Int) {
    for variance in [1e-300, 1e-12, 0.4, 3.0, 1e12, 1e300] {
      for excess in [1, 1.0.nextUp, 1 + 1e-15, 1 + 1e-12] {
        let relu = VectorKernel.relu.value(variance, variance * excess, variance, level: level)
        #expect(abs(relu - variance / 2) <= (excess == 1 ? 0 : allowedError * variance / 2))
        let opposite = VectorKernel.relu.value(variance, -variance * excess, variance, level: level)
        #expect(opposite >= 0 && opposite <= allowedError * variance / 2)
        #expect(abs(VectorKernel.erf.value(variance, variance * excess, variance, level: level)) <= 1)
      }
      #expect(VectorKernel.relu.value(0, 0, variance, level: level) == 0)
      #expect(VectorKernel.erf.value(0, 0, variance, level: level) == 0)
    }
    #expect(VectorKernel.erf.value(1e300, 1e300, 1e300, level: level) == 1)
    #expect(VectorKernel.erf.value(1e300, -1e300, 1e300, level: level) == -1)
  }

  @Test(arguments: kernels, levels) func notANumberStaysSo(kernel: VectorKernel, level: Int) {
    for position in 0..<3 {
      var arguments = [1.0, 0.5, 2.0]
      arguments[position] = .nan
      #expect(kernel.value(arguments[0], arguments[1], arguments[2], level: level).isNaN, "\(arguments)")
    }
  }

  @Test(arguments: kernels) func activationUsesTheBestLevel(kernel: VectorKernel) {
    let variances = (1...50).map { Double($0) / 10 }
    let covariances = variances.flatMap { b in variances.map { a in 0.7 * (a * b).squareRoot() } }
    var values = covariances
    var best = covariances
    values.replace(by: kernel.activation, variances, variances)
    best.withUnsafeMutableBufferPointer {
      kernel.replace($0, variances, variances, level: Int(renorm_vector_best_level().rawValue))
    }
    #expect(values == best)
  }

  @Test func ownActivationNeedsTheScalarFormulaOnly() {
    let (left, right) = ([1.0, 2, 3], [5.0, 7])
    var values = [10.0, 20, 30, 40, 50, 60]
    values.replace(by: Cubic(), left, right)
    #expect(
      values
        == [10, 20, 30, 40, 50, 60].enumerated().map { index, c in
          Cubic().secondMoment(left[index % 3], c, right[index / 3])
        })
  }
}

/// s(h) = h^3:  E[s(a)s(b)] = 9 caa cab cbb + 6 cab^3.
private struct Cubic: Activation {
  var name: String { "cubic" }
  var isOdd: Bool { true }
  func callAsFunction(_ h: Double) -> Double { h * h * h }
  func mean(variance: Double) -> Double { 0 }
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    9 * caa * cab * cbb + 6 * cab * cab * cab
  }
}

/// Variances log-uniform over the decades around 1, and a covariance that is often near its bounds.
private struct Sample {
  let a, c, b: Double

  init(_ generator: RandomGenerator, decades: Double) {
    func variance() -> Double { pow(10, decades * (2 * generator.uniform() - 1)) }
    a = variance()
    b = generator.integer(below: 2) == 0 ? a : variance()
    let gap = pow(10, -17 * generator.uniform())
    let correlation = generator.integer(below: 2) == 0 ? 1 - gap : 2 * generator.uniform() - 1
    let bound = a == b ? a : a.squareRoot() * b.squareRoot()
    c = (generator.integer(below: 2) == 0 ? 1 : -1) * correlation * bound
  }
}

enum VectorKernel: CaseIterable {
  case erf, relu

  var activation: any Activation {
    switch self {
    case .erf: Erf()
    case .relu: ReLU()
    }
  }

  func expected(_ reference: ActivationReference) -> (Double, tail: Double) {
    switch self {
    case .erf: (reference.erf, reference.erfTail)
    case .relu: (reference.relu, reference.reluTail)
    }
  }

  /// The largest value at these variances, sqrt(caa cbb) / 2 for relu.
  func scale(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .erf: 1
    case .relu: a.squareRoot() * b.squareRoot() / 2
    }
  }

  func replace(
    _ c: UnsafeMutableBufferPointer<Double>, _ rowVariances: [Double], _ columnVariances: [Double], level: Int
  ) {
    let replace = self == .erf ? renorm_erf_second_moments_at : renorm_relu_second_moments_at
    replace(
      .init(UInt32(level)), c.baseAddress, rowVariances, rowVariances.count, columnVariances,
      columnVariances.count)
  }

  func value(_ a: Double, _ c: Double, _ b: Double, level: Int) -> Double {
    var value = c
    withUnsafeMutablePointer(to: &value) {
      replace(UnsafeMutableBufferPointer(start: $0, count: 1), [a], [b], level: level)
    }
    return value
  }
}

extension [Double] {
  fileprivate mutating func replace(
    by activation: any Activation, _ rowVariances: [Double], _ columnVariances: [Double]
  ) {
    withUnsafeMutableBufferPointer { values in
      rowVariances.withUnsafeBufferPointer { rows in
        columnVariances.withUnsafeBufferPointer { columns in
          activation.replaceBySecondMoments(values, rowVariances: rows, columnVariances: columns)
        }
      }
    }
  }
}
