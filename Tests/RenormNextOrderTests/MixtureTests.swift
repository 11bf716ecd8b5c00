import Foundation
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

@Suite struct MixtureTests {
  /// Networks of one or two linear units against sums over a grid of all hidden weights: the mixture is exact.
  @Test(arguments: [(1, 2), (2, 1)]) func linearUnits(width: Int, inputs: Int) throws {
    let x = Matrix(rows: inputs, columns: 3) { i, j in [0.9, -0.4, 0.6, 1.1, 0.3, -0.7][i + inputs * j] }
    let shape = ImageShape(channels: 1, height: 1, width: inputs)
    let data = Dataset(
      shape: shape, inputs: x.selectingColumns(0..<2), targets: Matrix(rows: 2, columns: 1, elements: [1, 0.3]))
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(width), temperature: 0.2,
      lambda1: 0.7)
    let posterior = try network.fit(data)
    let mixture = try ExactMixture(posterior, points: x.selectingColumns([2]), threads: 1)
    let grid = WeightGrid(x, targets: [1, 0.3], units: width, positions: 1, network)
    // The trapezia of both sides converge far below this; tails of q end at ten deviations.
    expectClose(mixture.result.logEvidence, grid.logEvidence, absolute: 1e-4)
    expectClose(mixture.result.prediction.mean[0, 0], grid.mean, absolute: 1e-4)
    expectClose(mixture.result.prediction.variance[0, 0], grid.variance, relative: 2e-3)
  }

  /// Two positions of one weight, two channels: importance draws, of which a twentieth is effective at N = 2.
  @Test func linearChannels() throws {
    let x = Matrix(rows: 2, columns: 3) { i, j in [0.9, -0.4, 0.6, 1.1, 0.3, -0.7][i + 2 * j] }
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 2), inputs: x.selectingColumns(0..<2),
      targets: Matrix(rows: 2, columns: 1, elements: [1, 0.3]))
    let network = try Network(
      architecture: Convolutional(mask: Extent(1)), activation: Linear(), width: .finite(2), temperature: 0.3)
    let mixture = try ExactMixture(
      network.fit(data), points: x.selectingColumns([2]), draws: 40_000, threads: 1)
    let grid = WeightGrid(x, targets: [1, 0.3], units: 2, positions: 2, network)
    #expect(mixture.effectiveShare > 0.02)
    // Four standard errors; regression on C(Q) makes means and variances better than that.
    let error = ((1 / mixture.effectiveShare - 1) / 40_000).squareRoot()
    expectClose(mixture.result.logEvidence, grid.logEvidence, relative: 0, absolute: 4 * error)
    expectClose(mixture.result.prediction.mean[0, 0], grid.mean, relative: 0, absolute: 0.01)
    expectClose(mixture.result.prediction.variance[0, 0], grid.variance, relative: 0, absolute: 0.005)
  }

  /// The expansion is the exact mixture to order 1/N: twice the width leaves a quarter of the difference.
  @Test(arguments: [
    FullyConnected() as any Architecture, LocallyConnected(mask: Extent(2)), Convolutional(mask: Extent(2)),
  ])
  func expansion(architecture: any Architecture) throws {
    var gaps: [[Double]] = []
    var shifts: [Double] = []
    for width in [50, 200] {
      let small = SmallProblem(architecture: architecture, width: width)
      let posterior = try small.posterior()
      let points = SmallProblem.points.inputs
      let next = try NextOrder(
        posterior, points: points, options: NextOrderOptions(order: .mixture, threads: 1))
      let exact = try ExactMixture(posterior, points: points, draws: 20_000, threads: 1).result
      let own = next.mixture
      gaps.append([
        (own.orderParameter - exact.orderParameter).frobenius,
        (own.prediction.mean - exact.prediction.mean).frobenius,
        (own.prediction.variance - exact.prediction.variance).frobenius,
        abs(own.logEvidence - exact.logEvidence),
      ])
      shifts.append((own.orderParameter - next.leading.orderParameter).frobenius)
      #expect(gaps.last?[0] ?? .nan < 0.2 * (shifts.last ?? .nan))
    }
    if architecture is FullyConnected {
      // A sixteenth of the difference where the next terms do not happen to cancel.
      for (wide, narrow) in zip(gaps[1], gaps[0]) { #expect(wide < narrow / 5, "\(gaps)") }
    }
  }
}

/// Sums over a grid of two hidden weights, readouts integrated out.
private struct WeightGrid {
  let logEvidence: Double
  let mean: Double
  let variance: Double

  /// - Parameter x: inputs, two training examples and a point; position i sees row i where there are two.
  init(_ x: Matrix, targets y: [Double], units: Int, positions: Int, _ network: Network) {
    let step = 0.05
    var (total, first, second) = (0.0, 0.0, 0.0)
    for a in -140...140 {
      for b in -140...140 {
        let w = [Double(a) * step, Double(b) * step]
        var k = [Double](repeating: 0, count: 9)
        for unit in 0..<units {
          for position in 0..<positions {
            let h = (0..<3).map { point -> Double in
              if positions == 2 { return w[unit] * x[position, point] }
              return units == 2
                ? w[unit] * x[0, point] : (w[0] * x[0, point] + w[1] * x[1, point]) / 2.0.squareRoot()
            }
            for p in 0..<3 {
              for q in 0..<3 { k[p + 3 * q] += h[p] * h[q] / (network.lambda1 * Double(units * positions)) }
            }
          }
        }
        let (a11, a12, a22) = (k[0] + network.temperature, k[1], k[4] + network.temperature)
        let determinant = a11 * a22 - a12 * a12
        let u = [(a22 * y[0] - a12 * y[1]) / determinant, (a11 * y[1] - a12 * y[0]) / determinant]
        let weight =
          exp(-(w[0] * w[0] + w[1] * w[1]) / 2 - (y[0] * u[0] + y[1] * u[1]) / 2) / determinant.squareRoot()
          * step * step / (2 * .pi * 2 * .pi)
        let m = k[2] * u[0] + k[5] * u[1]
        let v = k[8] - (a22 * k[2] * k[2] - 2 * a12 * k[2] * k[5] + a11 * k[5] * k[5]) / determinant
        total += weight
        first += weight * m
        second += weight * (m * m + v)
      }
    }
    logEvidence = log(total)
    mean = first / total
    variance = second / total - mean * mean
  }
}
