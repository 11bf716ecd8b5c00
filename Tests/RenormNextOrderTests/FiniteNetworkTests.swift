import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// Networks of a few units against averages over draws of all their hidden weights, readouts integrated out.
@Suite(.slow("averages over all weights of finite networks")) struct FiniteNetworkTests {
  @Test(arguments: [
    SmallProblem(width: 12, temperature: 0.4, lambda1: 1),
    SmallProblem(architecture: Convolutional(mask: Extent(2)), width: 12, temperature: 0.4, lambda1: 1),
    SmallProblem(architecture: LocallyConnected(mask: Extent(2)), width: 12, temperature: 0.4, lambda1: 1),
    SmallProblem(activation: ReLU(), width: 12, temperature: 0.4, lambda1: 1),
  ]) func correctedIsNearer(_ small: SmallProblem) throws {
    let training = SmallProblem.data(4, seed: 8)
    let points = SmallProblem.points
    let posterior = try small.network().fit(training, options: FitOptions(threads: 2))
    let next = try NextOrder(
      posterior, points: points.inputs, options: NextOrderOptions(draws: 100_000, threads: 2))
    let exact = try PriorDraws(small, training, points, count: 60_000)
    func distance(_ a: Matrix, _ b: [Double]) -> Double { (a - Matrix(columns: [b])).frobenius }
    let noise = 3 * dot(exact.meanErrors, exact.meanErrors).squareRoot()
    #expect(
      distance(next.corrected.prediction.mean, exact.mean) < 0.5
        * distance(next.leading.prediction.mean, exact.mean)
        + noise)
    #expect(
      distance(next.corrected.prediction.variance, exact.variance)
        < 0.5 * distance(next.leading.prediction.variance, exact.variance) + noise)
    #expect(
      abs(next.corrected.logEvidence - exact.logEvidence)
        < 0.5 * abs(next.leading.logEvidence - exact.logEvidence) + 3 * exact.evidenceError)
  }
}

/// Importance sampling with the prior as proposal.
private struct PriorDraws {
  let logEvidence: Double
  let evidenceError: Double
  let mean: [Double]
  let meanErrors: [Double]
  let variance: [Double]

  init(_ small: SmallProblem, _ training: Dataset, _ points: Dataset, count: Int) throws {
    let network = try small.network()
    let grid = try small.architecture.grid(on: training.shape)
    let inputs = Matrix(
      columns: (0..<training.count).map(training.inputs.column) + (0..<points.count).map(points.inputs.column))
    let (p, b, n) = (training.count, points.count, grid.positions)
    let isShared = !(small.architecture is LocallyConnected)
    // Columns (point, position), scaled so that h = w . column with weights of variance 1.
    let size = grid.patchSize
    let patches = Matrix(rows: size, columns: inputs.columns * n) { k, column in
      inputs[grid.origins[column % n] + grid.offsets[k], column / n] / (0.8 * Double(size)).squareRoot()
    }
    let generator = RandomGenerator(seed: 11)
    var sums = (total: 0.0, squares: 0.0)
    var (first, second) = ([Double](repeating: 0, count: b), [Double](repeating: 0, count: b))
    var records: [(weight: Double, mean: [Double])] = []
    let scale = 1 / (network.lambda1 * Double(n * small.width))
    let y = training.targets.column(0)
    for _ in 0..<count {
      var features: Matrix
      if isShared {
        features = Matrix.random(small.width, size, generator) * patches
      } else {
        features = Matrix(rows: small.width, columns: patches.columns)
        for i in 0..<n {
          let own =
            Matrix.random(small.width, size, generator)
            * patches.selectingColumns((0..<inputs.columns).map { i + n * $0 })
          for point in 0..<inputs.columns {
            for a in 0..<small.width { features[a, i + n * point] = own[a, point] }
          }
        }
      }
      features.withUnsafeMutableElements { h in for k in h.indices { h[k] = small.activation(h[k]) } }
      let tall = Matrix(rows: small.width * n, columns: inputs.columns, elements: features.elements)
      let k = scale * (tall.asTranspose * tall)
      let factor = try Cholesky(
        Matrix(rows: p, columns: p) { k[$0, $1] + ($0 == $1 ? small.temperature : 0) })
      let whitened = factor.solveLower(
        Matrix(rows: p, columns: b + 1) { $1 < b ? k[$0, p + $1] : y[$0] })
      let eta = whitened.column(b)
      let weight = exp(-0.5 * (factor.logDeterminant + dot(eta, eta)))
      sums.total += weight
      sums.squares += weight * weight
      var means: [Double] = []
      for x in 0..<b {
        let own = whitened.column(x)
        let m = dot(own, eta)
        first[x] += weight * m
        second[x] += weight * (m * m + k[p + x, p + x] - dot(own, own))
        means.append(m)
      }
      records.append((weight, means))
    }
    let draws = Double(count)
    mean = first.map { $0 / sums.total }
    variance = zip(second, mean).map { [sums] in $0 / sums.total - $1 * $1 }
    logEvidence = log(sums.total / draws) - Double(p) / 2 * log(2 * .pi)
    let average = sums.total / draws
    evidenceError = ((sums.squares / draws - average * average) / draws).squareRoot() / average
    meanErrors = (0..<b).map { [mean] x in
      let squares = records.reduce(0) { $0 + pow($1.weight * ($1.mean[x] - mean[x]), 2) }
      return squares.squareRoot() / sums.total
    }
  }
}
