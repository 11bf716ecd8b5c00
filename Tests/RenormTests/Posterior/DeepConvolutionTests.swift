import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Two convolutional layers (docs/depth.md).
@Suite struct DeepConvolutionTests {
  private static let shape = ImageShape(channels: 1, height: 3, width: 6)

  private static func data(_ seed: UInt32, count: Int = 10) -> Dataset {
    let generator = RandomGenerator(seed: seed)
    let inputs = Matrix.random(18, count, generator)
    return Dataset(
      shape: shape, inputs: inputs,
      targets: Matrix(rows: count, columns: 1) { i, _ in
        1.5 * (inputs[0, i] + 0.5 * inputs[7, i] * inputs[2, i] + 0.3 * generator.gaussian())
      })
  }

  /// First layer 3 x 2 with stride 3 x 2: three positions in a row; the second over `mask` of these.
  private static func network(
    _ mask: Int, stride: Int? = nil, _ activation: any Activation = Erf(),
    widths: [Width] = [.finite(12), .finite(9)],
    readout: String? = nil
  ) throws -> Network {
    var description = NetworkDescription([
      .architecture: .name("cnn"), .activation: .name(activation.name), .temperature: .number(0.1),
      .lambda0: .number(0.6), .lambdas: .list([.number(0.8), .number(1.3)]),
      .widths: .list(widths.map { .width($0) }),
      .mask: .list([.extent(Extent(height: 3, width: 2)), .extent(Extent(height: 1, width: mask))]),
      .stride: .list([
        .extent(Extent(height: 3, width: 2)), .extent(Extent(height: 1, width: stride ?? mask)),
      ]),
    ])
    if let readout { description[.readout] = .name(readout) }
    return try Network(description.completed)
  }

  /// The kernels by loops: K_R = sum_IJ P_2 (..) + sum P_1 (..), from the closed forms of erf.
  private static func kernel(_ p: [Matrix], _ inputs: Matrix, mask m: Int, stride: Int) -> Matrix {
    var naive = NaiveNetwork()
    (naive.kind, naive.lambda0, naive.mask, naive.stride) = (.convolutional, 0.6, (3, 2), (3, 2))
    let first = naive.kernels(inputs, naive.patches(channels: 1, height: 3, width: 6)).k
    let n = (3 - m) / stride + 1
    let count = inputs.columns
    let k1 = { (i: Int, j: Int, x: Int, y: Int) in first[i][j][x, y] / 0.8 }
    let mean = { (i: Int, j: Int, x: Int, y: Int) in
      (0..<m).reduce(0) { $0 + k1(i * stride + $1, j * stride + $1, x, y) } / Double(m)
    }
    let slope = { (i: Int, x: Int) in 2 / (Double.pi * (1 + 2 * mean(i, i, x, x))).squareRoot() }
    return Matrix(rows: count, columns: count) { x, y in
      var sum = 0.0
      for i in 0..<n {
        for j in 0..<n {
          let (c, h) = (mean(i, j, x, y), slope(i, x) * slope(j, y))
          let noise = naive.secondMoment(mean(i, i, x, x), c, mean(j, j, y, y)) - h * c
          sum += p[1][i, j] * noise / (1.3 * Double(n))
          for d in 0..<m {
            for e in 0..<m {
              sum +=
                p[0][i * m + d, j * m + e] * h * k1(i * stride + d, j * stride + e, x, y)
                / (1.3 * Double(n * m))
            }
          }
        }
      }
      return sum
    }
  }

  private static func dataTerm(_ kernel: Matrix, _ targets: Matrix) -> Double {
    let a = kernel + 0.1 * .identity(kernel.rows)
    return Naive.logDeterminant(a) + Naive.product(targets.transposed, Naive.solve(a, targets))[0, 0]
  }

  /// The kernel, the solution's stationarity, evidence and predictions; overlapping patches (mask 2, stride 1)
  /// too.
  @Test(arguments: [(1, 1), (3, 3), (2, 1)], UInt32(1)...3)
  func agreesWithLoops(_ window: (mask: Int, stride: Int), seed: UInt32) throws {
    let data = Self.data(seed)
    let network = try Self.network(window.mask, stride: window.stride)
    let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-9))
    #expect(posterior.solution.convergence.reachedTolerance, "\(posterior.solution.convergence)")
    let p = try #require(posterior.solution.layers?.matrices)
    let n = (3 - window.mask) / window.stride + 1
    #expect(p.map(\.rows) == [n * window.mask, n])
    let kernel = { Self.kernel($0, data.inputs, mask: window.mask, stride: window.stride) }
    expectClose(posterior.renormalizedKernel, kernel(p), relative: 1e-11)
    let prior = WishartChain(ratios: [12.0 / 9, 1])
    let action = { (p: [Matrix]) -> Double in
      let excess = (try? prior.excess(KernelWeights(covariance: BlockDiagonal(p), mean: nil))) ?? .nan
      return 9 * excess + Self.dataTerm(kernel(p), data.targets)
    }
    let generator = RandomGenerator(seed: seed)
    let step = p.map { Matrix.randomSymmetric($0.rows, generator) }
    let slope = Naive.derivative(step: 1e-4) { t in action(zip(p, step).map { $0 + t * $1 }) }
    expectClose(slope, 0, relative: 0, absolute: 3e-6)
    expectClose(
      try #require(posterior.logEvidence), -0.5 * (action(p) + Double(data.count) * log(2 * .pi)),
      relative: 1e-9)
    let test = Matrix.random(18, 3, generator)
    let all = Self.kernel(
      p, Matrix(columns: (0..<data.count).map(data.inputs.column) + (0..<3).map(test.column)),
      mask: window.mask, stride: window.stride)
    let own = Array(0..<data.count)
    let a = all.selectingRows(own).selectingColumns(own) + 0.1 * .identity(data.count)
    let prediction = try posterior.predict(test)
    for x in 0..<3 {
      let k = Matrix(columns: [own.map { all[$0, data.count + x] }])
      let solved = Naive.solve(a, k).transposed
      expectClose(prediction.mean[x, 0], Naive.product(solved, data.targets)[0, 0], 1e-9)
      expectClose(
        prediction.variance[x, 0], all[data.count + x, data.count + x] - Naive.product(solved, k)[0, 0], 1e-9)
    }
  }

  /// One position in both layers is the fully connected network.
  @Test func onePosition() throws {
    let data = Self.data(4)
    let windows = [Extent(height: 3, width: 6), Extent(1)]
    let network = try Network(
      NetworkDescription([
        .architecture: .name("cnn"), .activation: .name("erf"), .temperature: .number(0.1),
        .width: .width(.finite(11)),
        .mask: .list(windows.map { .extent($0) }), .lambda1: .number(0.7),
      ]).completed)
    let fc = try Network(widths: [.finite(11), .finite(11)], temperature: 0.1, lambdas: [0.7, 0.7])
    let (a, b) = (try network.fit(data), try fc.fit(data))
    expectClose(
      try #require(a.solution.layers).paths, try #require(b.solution.layers).paths, relative: 1e-6)
    expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-9)
    expectClose(try a.predict(data.inputs).mean, try b.predict(data.inputs).mean, relative: 1e-6)
  }

  /// Infinite width: P_l = S (x) 1; wide networks come near it. With mean pooling too, where P_2 has rank one.
  @Test(arguments: [nil, "mean-pool"]) func infiniteWidth(readout: String?) throws {
    let data = Self.data(5)
    let infinite = try Self.network(2, stride: 1, widths: [.infinite, .infinite], readout: readout).fit(data)
    let s = readout == nil ? Matrix.identity(2) : Matrix(rows: 2, columns: 2, repeating: 0.5)
    let below = Matrix(rows: 4, columns: 4) { $0 % 2 == $1 % 2 ? s[$0 / 2, $1 / 2] : 0 }
    let kernel = Self.kernel([below, s], data.inputs, mask: 2, stride: 1)
    expectClose(infinite.renormalizedKernel, kernel, relative: 1e-11)
    let wide = try Self.network(
      2, stride: 1, widths: [.finite(100_000_000), .finite(100_000_000)], readout: readout
    ).fit(data)
    #expect(wide.solution.space.blockSizes == (readout == nil ? [4, 2] : [2, 1]))
    let test = Matrix.random(18, 3, RandomGenerator(seed: 6))
    expectClose(try wide.predict(test).mean, try infinite.predict(test).mean, relative: 1e-5)
    expectClose(try wide.predict(test).variance, try infinite.predict(test).variance, relative: 1e-5)
    expectClose(try #require(wide.logEvidence), try #require(infinite.logEvidence), relative: 1e-5)
  }

  /// Correlated readouts: the kernel is that of P in positions, and P_2 has the rank of S.
  @Test func meanPooling() throws {
    let data = Self.data(6)
    let posterior = try Self.network(2, stride: 1, readout: "mean-pool").fit(data)
    let p = try #require(posterior.solution.layers?.matrices)
    #expect(p.map(\.rows) == [4, 2])
    expectClose(p[1][0, 0], p[1][1, 1], relative: 1e-12)
    expectClose(p[1][0, 0], p[1][1, 0], relative: 1e-12)
    expectClose(
      posterior.renormalizedKernel, Self.kernel(p, data.inputs, mask: 2, stride: 1), relative: 1e-11)
  }

  @Test func refused() throws {
    #expect(throws: RenormError.self) { try Self.network(1, ReLU()) }
    #expect(throws: RenormError.self) { try Self.network(4).fit(Self.data(1)) }
    let two = Dataset(
      shape: Self.shape, inputs: Self.data(1).inputs, targets: Matrix.random(10, 2, RandomGenerator(seed: 1)))
    #expect(throws: RenormError.self) { try Self.network(1).fit(two) }
  }

  struct Row: Sendable, CustomTestStringConvertible {
    let mask: Int
    var activation = "erf"
    var width = 60
    let upper: [Double]
    let below: [Double]
    /// P_1 between the second and the fourth index.
    var other: Double?
    var testDescription: String { "mask \(mask), \(activation)" }
  }

  /// MNIST 3 against 8 with P = 50, every second pixel, from an independent program to three digits.
  @Test(
    .needsData,
    arguments: [
      Row(mask: 2, upper: [1.363], below: [1.386, 1.408, 1.654, 1.452], other: -0.060),
      Row(
        mask: 1, upper: [1.040, 1.067, 1.281, 1.106], below: [1.073, 1.134, 1.629, 1.211], other: -0.106),
      Row(mask: 1, activation: "linear", width: 40, upper: [], below: [0.969, 0.895, 1.434, 0.887]),
    ])
  func publishedTable(_ row: Row) throws {
    let data = try DeepTable.load([3, 8], 50)
    let network = try Network(
      NetworkDescription([
        .architecture: .name("cnn"), .activation: .name(row.activation), .temperature: .number(0.02),
        .width: .width(.finite(row.width)), .mask: .list([.extent(Extent(7)), .extent(Extent(row.mask))]),
      ]).completed)
    let p = try #require(try network.fit(data.train).solution.layers?.matrices)
    expectClose(p[0].diagonal, row.below, relative: 0, absolute: 6e-4)
    if !row.upper.isEmpty { expectClose(p[1].diagonal, row.upper, relative: 0, absolute: 6e-4) }
    if let other = row.other { expectClose(p[0][3, 1], other, relative: 0, absolute: 6e-4) }
  }
}
