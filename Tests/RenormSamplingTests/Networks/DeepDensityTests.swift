import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Densities of networks of several hidden layers against loops and differences.
@Suite struct DeepDensityTests {
  private struct Problem {
    let widths: [Int]
    let lambdas: [Double]
    let activation: any DifferentiableActivation
    let data: Dataset
    let test: Matrix

    init(_ seed: UInt32, outputs: Int = 1, count: Int = 6) {
      let generator = RandomGenerator(seed: seed)
      widths = [[3, 4], [5, 2, 3], [2, 6, 4]][Int(seed) % 3]
      lambdas = widths.map { _ in 0.4 + 2 * generator.uniform() }
      activation = ([Erf(), Linear(), Sine(), ReLU()] as [any DifferentiableActivation])[Int(seed) % 4]
      data = Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 3), inputs: .random(3, count, generator),
        targets: .random(count, outputs, generator))
      test = .random(3, 2, generator)
    }

    func network() throws -> Network {
      try Network(
        widths: widths.map { .finite($0) }, activation: activation, temperature: 0.3, lambda0: 0.7,
        lambdas: lambdas)
    }

    /// s(h^L) at a point, and the matrices Z^1..Z^(L-1), N_l x N_(l+1), by loops.
    func activations(_ z: [Double], _ x: [Double]) -> (values: [Double], maps: [Matrix]) {
      var values = (0..<widths[0]).map { a in
        activation((0..<3).reduce(0) { $0 + z[3 * a + $1] * x[$1] } / (0.7 * 3).squareRoot())
      }
      var start = 3 * widths[0]
      var maps: [Matrix] = []
      for l in 1..<widths.count {
        let (below, above) = (widths[l - 1], widths[l])
        let map = Matrix(rows: below, columns: above, elements: Array(z[start..<start + below * above]))
        maps.append(map)
        start += below * above
        values = (0..<above).map { a in
          let sum = (0..<below).reduce(0) { $0 + map[$1, a] * values[$1] }
          return activation(sum / (lambdas[l - 1] * Double(below)).squareRoot())
        }
      }
      return (values, maps)
    }

    /// F, P x N_L, with its factor (lambda_L N_L)^(-1/2).
    func features(_ z: [Double], _ inputs: Matrix) -> Matrix {
      let last = widths[widths.count - 1]
      let scale = (lambdas[lambdas.count - 1] * Double(last)).squareRoot()
      let rows = (0..<inputs.columns).map { activations(z, inputs.column($0)).values }
      return Matrix(rows: inputs.columns, columns: last) { rows[$0][$1] / scale }
    }
  }

  private func differences(_ density: some LogDensity, _ position: [Double], step: Double) -> [Double] {
    position.indices.map { k in
      Naive.derivative(step: step) { t in
        var moved = position
        moved[k] += t
        return density.value(moved)
      }
    }
  }

  @Test(arguments: UInt32(1)...12) func gradients(seed: UInt32) throws {
    let problem = Problem(seed, outputs: seed % 2 == 0 ? 1 : 2)
    let generator = RandomGenerator(seed: seed)
    let (step, tolerance) = problem.activation is ReLU ? (1e-6, 3e-7) : (1e-3, 1e-8)
    for side in [ReadoutPosterior.Side.examples, .features] {
      let density = try CollapsedDensity(
        problem.network(), problem.data, observing: ObservedPoints(), side: side)
      let position = density.randomPosition(generator)
      expectClose(density.gradient(position), differences(density, position, step: step), tolerance, "\(seed)")
    }
    for coordinates in [FullDensity.Coordinates.standardNormal, .weights] {
      let density = try FullDensity(problem.network(), problem.data, coordinates: coordinates)
      let position = density.randomPosition(generator)
      expectClose(density.gradient(position), differences(density, position, step: step), tolerance, "\(seed)")
    }
  }

  /// log p, order parameter, predictions, paths and virials from the joint Gaussian of readout and targets.
  @Test(arguments: UInt32(1)...9) func collapsedRecord(seed: UInt32) throws {
    let problem = Problem(seed)
    let generator = RandomGenerator(seed: seed + 50)
    for side in [ReadoutPosterior.Side.examples, .features] {
      let density = try CollapsedDensity(
        problem.network(), problem.data, observing: ObservedPoints(test: problem.test), side: side)
      let layout = density.layout
      let z = density.randomPosition(generator)
      let record = density.record(z)
      #expect(record.count == layout.count && layout.names.count == layout.count)
      let f = problem.features(z, problem.data.inputs)
      let a = Naive.product(f, f.transposed) + 0.3 * .identity(6)
      let y = problem.data.targets
      let u = Naive.solve(a, y)
      let value =
        -0.5 * (z.reduce(0) { $0 + $1 * $1 } + Naive.logDeterminant(a) + Naive.product(y.transposed, u)[0, 0])
      expectClose(record[layout.logDensity], value, 1e-10)
      // zeta given the hidden weights.
      let mean = Naive.product(f.transposed, u)
      let last = problem.widths[problem.widths.count - 1]
      let covariance = .identity(last) - Naive.product(f.transposed, Naive.solve(a, f))
      let moments = covariance + Naive.product(mean, mean.transposed)
      expectClose(record[layout.orderParameter.lowerBound], moments.trace / Double(last), 1e-10)
      let g = problem.features(z, problem.test)
      let predicted = Naive.product(g, mean)
      expectClose(Array(record[layout.means]), predicted.elements, 1e-10)
      // Paths by products from the top.
      var map = Matrix.identity(last)
      var volume = Double(last)
      var paths: [Double] = []
      for inner in problem.activations(z, [0, 0, 0]).maps.reversed() {
        map = Naive.product(inner, map)
        volume *= Double(inner.rows)
        paths.insert(Naive.product(Naive.product(map, moments), map.transposed).trace / volume, at: 0)
      }
      expectClose(Array(record[layout.paths]), paths, 1e-10, "\(side)")
      // Virials: the log likelihood's change as Z^l grows.
      var start = 3 * problem.widths[0]
      for (l, place) in layout.virials.enumerated() {
        let (below, above) = (problem.widths[l], problem.widths[l + 1])
        let block = start..<start + below * above
        start = block.upperBound
        let step = problem.activation is ReLU ? 1e-6 : 1e-3
        let slope = Naive.derivative(step: step) { t in
          var moved = z
          for k in block { moved[k] *= 1 + t }
          return density.value(moved) + moved.reduce(0) { $0 + $1 * $1 } / 2
        }
        expectClose(record[place], 1 + slope / Double(below), 1e-6, "virial \(l + 1)")
      }
    }
  }

  /// All weights: f by loops, and paths and virials of the very weights.
  @Test(arguments: UInt32(1)...6) func fullRecord(seed: UInt32) throws {
    let problem = Problem(seed)
    let density = try FullDensity(
      problem.network(), problem.data, observing: ObservedPoints(test: problem.test))
    let layout = density.layout
    let position = density.randomPosition(RandomGenerator(seed: seed + 70))
    let record = density.record(position)
    let last = problem.widths[problem.widths.count - 1]
    let zeta = Matrix(rows: last, columns: 1, elements: Array(position.suffix(last)))
    expectClose(
      Array(record[layout.means]), Naive.product(problem.features(position, problem.test), zeta).elements, 1e-11
    )
    var r = zeta
    var volume = Double(last)
    var (paths, virials) = ([Double](), [Double]())
    for map in problem.activations(position, [0, 0, 0]).maps.reversed() {
      r = Naive.product(map, r)
      volume *= Double(map.rows)
      paths.insert(r.elements.reduce(0) { $0 + $1 * $1 } / volume, at: 0)
      let square = map.elements.reduce(0) { $0 + $1 * $1 }
      virials.insert(1 + (square - Double(map.elements.count)) / Double(map.rows), at: 0)
    }
    expectClose(Array(record[layout.paths]), paths, 1e-11)
    expectClose(Array(record[layout.virials]), virials, 1e-11)
  }

  @Test func refusals() throws {
    let problem = Problem(1)
    let network = try problem.network()
    #expect(throws: RenormError.self) {
      try CollapsedDensity(
        network, problem.data, observing: ObservedPoints(similarity: SimilarityPoints(problem.test)))
    }
    let partly = try Network(widths: [.finite(3), .infinite], temperature: 0.1)
    #expect(throws: RenormError.self) { try CollapsedDensity(partly, problem.data) }
    #expect(throws: RenormError.self) { try network.langevinStepSize(for: problem.data) }
  }

  /// A layout of one hidden layer is written as ever.
  @Test func layouts() throws {
    let one = try Network(widths: [.finite(3)], temperature: 0.1)
    let layout = try CollapsedDensity(one, Problem(1).data).layout
    #expect(layout.innerLayers == 0 && layout.paths.isEmpty)
    let text = String(decoding: try JSONEncoder().encode(layout), as: UTF8.self)
    #expect(!text.contains("inner"))
    #expect(try JSONDecoder().decode(DrawLayout.self, from: Data(text.utf8)) == layout)
  }
}
