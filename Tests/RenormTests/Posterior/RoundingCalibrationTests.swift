import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The estimates of rounding against what rounding does: a problem is the same with its examples in another
/// order and with inputs s x at lambda0 s^2, but not its rounding. Seeded problems over architectures,
/// activations, offsets, scales and near duplicates.
@Suite(.slow("many fits")) struct RoundingCalibrationTests {
  private struct Problem: CustomStringConvertible {
    let random: RandomGenerator
    var shape: ImageShape
    var inputs: Matrix
    var test: Matrix
    var targets: Matrix
    let architecture: any Architecture
    let activation: any Activation
    let temperature: Double
    let description: String

    init(seed: UInt32) {
      random = RandomGenerator(seed: 500 + seed)
      let generator = random
      let kind = Int(seed % 4)
      let isImage = kind == 1 || kind == 2
      shape =
        isImage
        ? ImageShape(channels: 1, height: 4, width: 4) : ImageShape(channels: 1, height: 1, width: 3)
      let size = shape.count
      let architectures: [any Architecture] = [
        FullyConnected(), LocallyConnected(mask: Extent(2)), Convolutional(mask: Extent(2)), FullyConnected(),
      ]
      architecture = architectures[kind]
      activation = [Erf() as any Activation, ReLU(), Linear()][Int(seed / 4 % 3)]
      let offset = [0, 1e3, 0, 0][Int(seed / 12 % 4)]
      let scale = [1, 1, 1e4, 1][Int(seed / 12 % 4)]
      let isNear = seed / 12 % 4 == 3
      let count = 16
      temperature = [1e-4, 1e-7, 1e-9][generator.integer(below: 3)]
      inputs = Matrix(rows: size, columns: count) { _, _ in scale * (offset + generator.gaussian()) }
      if isNear {
        for p in 0..<count / 2 {
          for i in 0..<size { inputs[i, p + count / 2] = inputs[i, p] + 1e-5 * generator.gaussian() }
        }
      }
      test = Matrix(rows: size, columns: 6) { _, _ in scale * (offset + generator.gaussian()) }
      targets = Matrix(rows: count, columns: kind == 3 ? 2 : 1) { _, _ in generator.gaussian() }
      description =
        "\(architecture.name), \(activation.name), offset \(offset), scale \(scale), near \(isNear), "
        + "T \(temperature), \(targets.columns) outputs"
    }

    /// The problem in another order and of another size; the first as it is.
    func fit(_ k: Int) throws -> (posterior: Posterior, prediction: Prediction) {
      let factor = k == 0 ? 1 : 1 + 0.37 * Double(k)
      let order = k == 0 ? Array(0..<inputs.columns) : random.permutation(of: inputs.columns)
      let data = Dataset(
        shape: shape, inputs: factor * inputs.selectingColumns(order), targets: targets.selectingRows(order))
      let network = try Network(
        architecture: architecture, activation: activation, width: .finite(40), temperature: temperature,
        lambda0: factor * factor)
      let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-11))
      return (posterior, try posterior.predict(factor * test))
    }
  }

  /// Errors, and estimates of them, relative to Q and to variances.
  private struct Outcome {
    var order: [(spread: Double, estimate: Double)] = []
    var variance: [(spread: Double, estimate: Double)] = []
  }

  @Test func estimatesCoverSpreads() throws {
    var all = Outcome()
    for seed in UInt32(0)..<48 {
      let problem = Problem(seed: seed)
      var fits: [(posterior: Posterior, prediction: Prediction)] = []
      for k in 0..<5 {
        // Kernels that cannot be factored are refused, which is no wrong number.
        if let fit = try? problem.fit(k) { fits.append(fit) }
      }
      guard fits.count > 2 else { continue }
      let converged = fits.filter(\.posterior.solution.convergence.converged)
      if converged.count > 2 {
        let middle = converged[0].posterior.orderParameter
        let spread =
          converged.map { ($0.posterior.orderParameter - middle).frobenius / middle.frobenius }.max() ?? 0
        let estimate = converged.map(\.posterior.solution.convergence.orderParameterError).max() ?? 0
        all.order.append((spread, estimate))
        // What passes as converged is right to 1e-4, up to the difference of two.
        #expect(spread < 2e-4, "\(problem)")
        #expect(spread <= 2 * estimate + 1e-12, "\(problem): spread \(spread), estimate \(estimate)")
      }
      // Variances, at the points where the order parameter is known far better.
      for p in 0..<problem.test.columns {
        let values = converged.map { $0.prediction.variance[p, 0] }
        guard converged.count > 2, values[0] > 0 else { continue }
        let spread = values.map { abs($0 - values[0]) }.max() ?? 0
        let orderError = converged.map(\.posterior.solution.convergence.orderParameterError).max() ?? 0
        let own = converged.map { $0.prediction.varianceError[p, 0] }.max() ?? 0
        let estimate = own + 2 * orderError * values[0]
        #expect(
          spread <= 2 * estimate + 1e-12 * values[0],
          "\(problem): variance \(values[0]), spread \(spread), estimates \(own), \(orderError)")
        if own > 100 * orderError * values[0] { all.variance.append((spread / values[0], own / values[0])) }
      }
    }
    #expect(all.order.count >= 20, "\(all.order.count) problems")
    // On the whole, where rounding counts, estimates are within two orders of magnitude.
    for outcomes in [all.order, all.variance] {
      let ratios = outcomes.filter { $0.estimate > 1e-9 && $0.spread > 0 }.map {
        log10($0.estimate / $0.spread)
      }.sorted()
      guard ratios.count > 4 else { continue }
      let typical = ratios[ratios.count / 2]
      #expect(typical > 0 && typical < 2, "\(ratios)")
    }
  }
}
