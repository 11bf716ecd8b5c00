import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Deep fully connected networks of several outputs: P_l is D x D at every layer (docs/depth.md).
@Suite struct DeepOutputsTests {
  private static let shape = ImageShape(channels: 1, height: 2, width: 4)

  private static func data(_ seed: UInt32, outputs: Int, count: Int = 12) -> Dataset {
    let generator = RandomGenerator(seed: seed)
    let inputs = Matrix.random(8, count, generator)
    return Dataset(
      shape: shape, inputs: inputs,
      targets: Matrix(rows: count, columns: outputs) { i, d in
        1.5 * (inputs[d, i] + 0.5 * inputs[1, i] * inputs[2 + d, i] + 0.3 * generator.gaussian())
      })
  }

  private static func network(
    _ widths: [Int], _ activation: any Activation = Erf(), lambdas: [Double]? = nil
  ) throws -> Network {
    try Network(
      widths: widths.map { .finite($0) }, activation: activation, temperature: 0.1, lambda0: 0.6,
      lambdas: lambdas ?? widths.map { _ in 1 })
  }

  private static func bank(_ network: Network, _ data: Dataset) throws -> [Matrix] {
    let (local, _) = try network.kernels(on: data.shape, threads: 1)
    return DeepKernels(first: local, lambdas: network.lambdas, theory: .linearPart).bank(data.inputs, nil)
      .map(\.mirrored)
  }

  /// log det A + y^T A^-1 y with A = T + sum_l B_l (x) P_l on y = (y_mu c), by loops.
  private static func dataTerm(_ p: [Matrix], _ bank: [Matrix], _ targets: Matrix) -> Double {
    let d = targets.columns
    let a = Matrix(rows: targets.rows * d, columns: targets.rows * d) { row, column in
      zip(p, bank).reduce(row == column ? 0.1 : 0) {
        $0 + $1.0[row % d, column % d] * $1.1[row / d, column / d]
      }
    }
    let y = Matrix(columns: [targets.transposed.elements])
    return Naive.logDeterminant(a) + Naive.product(y.transposed, Naive.solve(a, y))[0, 0]
  }

  /// The prior, less its value at P = 1.
  private static func excess(_ p: [Matrix], _ widths: [Int]) -> Double {
    p.indices.reduce(0) { sum, l in
      let quotient = l + 1 < p.count ? Naive.product(Naive.inverse(p[l + 1]), p[l]) : p[l]
      return sum
        + Double(widths[l]) * (quotient.trace - log(Naive.determinant(quotient)) - Double(quotient.rows))
    }
  }

  /// The solution is stationary for the action by loops, which has the reported value; so has the evidence.
  @Test(arguments: [[9, 14], [20, 8, 12]], UInt32(1)...4) func stationary(widths: [Int], seed: UInt32) throws {
    let outputs = 2 + Int(seed % 2)
    let data = Self.data(seed, outputs: outputs)
    let network = try Self.network(widths, lambdas: widths.indices.map { 0.7 + 0.2 * Double($0) })
    let posterior = try network.fit(data, options: FitOptions(tolerance: 1e-9))
    let convergence = posterior.solution.convergence
    #expect(convergence.reachedTolerance && convergence.evaluations <= 25, "\(convergence)")
    let p = try #require(posterior.solution.layers?.matrices)
    #expect(p.count == widths.count && p.allSatisfy { $0.rows == outputs })
    let bank = try Self.bank(network, data)
    let action = { (p: [Matrix]) in Self.excess(p, widths) + Self.dataTerm(p, bank, data.targets) }
    let generator = RandomGenerator(seed: seed)
    for _ in 0..<3 {
      let step = p.map { Matrix.randomSymmetric($0.rows, generator) }
      let slope = Naive.derivative(step: 1e-4) { t in action(zip(p, step).map { $0 + t * $1 }) }
      expectClose(slope, 0, relative: 0, absolute: 2e-6, "\(widths)")
    }
    let width = Double(widths[widths.count - 1])
    let constant = zip(widths, p).reduce(0) { $0 + Double($1.0 * $1.1.rows) } / width
    expectClose(try #require(posterior.solution.action), action(p) / width + constant, relative: 1e-9)
    expectClose(
      try #require(posterior.logEvidence),
      -0.5 * (action(p) + Double(data.targets.elements.count) * log(2 * .pi)), relative: 1e-9)
  }

  /// Predictions by loops, from kernels between all points.
  @Test(arguments: UInt32(5)...7) func predictions(seed: UInt32) throws {
    let (count, outputs) = (10, 2)
    let data = Self.data(seed, outputs: outputs, count: count)
    let test = Matrix.random(8, 3, RandomGenerator(seed: seed + 50))
    let network = try Self.network([12, 7])
    let posterior = try network.fit(data)
    let p = try #require(posterior.solution.layers?.matrices)
    let points = Matrix(columns: (0..<count).map(data.inputs.column) + (0..<3).map(test.column))
    let bank = try Self.bank(
      network, Dataset(shape: Self.shape, inputs: points, targets: Matrix(rows: count + 3, columns: 1)))
    let kernel = Matrix(rows: (count + 3) * outputs, columns: (count + 3) * outputs) { row, column in
      zip(p, bank).reduce(0) {
        $0 + $1.0[row % outputs, column % outputs] * $1.1[row / outputs, column / outputs]
      }
    }
    let own = Array(0..<count * outputs)
    let a = kernel.selectingRows(own).selectingColumns(own) + 0.1 * .identity(own.count)
    let prediction = try posterior.predict(test)
    for x in 0..<3 {
      for d in 0..<outputs {
        let place = (count + x) * outputs + d
        let k = Matrix(columns: [own.map { kernel[$0, place] }])
        let solved = Naive.solve(a, k).transposed
        expectClose(
          prediction.mean[x, d],
          Naive.product(solved, Matrix(columns: [data.targets.transposed.elements]))[0, 0], 1e-9)
        expectClose(prediction.variance[x, d], kernel[place, place] - Naive.product(solved, k)[0, 0], 1e-9)
      }
    }
    let covariance = try posterior.predictiveCovariance(of: test, output: 1)
    expectClose(covariance.diagonal, prediction.variance.column(1), 1e-9)
    let family = try KernelFamily(network, data)
    let member = try family.member(network, at: family.heldOut(test))
    expectClose(member.prediction.mean, prediction.mean, relative: 1e-6, absolute: 1e-7)
    let again = try Posterior(
      network: network, training: data, solution: posterior.solution, trainingKernel: posterior.trainingKernel,
      threads: 1)
    expectClose(try again.predict(test).mean, prediction.mean, relative: 1e-9, absolute: 1e-10)
  }

  /// The action and its gradient at any P, for starts and for users of `KernelFamily.action`.
  @Test func gradient() throws {
    let data = Self.data(3, outputs: 2)
    let family = try KernelFamily(Self.network([9, 14]), data)
    let generator = RandomGenerator(seed: 2)
    let p = BlockDiagonal([.randomPositiveDefinite(2, generator), .randomPositiveDefinite(2, generator)])
    let step = BlockDiagonal([.randomSymmetric(2, generator), .randomSymmetric(2, generator)])
    let gradient = try family.action(at: p.dense).gradient
    let slope = Naive.derivative(step: 1e-4) { t in
      (try? family.action(at: (p + t * step).dense).value) ?? .nan
    }
    expectClose(gradient.innerProduct(step.dense), slope, 1e-8)
  }

  /// Targets turned among the outputs turn P.
  @Test func rotation() throws {
    let data = Self.data(4, outputs: 2)
    let turn = Matrix(rows: 2, columns: 2, elements: [0.6, 0.8, -0.8, 0.6])
    let turned = Dataset(shape: Self.shape, inputs: data.inputs, targets: data.targets * turn)
    let network = try Self.network([15, 10])
    let (a, b) = (try network.fit(data), try network.fit(turned))
    let (p, q) = (try #require(a.solution.layers?.matrices), try #require(b.solution.layers?.matrices))
    for (p, q) in zip(p, q) { expectClose(turn.asTranspose * (p * turn), q, relative: 1e-6, absolute: 1e-7) }
    expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-9)
  }

  /// Where all layers but the last are wide, the last has the order parameter of one hidden layer on K_L.
  @Test func wideLayersBelow() throws {
    let data = Self.data(6, outputs: 2)
    let network = try Self.network([1_000_000_000, 8], lambdas: [0.8, 1.2])
    let posterior = try network.fit(data)
    let p = try #require(posterior.solution.layers?.matrices)
    let kernel = try Self.bank(network, data).weightedSum([1.2, 1.2])
    let supplied = try SuppliedKernels(
      indices: 1, isCoupled: false, count: data.count, kernels: kernel.elements)
    let one = try supplied.network(width: .finite(8), temperature: 0.1, lambda1: 1.2)
      .fit(supplied.training(targets: data.targets))
    expectClose(p[1], one.orderParameter, relative: 1e-6, absolute: 1e-6)
    expectClose(p[0], p[1], relative: 1e-6, absolute: 1e-6)
  }

  /// Linear layers of equal width share one matrix, S = L tr Q^(1/L) - log det Q + data: P_l = Q^((L - l +
  /// 1)/L).
  @Test func linear() throws {
    let data = Self.data(7, outputs: 3)
    let posterior = try Self.network([11, 11, 11], Linear()).fit(data, options: FitOptions(tolerance: 1e-9))
    let p = try #require(posterior.solution.layers?.matrices)
    let root = p[2]
    expectClose(root * root, p[1], relative: 1e-6, absolute: 1e-7)
    expectClose(root * (root * root), p[0], relative: 1e-6, absolute: 1e-7)
    #expect(abs(root[0, 0] - 1) > 1e-2)
  }

  /// One output by the chain is the network of numbers q_l.
  @Test func oneOutput() throws {
    let data = Self.data(8, outputs: 1)
    let network = try Self.network([9, 14, 11])
    let layers = try #require(try network.fit(data).solution.layers)
    let bank = StoredBank(
      try Self.bank(network, data), IndexPairs(groups: [0..<1, 1..<2, 2..<3]), outputs: 1,
      elementRounding: 1e-16)
    let term = BankDataTerm(
      bank: bank, means: nil, targets: data.targets.column(0),
      space: .paths([1, 1, 1], readout: nil, outputs: 1),
      parameters: ActionParameters(temperature: 0.1, width: 11, kernelScale: 1))
    let prior = WishartChain(ratios: [9.0 / 11, 14.0 / 11, 1])
    let solution = try ConeMinimizer(options: SolverOptions(tolerance: 1e-9))
      .solve(EffectiveAction(prior: prior, data: term)).solution
    expectClose(solution.weights.covariance.blocks.map(\.trace), layers.paths, relative: 1e-6)
    let own = try #require(solution.layers)
    expectClose(own.orderParameters, layers.orderParameters, relative: 1e-6)
  }

  /// What the theory does not cover is refused.
  @Test func refused() throws {
    let data = Self.data(9, outputs: 2)
    #expect(throws: RenormError.self) { try Self.network([9, 9], ReLU()).fit(data) }
    let mixed = try Network(widths: [.infinite, .finite(5)], temperature: 0.1)
    #expect(throws: RenormError.self) { try mixed.fit(data) }
    let nested = try Network(widths: [.finite(5), .finite(5)], temperature: 0.1, deepTheory: .nested)
    #expect(throws: RenormError.self) { try nested.fit(data) }
  }

  /// MNIST 1, 4, 7 with P = 45, every second pixel, N = 60, T = 0.05, from an independent program to three
  /// digits.
  @Test(.needsData) func threeClasses() throws {
    let data = try DeepTable.load([1, 4, 7], 45)
    let network = try Network(widths: [.finite(60), .finite(60)], temperature: 0.05)
    let p = try #require(try network.fit(data.train).solution.layers?.matrices)
    let expected = [
      [0.659, 0.712, 0.715, -0.115, -0.117, -0.171], [0.790, 0.821, 0.823, -0.078, -0.080, -0.110],
    ]
    for (p, expected) in zip(p, expected) {
      expectClose(p.diagonal + [p[1, 0], p[2, 0], p[2, 1]], expected, relative: 0, absolute: 6e-4)
    }
  }
}

/// Data of the published table of deep networks: MNIST, every second pixel.
enum DeepTable {
  static func load(_ classes: [Int], _ count: Int) throws -> LoadedData {
    let folder = (Machine.dataFolder ?? "") + "/"
    return try LoadedData.load(
      DataFiles(
        train: folder + "train-images-idx3-ubyte.gz", trainLabels: folder + "train-labels-idx1-ubyte.gz",
        test: folder + "t10k-images-idx3-ubyte.gz", testLabels: folder + "t10k-labels-idx1-ubyte.gz"),
      DataSelection(classes: classes.map { .integer($0) }, trainCount: count, testCount: 100, pixelStep: 2))
  }
}
