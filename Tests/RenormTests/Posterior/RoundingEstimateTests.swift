import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The estimated error of order parameters of which rounding has part, against stationary points from 96-digit
/// arithmetic (Newton's method on the equations of docs/theory.md, sections 3 to 6, by another program).
@Suite struct RoundingEstimateTests {
  struct Case: Decodable, CustomTestStringConvertible {
    let architecture: String
    let activation: String
    let inputs: String
    let outputs: Int
    let readout: String
    let width: Int
    let temperature: Double
    /// The upper triangle, row by row; the diagonal for an LCN, one element of equal ones under a pooled
    /// readout.
    let orderParameter: [Double]

    var testDescription: String {
      "\(architecture) \(activation), \(inputs) inputs, \(outputs) outputs, \(readout), T \(temperature)"
    }

    static var all: [Case] {
      guard let url = SmallTemperatureTests.Case.url("rounding.json"), let data = try? Data(contentsOf: url)
      else { return [] }
      return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
    }

    /// Numbers between -1 and 1 that every program computes alike.
    private static func value(_ i: Int, _ j: Int) -> Double {
      let whole = i * 7919 + j * 104729 + i * j * 31
      return Double(whole % 1009) / 504.5 - 1
    }

    /// Twelve pairs of nearly equal inputs with unlike targets, or 24 inputs in a plane with smooth ones.
    func data() -> Dataset {
      let (count, size) = (24, architecture == "fc" ? 4 : 16)
      let v = Self.value
      let isNear = inputs == "near"
      let x = Matrix(rows: size, columns: count) { (j: Int, i: Int) -> Double in
        guard isNear else { return v(j + 20, 5) * v(i, 0) + v(j + 20, 6) * v(i, 1) }
        let change: Double = i >= 12 ? 1e-6 * v(i + 50, j + 3) : 0
        return v(i % 12, j) + change
      }
      let y = Matrix(rows: count, columns: outputs) { (i: Int, c: Int) -> Double in
        if isNear { return v(i + 7, c + 90) }
        return c == 0 ? v(i, 0) * v(i, 1) : v(i, 0) * v(i, 0) - Double(c) * v(i, 1)
      }
      let shape =
        architecture == "fc"
        ? ImageShape(channels: 1, height: 1, width: 4) : ImageShape(channels: 1, height: 4, width: 4)
      return Dataset(shape: shape, inputs: x, targets: y)
    }

    func network() throws -> Network {
      try Network(
        architecture: Architectures.builtIn.named(architecture, [.mask: .extent(Extent(2))]),
        activation: Activations.builtIn.named(activation), width: .finite(width), temperature: temperature,
        readout: Readouts.builtIn.named(readout))
    }

    /// ||Q^(-1/2) (Q' - Q) Q^(-1/2)||_F for a result Q'.
    func error(_ result: Matrix) throws -> Double {
      if readout == "mean-pool" { return abs(result[0, 0] / orderParameter[0] - 1) }
      let n = result.rows
      let isDiagonal = orderParameter.count == n
      var exact = Matrix(rows: n, columns: n)
      var next = 0
      for i in 0..<n {
        for j in i..<(isDiagonal ? i + 1 : n) {
          exact[i, j] = orderParameter[next]
          exact[j, i] = orderParameter[next]
          next += 1
        }
      }
      let root = try SymmetricEigen(exact).map { 1 / $0.squareRoot() }
      let error = root * ((result - exact) * root)
      return error.innerProduct(error).squareRoot()
    }
  }

  @Test func allCasesAreRead() { #expect(Case.all.count == 24) }

  /// What counts as converged is right; an estimate is not below the error, and not far above: an error can be
  /// small by luck, which differs between processors, so that only estimates above 1e-5 are bounded one by one.
  @Test(arguments: Case.all) func estimate(_ reference: Case) throws {
    let posterior = try reference.network().fit(reference.data())
    let convergence = posterior.solution.convergence
    let error = try reference.error(posterior.orderParameter)
    #expect(!convergence.converged || error < 1e-4, "\(convergence), error \(error)")
    #expect(convergence.orderParameterError > error / 2, "\(convergence), error \(error)")
    #expect(convergence.orderParameterError < 100 * error + 1e-5, "\(convergence), error \(error)")
    let warns = posterior.warnings.contains { $0.contains("rounding limits the order parameter") }
    // Rounding may also end the search just above its tolerance, of which the warning says as much.
    let isLimited = convergence.roundingError > 1e-6 || convergence.isLimitedByRounding
    #expect(warns == (convergence.converged && isLimited), "\(posterior.warnings), \(convergence)")
  }

  @Test func estimatesAreCloseOnTheWhole() throws {
    var logarithms: [Double] = []
    for reference in Case.all {
      let posterior = try reference.network().fit(reference.data())
      let error = try reference.error(posterior.orderParameter)
      logarithms.append(log10(posterior.solution.convergence.orderParameterError / error))
    }
    let typical = logarithms.sorted()[logarithms.count / 2]
    #expect(typical > 0 && typical < 1.3, "\(logarithms)")
  }

  /// Inputs with a mean of 1e4 deviations are nearly parallel, and the kernel loses what tells them apart. The
  /// problem is the same in any order of the pixels, but not its rounding: the spread over orders is no larger
  /// than the estimate.
  @Test(arguments: [1e-3, 1e-5, 1e-7]) func parallelInputs(temperature: Double) throws {
    let random = RandomGenerator(seed: 7)
    let inputs = Matrix(rows: 6, columns: 20) { _, _ in 1e4 + random.gaussian() }
    let targets = Matrix(rows: 20, columns: 1) { _, _ in random.gaussian() }
    let network = try Network(architecture: FullyConnected(), width: .finite(50), temperature: temperature)
    var (values, estimates): ([Double], [Double]) = ([], [])
    for _ in 0..<6 {
      let order = random.permutation(of: 6)
      let data = Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 6), inputs: inputs.selectingRows(order),
        targets: targets)
      let posterior = try network.fit(data)
      values.append(posterior.orderParameter[0, 0])
      estimates.append(posterior.solution.convergence.orderParameterError)
      // The order counts: something was lost.
      #expect(posterior.solution.convergence.orderParameterError > 1e-12)
    }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    let spread = (high - low) / low
    // 1e-16 of covariances alone would leave 1e-10.
    #expect(spread > 1e-8 && spread < 2 * (estimates.min() ?? 0), "\(spread), \(estimates)")
  }
}
