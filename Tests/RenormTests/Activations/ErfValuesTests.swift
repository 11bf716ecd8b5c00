import CVectorKernels
import Foundation
import GSLNumerics
import Renorm
import Testing

@Suite struct ErfValuesTests {
  static let levels = (0..<3).filter { renorm_vector_level_available(.init(UInt32($0))) }

  private func values(_ x: [Double], level: Int) -> (erf: [Double], slope: [Double]) {
    var (erf, slope) = (x, [Double](repeating: .nan, count: x.count))
    renorm_erf_values_at(.init(UInt32(level)), &erf, &slope, x.count)
    return (erf, slope)
  }

  /// The library's erf and exp are good to one unit in the last place, the array's to two.
  @Test(arguments: levels) func scalarFunctions(level: Int) {
    let generator = RandomGenerator(seed: 21)
    for scale in [1e-9, 1.0, 3, 8, 40] {
      let x = (0..<5000).map { _ in scale * (2 * generator.uniform() - 1) }
      let (erfs, slopes) = values(x, level: level)
      for (x, (value, slope)) in zip(x, zip(erfs, slopes)) {
        let error = abs(value - erf(x))
        #expect(error <= 3 * 0x1p-53 * (abs(x) < 0.5 ? 2 * abs(erf(x)) : 1), "\(x): \(value)")
        #expect(abs(slope - 2 / Double.pi.squareRoot() * exp(-x * x)) <= 4 * 0x1p-53, "\(x): \(slope)")
      }
    }
  }

  @Test(arguments: levels) func specialValues(level: Int) {
    let x = [0, -0.0, .infinity, -.infinity, .nan, 1e-300, 26, 700, .greatestFiniteMagnitude]
    let (erfs, slopes) = values(x, level: level)
    #expect(erfs[0] == 0 && erfs[1].sign == .minus && erfs[1] == 0)
    #expect(erfs[2] == 1 && erfs[3] == -1 && erfs[4].isNaN && slopes[4].isNaN)
    #expect(abs(erfs[5] / 1.1283791670955126e-300 - 1) <= 1e-15)
    #expect(erfs[6...].allSatisfy { $0 == 1 })
    #expect(slopes[2] < 1e-290 && slopes[8] < 1e-290)
  }

  /// A value depends on its own argument only, and erf is odd to the last bit.
  @Test(arguments: levels) func placeDoesNotMatter(level: Int) {
    let generator = RandomGenerator(seed: 22)
    let x = (0..<77).map { _ in 3 * generator.gaussian() }
    let all = values(x, level: level)
    for k in x.indices {
      let one = values([x[k]], level: level)
      #expect(one.erf[0] == all.erf[k] && one.slope[0] == all.slope[k])
      #expect(values([-x[k]], level: level).erf[0] == -all.erf[k])
    }
    #expect(values([], level: level).erf.isEmpty)
  }

  /// Sums of Gaussians in rows of any length, against exp one by one.
  @Test(arguments: levels) func gaussianSums(level: Int) {
    let generator = RandomGenerator(seed: 24)
    for (rows, columns, nodes) in [(1, 1, 1), (5, 3, 2), (32, 2, 3), (77, 4, 8)] {
      let x = (0..<rows * columns).map { _ in 4 * generator.gaussian() }
      let rates = (0..<rows * nodes).map { _ in 30 * generator.uniform() }
      let weights = (0..<rows * nodes).map { _ in generator.gaussian() }
      var sums = x
      renorm_gaussian_sums_at(.init(UInt32(level)), &sums, rows, columns, rates, weights, nodes)
      for k in x.indices {
        let terms = (0..<nodes).map { node in
          weights[k % rows + rows * node] * exp(-rates[k % rows + rows * node] * x[k] * x[k])
        }
        // Rounding of rate x^2, up to 700, and of the sum.
        #expect(abs(sums[k] - terms.reduce(0, +)) <= 3e-13 * terms.reduce(0) { $0 + abs($1) } + 1e-300)
      }
    }
    var special = [Double.nan, .infinity, 0]
    renorm_gaussian_sums_at(.init(UInt32(level)), &special, 3, 1, [1, 1, 1], [2, 2, 2], 1)
    #expect(special[0].isNaN && special[1] < 1e-290 && special[2] == 2)
  }

  /// The array functions of every activation agree with its scalar ones.
  @Test func arraysOfActivations() {
    let generator = RandomGenerator(seed: 23)
    for activation in [Erf(), ReLU(), Linear()] as [any DifferentiableActivation] {
      let x = (0..<50).map { _ in generator.gaussian() }
      var (values, derivatives) = (x, x)
      values.withUnsafeMutableBufferPointer { values in
        derivatives.withUnsafeMutableBufferPointer { activation.replaceByValues(values, derivatives: $0) }
      }
      for k in x.indices {
        #expect(abs(values[k] - activation(x[k])) <= 1e-15)
        #expect(abs(derivatives[k] - activation.derivative(x[k])) <= 1e-15)
        // A difference of error step^2.
        let difference = (activation(x[k] + 1e-5) - activation(x[k] - 1e-5)) / 2e-5
        #expect(abs(difference - derivatives[k]) <= 1e-9)
      }
    }
  }
}
