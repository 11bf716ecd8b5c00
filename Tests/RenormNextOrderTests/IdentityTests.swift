import Foundation
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

@Suite struct IdentityTests {
  private static func next(
    _ small: SmallProblem, _ options: NextOrderOptions, drawsLinear: Bool = false
  ) throws -> NextOrder {
    try NextOrder(
      small.posterior(), points: SmallProblem.points.inputs, targets: SmallProblem.points.targets.column(0),
      options: options, drawsLinear: drawsLinear)
  }

  /// A CNN, and an LCN, with one position is an FC network.
  @Test(arguments: [Erf() as any Activation, ReLU()]) func onePosition(activation: any Activation) throws {
    let options = NextOrderOptions(draws: 2000, meanDraws: 1000, threads: 1)
    let fc = try Self.next(SmallProblem(activation: activation), options)
    let mask = Extent(4)
    for architecture in [Convolutional(mask: mask) as any Architecture, LocallyConnected(mask: mask)] {
      let local = try Self.next(SmallProblem(architecture: architecture, activation: activation), options)
      expectClose(fc.delta, local.delta, relative: 1e-10)
      expectClose(fc.sigma, local.sigma, relative: 1e-9)
      for (a, b) in [(fc.mixture, local.mixture), (fc.corrected, local.corrected)] {
        expectClose(a.orderParameter, b.orderParameter, relative: 1e-10)
        expectClose(a.prediction.mean, b.prediction.mean, relative: 1e-10)
        expectClose(a.prediction.variance, b.prediction.variance, relative: 1e-10)
        expectClose(a.logEvidence, b.logEvidence, relative: 1e-10)
      }
    }
  }

  /// Bit by bit.
  @Test(arguments: try SmallProblem.all) func threadsDoNotMatter(_ small: SmallProblem) throws {
    let posterior = try small.posterior()
    let results = try [1, 2, 3].map { threads in
      try NextOrder(
        posterior, points: SmallProblem.points.inputs,
        options: NextOrderOptions(draws: 4000, meanDraws: 2000, threads: threads))
    }
    for other in results.dropFirst() {
      #expect(other.delta == results[0].delta)
      #expect(other.corrected == results[0].corrected)
      #expect(other.standardErrors == results[0].standardErrors)
    }
    let another = try NextOrder(
      posterior, points: SmallProblem.points.inputs, options: NextOrderOptions(draws: 4000, seed: 2, threads: 1)
    )
    #expect(another.delta != results[0].delta)
  }

  /// Features of a linear activation are Gaussian: what draws and Wick parts say cancels, within four standard
  /// errors.
  @Test(
    arguments: [
      FullyConnected() as any Architecture, LocallyConnected(mask: Extent(2)), Convolutional(mask: Extent(2)),
    ])
  func linearFeatures(architecture: any Architecture) throws {
    let small = SmallProblem(architecture: architecture, activation: Linear())
    let expansion = try Expansion(
      small.posterior(), SmallProblem.points.inputs,
      NextOrderOptions(draws: 60_000, meanDraws: 20_000, threads: 2))
    let estimate = try expansion.cumulants(
      small.posterior().predict(SmallProblem.points.inputs), nil,
      NextOrderOptions(draws: 60_000, meanDraws: 20_000, threads: 2))
    for part in [estimate.value, estimate.gradient, estimate.mean, estimate.variance] {
      for (value, variance) in zip(part.values, part.variances) {
        #expect(abs(value) < 4 * variance.squareRoot(), "\(value) +- \(variance.squareRoot())")
      }
    }
    // The user's entry skips them.
    let next = try Self.next(small, NextOrderOptions(draws: 2000, threads: 1))
    #expect(next.delta == 0 && next.draws == 0 && next.corrected == next.mixture)
    #expect(next.trust != nil)
  }

  /// At fixed load the order parameter's shift falls as 1/N too. With orthogonal inputs K is the identity, and
  /// q has the density exp(-N S(q)/2)/q, S = q - log q + alpha [log(T + q/lambda1) + 1/(T + q/lambda1)], of P/N
  /// alone: <q> - q0 = -S_3/(N S_2^2) - 2/(N q0 S_2) at order 1/N, with its second and third derivatives.
  @Test func fixedLoad() throws {
    let (temperature, lambda1, alpha) = (0.3, 0.8, 2.0)
    var shifts: [Double] = []
    let widths = [2, 8, 32]
    for width in widths {
      let count = Int(alpha) * width
      let data = Dataset(
        shape: ImageShape(channels: 1, height: 1, width: count),
        inputs: Double(count).squareRoot() * Matrix.identity(count),
        targets: Matrix(rows: count, columns: 1) { i, _ in i % 2 == 0 ? 1 : -1 })
      let posterior = try Network(
        architecture: FullyConnected(), activation: Linear(), width: .finite(width), temperature: temperature,
        lambda1: lambda1
      ).fit(data, options: FitOptions(tolerance: 1e-12, threads: 1))
      let next = try NextOrder(
        posterior, points: data.inputs.selectingColumns([0]), options: NextOrderOptions(threads: 1))
      let q = next.leading.orderParameter[0, 0]
      let a = temperature + q / lambda1
      // Derivatives of log a + 1/a along q.
      let second = 1 / (q * q) + alpha / (lambda1 * lambda1) * (-1 / (a * a) + 2 / (a * a * a))
      let cube = alpha / (lambda1 * lambda1 * lambda1)
      let third = -2 / (q * q * q) + cube * (2 / (a * a * a) - 6 / (a * a * a * a))
      let shift = next.corrected.orderParameter[0, 0] - q
      expectClose(shift, -(third / (second * second) + 2 / (q * second)) / Double(width), relative: 1e-8)
      shifts.append(shift)
    }
    for k in 1..<widths.count {
      let slope = log(shifts[k] / shifts[k - 1]) / log(Double(widths[k]) / Double(widths[k - 1]))
      expectClose(slope, -1, relative: 1e-6)
    }
  }

  /// At fixed P, with common draws, all shifts fall as 1/N but that of the order parameter: the data part of
  /// the action, of which it comes, is itself of order 1/N there, so it falls as 1/N^2.
  @Test(arguments: try SmallProblem.all) func shiftsFallWithWidth(_ small: SmallProblem) throws {
    let widths = [1000, 4000]
    let shifts = try widths.map { width -> [Double] in
      var wide = small
      wide.width = width
      let expansion = try Expansion(
        wide.posterior(), SmallProblem.points.inputs, NextOrderOptions(draws: 4000, threads: 1))
      let leading = expansion.points.mean
      let cumulants = try expansion.cumulants(
        wide.posterior().predict(SmallProblem.points.inputs), nil, NextOrderOptions(draws: 4000, threads: 1))
      let whole = expansion.result(cumulants, omitting: [])
      let mean = zip(whole.prediction.mean.elements, leading).map(-)
      let variance = zip(whole.prediction.variance.elements, expansion.points.variance).map(-)
      let q =
        whole.orderParameter
        - expansion.problem.frame.orderParameter(at: expansion.mixture.shift.map { 0 * $0 })
      return [
        dot(mean, mean).squareRoot(), dot(variance, variance).squareRoot(), q.frobenius,
        abs(cumulants.value.values[0]), abs(expansion.mixture.evidenceShift),
      ]
    }
    for (index, expected) in [-1.0, -1, -2, -1, -1].enumerated() {
      let slope = log(shifts[1][index] / shifts[0][index]) / log(4)
      #expect(abs(slope - expected) < 0.1, "\(index): \(slope), \(shifts)")
    }
  }
}
