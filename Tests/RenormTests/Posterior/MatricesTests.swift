import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The matrices behind a fit: action, kernels and covariances, for work on the theory.
@Suite struct MatricesTests {
  private func problem(_ seed: UInt32) -> RandomProblem {
    let generator = RandomGenerator(seed: seed)
    let outputs = seed % 4 == 0 ? 3 : 1
    return RandomProblem(generator, kind: outputs > 1 ? .fullyConnected : nil, outputs: outputs)
  }

  /// S and dS/dQ against the dense action and its central differences.
  @Test(arguments: UInt32(1)...24) func actionAndGradient(seed: UInt32) throws {
    var problem = problem(seed)
    if problem.naive.activation == .relu { problem.naive.activation = .erf }
    let generator = RandomGenerator(seed: 100 + seed)
    let family = try KernelFamily(problem.network(), problem.data)
    let solution = try family.solve(problem.network())
    let space = solution.space
    let draw = { BlockDiagonal(space.blockSizes.map { Matrix.randomPositiveDefinite($0, generator) }).dense }
    let q = draw()
    let kernels = problem.trainingKernels
    let reference = { (q: Matrix) in
      kernels.action(space.matrix(q), targets: problem.targets, width: Double(problem.width))
        + (space.basis == nil ? 0 : .nan)
    }
    let (value, gradient) = try family.action(at: q)
    expectClose(value, reference(q), relative: 1e-10, absolute: 1e-9, "\(problem)")
    let direction = draw()
    // Fourth-order differences of a smooth function: 1e-8 of its slope.
    let slope = Naive.derivative(step: 1e-4) { reference(q + $0 * direction) }
    expectClose(
      gradient.innerProduct(direction), slope, relative: 1e-6,
      absolute: 1e-7 * gradient.innerProduct(gradient).squareRoot(),
      "\(problem)")
    // At the solution both agree with what the solver reports.
    let (least, none) = try family.action(at: solution.coordinates)
    expectClose(least, try #require(solution.action), relative: 1e-11, absolute: 1e-11)
    #expect(none.innerProduct(none).squareRoot() < 1e-5, "\(problem)")
    #expect(value >= least - 1e-9 * abs(least), "\(problem)")
  }

  /// At a saddle the gradient vanishes at Qbar, and is the slope of the action along any direction elsewhere.
  @Test(arguments: UInt32(1)...8) func actionOfASaddle(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, activation: .relu)
    problem.width = max(problem.width, 4)
    let family = try KernelFamily(problem.network(), problem.data)
    let solution = try family.solve(problem.network())
    let (value, none) = try family.action(at: solution.coordinates)
    expectClose(value, try #require(solution.action), relative: 1e-10, absolute: 1e-10)
    #expect(none.innerProduct(none).squareRoot() < 1e-5, "\(problem)")
    let sizes = solution.space.blockSizes
    let draw = { BlockDiagonal(sizes.map { Matrix.randomPositiveDefinite($0, generator) }).dense }
    let (far, direction) = (draw(), draw())
    // Half way to a random place, or as far as I + Q stays positive definite.
    let q = try #require(
      [0.5, 0.25, 0.125, 0.0625].lazy.map { (1 - $0) * solution.coordinates + $0 * far }
        .first { (try? family.action(at: $0)) != nil }, "\(problem)")
    let (_, gradient) = try family.action(at: q)
    let slope = Naive.derivative(step: 1e-4) { (try? family.action(at: q + $0 * direction).value) ?? .nan }
    expectClose(gradient.innerProduct(direction), slope, relative: 1e-6, absolute: 1e-7, "\(problem)")
  }

  @Test func actionRefusesWhatIsNoOrderParameter() throws {
    let problem = RandomProblem(RandomGenerator(seed: 2), kind: .convolutional, activation: .erf)
    let family = try KernelFamily(problem.network(), problem.data)
    let order = try family.solve(problem.network()).space.order
    #expect(throws: RenormError.self) { try family.action(at: .identity(order + 1)) }
    #expect(throws: RenormError.self) { try family.action(at: -1 * .identity(order)) }
    #expect(throws: RenormError.self) { try family.action(at: Double.nan * .identity(order)) }
    #expect(throws: RenormError.self) { try family.action(problem.network(.infinite), at: .identity(order)) }
  }

  /// The kernel from Qbar and R by loops over positions.
  @Test(arguments: UInt32(1)...12) func kernelOfASaddle(seed: UInt32) throws {
    var problem = RandomProblem(RandomGenerator(seed: seed), activation: .relu)
    problem.width = max(problem.width, 4)
    let posterior = try problem.fit()
    let r = try #require(posterior.solution.meanWeights)
    expectClose(
      posterior.renormalizedKernel, problem.trainingKernels.renormalized(posterior.orderParameter, r),
      relative: 1e-10, absolute: 1e-12, "\(problem)")
    #expect(try problem.fit(.infinite).solution.meanWeights == nil)
  }

  /// Covariances against Gaussian conditioning by dense algebra on the joint kernel; their diagonal is the
  /// variance.
  @Test(arguments: UInt32(1)...20) func predictiveCovariance(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit()
    let variance = try posterior.predict(problem.test).variance
    for output in 0..<problem.targets.columns {
      let covariance = try posterior.predictiveCovariance(of: problem.test, output: output)
      // Differences of numbers of the size of the prior.
      expectClose(covariance.diagonal, variance.column(output), relative: 1e-8, absolute: 1e-10, "\(problem)")
      #expect(covariance == covariance.transposed)
    }
    guard problem.targets.columns == 1 else { return }
    let t = problem.naive.temperature
    let k = posterior.renormalizedKernel
    let cross = try posterior.renormalizedKernel(problem.inputs, problem.test)
    let own = try posterior.renormalizedKernel(problem.test, problem.test)
    let expected = own - Naive.product(cross.transposed, Naive.solve(k + t * .identity(k.rows), cross))
    expectClose(
      try posterior.predictiveCovariance(of: problem.test), expected, relative: 1e-8, absolute: 1e-9,
      "\(problem)")
    #expect(throws: RenormError.self) { try posterior.predictiveCovariance(of: problem.test, output: 1) }
  }

  /// Eigenvalues against trace and determinant of the kernel over all outputs.
  @Test(arguments: UInt32(1)...12) func eigenvalues(seed: UInt32) throws {
    let problem = problem(seed)
    let posterior = try problem.fit()
    let values = try posterior.kernelEigenvalues()
    let t = problem.naive.temperature
    let isCoupled = problem.targets.columns > 1
    let q = isCoupled ? posterior.orderParameter : .identity(1)
    let k = posterior.renormalizedKernel
    let n = k.rows
    let means = posterior.outputMeans
    #expect((means != nil) == (isCoupled && problem.naive.activation == .relu))
    let whole = Matrix(rows: n * q.rows, columns: n * q.rows) { a, b in
      let mean = means.map { $0.covariance[a / n, b / n] * $0.values[a % n] * $0.values[b % n] } ?? 0
      return q[a / n, b / n] * k[a % n, b % n] + mean
    }
    // Means at the training examples, by dense algebra on the whole kernel.
    let y = Matrix(columns: [problem.targets.elements])
    if isCoupled {
      let fitted = whole * Naive.solve(whole + t * .identity(whole.rows), y)
      expectClose(
        posterior.trainingMeans.elements, fitted.elements, relative: 1e-7, absolute: 1e-8, "\(problem)")
    }
    #expect(values == values.sorted() && values.count == whole.rows)
    expectClose(values.reduce(0, +), whole.trace, relative: 1e-11)
    expectClose(
      values.reduce(0) { $0 + log($1 + t) }, Naive.logDeterminant(whole + t * .identity(whole.rows)),
      relative: 1e-9,
      absolute: 1e-9, "\(problem)")
  }

  @Test func localKernelsAreThoseOfLoops() throws {
    let problem = RandomProblem(RandomGenerator(seed: 5), kind: .convolutional, activation: .erf)
    let network = try problem.network()
    let naive = problem.trainingKernels
    let n = naive.k.count
    for i in 0..<n {
      for j in 0..<n {
        let kernel = try network.localKernel(
          problem.inputs, problem.inputs, on: problem.shape, positions: i, j)
        expectClose(kernel, naive.k[i][j], relative: 1e-12, absolute: 1e-12)
      }
    }
    #expect(throws: RenormError.self) {
      try network.localKernel(problem.inputs, problem.inputs, on: problem.shape, positions: 0, n)
    }
  }

  /// Positions of an LCN with filters of their own are independent: E[s(h_i)] E[s(h_j)], E relu = sqrt(C/2 pi).
  @Test func independentPositions() throws {
    let random = RandomGenerator(seed: 8)
    let inputs = Matrix(rows: 8, columns: 3) { _, _ in random.gaussian() }
    let network = try Network(
      architecture: LocallyConnected(mask: Extent(2)), activation: ReLU(), width: .finite(4), temperature: 1,
      lambda0: 0.7)
    let kernel = try network.localKernel(
      inputs, inputs, on: ImageShape(channels: 1, height: 2, width: 4), positions: 0, 1)
    // Rows of 4 pixels: patches are columns 0, 1 and 2, 3 of both rows.
    func mean(_ example: Int, _ pixels: [Int]) -> Double {
      let variance = pixels.reduce(0) { $0 + inputs[$1, example] * inputs[$1, example] } / (0.7 * 4)
      return (variance / (2 * .pi)).squareRoot()
    }
    for x in 0..<3 {
      for y in 0..<3 {
        expectClose(kernel[x, y], mean(x, [0, 1, 4, 5]) * mean(y, [2, 3, 6, 7]), relative: 1e-13)
      }
    }
  }

  /// An activation of a caller's own with a parameter that its name does not tell.
  private struct Scaled: Activation {
    let slope: Double
    var name: String { "scaled" }
    var isOdd: Bool { true }
    func callAsFunction(_ h: Double) -> Double { slope * h }
    func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { slope * slope * cab }
    func mean(variance: Double) -> Double { 0 }
  }

  @Test func familiesTellParametersApart() throws {
    let problem = RandomProblem(RandomGenerator(seed: 7), kind: .fullyConnected, activation: .linear)
    let network = { (slope: Double) in
      try Network(
        architecture: FullyConnected(), activation: Scaled(slope: slope), width: .finite(5), temperature: 0.1)
    }
    let family = try KernelFamily(network(1), problem.data)
    _ = try family.fit(network(1).with(temperature: 0.2))
    #expect(throws: RenormError.self) { try family.fit(network(2)) }
    #expect(throws: RenormError.self) { try family.solve(network(2)) }
  }
}
