import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Densities of networks of two convolutional layers against loops and differences.
@Suite struct ConvolutionalDensityTests {
  private static let shape = ImageShape(channels: 1, height: 2, width: 6)

  /// Three positions of 2 x 2 pixels in a row, and a second layer over `mask` of them.
  private static func network(_ mask: Int, stride: Int, readout: (any Readout)? = nil) throws -> Network {
    try Network(
      NetworkDescription([
        .architecture: .name("cnn"), .activation: .name("erf"), .temperature: .number(0.3),
        .lambda0: .number(0.7),
        .lambdas: .list([.number(0.8), .number(1.4)]),
        .widths: .list([.width(.finite(3)), .width(.finite(2))]),
        .mask: .list([.extent(Extent(2)), .extent(Extent(height: 1, width: mask))]),
        .stride: .list([.extent(Extent(2)), .extent(Extent(height: 1, width: stride))]),
        .readout: .name(readout?.name ?? "independent"),
        .lengthScale: .number(1.3),
      ]).completed)
  }

  private static func data(_ generator: RandomGenerator) -> Dataset {
    Dataset(shape: shape, inputs: .random(12, 5, generator), targets: .random(5, 1, generator))
  }

  private static let windows: [(mask: Int, stride: Int)] = [(1, 1), (2, 1), (3, 3), (1, 2)]

  /// Positions that a filter leaves out, and patches that overlap, too.
  @Test(arguments: windows, [nil, "mean-pool", "exponential"]) func gradients(
    window: (mask: Int, stride: Int), readout: String?
  ) throws {
    let generator = RandomGenerator(seed: 3)
    let data = Self.data(generator)
    let prior: (any Readout)? =
      readout == "mean-pool" ? MeanPooling() : readout == nil ? nil : try ExponentialReadout(lengthScale: 1.3)
    let network = try Self.network(window.mask, stride: window.stride, readout: prior)
    func check(_ density: some LogDensity) {
      let position = density.randomPosition(generator)
      let differences = position.indices.map { k in
        Naive.derivative(step: 1e-3) { t in
          var moved = position
          moved[k] += t
          return density.value(moved)
        }
      }
      expectClose(density.gradient(position), differences, 1e-8, "\(window), \(readout ?? "")")
    }
    for side in [ReadoutPosterior.Side.examples, .features] {
      check(try CollapsedDensity(network, data, observing: ObservedPoints(), side: side))
    }
    check(try FullDensity(network, data, coordinates: .standardNormal))
  }

  /// Z_d, 3 x 2, with d within a column.
  private static func second(_ z: [Double], _ m: Int, _ d: Int, _ b: Int, _ a: Int) -> Double {
    z[12 + 3 * m * a + 3 * d + b]
  }

  /// The features of a point by loops, unit a at position i at a + 2 i: f = sum of them times the readout.
  private static func features(_ z: [Double], _ x: [Double], _ window: (mask: Int, stride: Int)) -> [Double] {
    let (m, n) = (window.mask, (3 - window.mask) / window.stride + 1)
    let below = (0..<3).map { i in
      (0..<3).map { b -> Double in
        let pixels = [0, 1, 6, 7].map { x[2 * i + $0] }
        let sum = zip(pixels, z[4 * b..<4 * b + 4]).reduce(0.0) { $0 + $1.0 * $1.1 }
        return erf(sum / (0.7 * 4).squareRoot())
      }
    }
    return (0..<n).flatMap { i in
      (0..<2).map { a -> Double in
        var h = 0.0
        for d in 0..<m {
          for b in 0..<3 { h += second(z, m, d, b, a) * below[i * window.stride + d][b] }
        }
        return erf(h / (0.8 * Double(3 * m)).squareRoot()) / (1.4 * Double(2 * n)).squareRoot()
      }
    }
  }

  /// tr P_1 over its order, given second moments of the readout.
  private static func path(_ z: [Double], _ window: (mask: Int, stride: Int), _ moments: Matrix) -> Double {
    let (m, n) = (window.mask, (3 - window.mask) / window.stride + 1)
    var sum = 0.0
    for i in 0..<n {
      for d in 0..<m {
        for b in 0..<3 {
          for a in 0..<2 {
            for c in 0..<2 {
              sum += second(z, m, d, b, a) * second(z, m, d, b, c) * moments[a + 2 * i, c + 2 * i]
            }
          }
        }
      }
    }
    return sum / Double(2 * 3 * n * m)
  }

  /// All weights: f by loops, P_2 and tr P_1 of the very weights.
  @Test(arguments: windows) func fullRecord(window: (mask: Int, stride: Int)) throws {
    let generator = RandomGenerator(seed: 4)
    let data = Self.data(generator)
    let test = Matrix.random(12, 2, generator)
    let density = try FullDensity(
      Self.network(window.mask, stride: window.stride), data, observing: ObservedPoints(test: test))
    let layout = density.layout
    let z = density.randomPosition(generator)
    let record = density.record(z)
    let n = (3 - window.mask) / window.stride + 1
    #expect(layout.orderParameterOrder == n && layout.count == record.count)
    let readout = Matrix(rows: 2 * n, columns: 1, elements: Array(z.suffix(2 * n)))
    let outputs = (0..<2).map { dot(Self.features(z, test.column($0), window), readout.elements) }
    expectClose(Array(record[layout.means]), outputs, relative: 1e-11)
    let moments = Naive.product(readout, readout.transposed)
    for (place, pair) in zip(layout.orderParameter, layout.orderParameterPairs) {
      let sum = (0..<2).reduce(0) { $0 + moments[$1 + 2 * pair.row, $1 + 2 * pair.column] }
      expectClose(record[place], sum / 2, relative: 1e-12)
    }
    expectClose(record[layout.paths.lowerBound], Self.path(z, window, moments), relative: 1e-12)
  }

  /// Averages over the readout from its joint Gaussian with the targets.
  @Test(arguments: windows) func collapsedRecord(window: (mask: Int, stride: Int)) throws {
    let generator = RandomGenerator(seed: 5)
    let data = Self.data(generator)
    let density = try CollapsedDensity(
      Self.network(window.mask, stride: window.stride), data, observing: ObservedPoints())
    let z = density.randomPosition(generator)
    let record = density.record(z)
    let rows = (0..<data.count).map { Self.features(z, data.inputs.column($0), window) }
    let f = Matrix(rows: data.count, columns: rows[0].count) { rows[$0][$1] }
    let a = Naive.product(f, f.transposed) + 0.3 * .identity(data.count)
    let mean = Naive.product(f.transposed, Naive.solve(a, data.targets))
    let covariance = Matrix.identity(f.columns) - Naive.product(f.transposed, Naive.solve(a, f))
    let moments = covariance + Naive.product(mean, mean.transposed)
    let layout = density.layout
    for (place, pair) in zip(layout.orderParameter, layout.orderParameterPairs) {
      let sum = (0..<2).reduce(0) { $0 + moments[$1 + 2 * pair.row, $1 + 2 * pair.column] }
      expectClose(record[place], sum / 2, relative: 1e-9)
    }
    expectClose(record[layout.paths.lowerBound], Self.path(z, window, moments), relative: 1e-9)
    // omega_1: the log likelihood's change as the second layer's weights grow.
    let weights = 12..<12 + 6 * window.mask
    let slope = Naive.derivative(step: 1e-3) { t in
      var moved = z
      for k in weights { moved[k] *= 1 + t }
      return density.value(moved) + moved.reduce(0) { $0 + $1 * $1 } / 2
    }
    expectClose(record[layout.virials.lowerBound], 1 + slope / 3, 1e-7)
  }

  /// With mean pooling P_2 is one number everywhere.
  @Test func meanPooling() throws {
    let generator = RandomGenerator(seed: 6)
    let density = try CollapsedDensity(
      try Self.network(2, stride: 1, readout: MeanPooling()), Self.data(generator), observing: ObservedPoints())
    let record = density.record(density.randomPosition(generator))
    let entries = Array(record[density.layout.orderParameter])
    expectClose(entries, [Double](repeating: entries[0], count: 3), relative: 1e-12)
  }
}
