import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Members of a family against fits that share nothing with each other.
@Suite struct KernelFamilyTests {
  private static let options = FitOptions(tolerance: 1e-10)

  private func problem(_ seed: UInt32) throws -> RandomProblem {
    let generator = RandomGenerator(seed: seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let kind = kinds[Int(seed % 3)]
    let activations: [NaiveNetwork.Activation] = [.erf, .relu, .linear]
    var problem = RandomProblem(
      generator, kind: kind, activation: activations[Int(seed / 3 % 3)],
      outputs: kind == .fullyConnected && seed % 2 == 0 ? 3 : 1)
    problem.width = max(problem.width, 4)
    if kind == .convolutional, seed % 2 == 0 { problem.readout = MeanPooling() }
    return problem
  }

  @Test(arguments: UInt32(1)...36) func membersEqualFreshFits(seed: UInt32) throws {
    let problem = try problem(seed)
    let network = try problem.network(.finite(problem.width))
    let family = try KernelFamily(network, problem.data, options: Self.options)
    let points = try family.heldOut(problem.test)
    var previous: Solution?
    for (temperature, width, lambda1) in [
      (0.05, Width.finite(problem.width), 1.0), (0.3, .finite(3 * problem.width), 0.4), (0.1, .infinite, 2.0),
    ] {
      let network = try network.with(temperature: temperature, width: width, lambda1: lambda1)
      let member = try family.member(network, at: points, from: previous)
      previous = member.result.solution
      let fresh = try network.fit(problem.data, options: Self.options)
      let prediction = try fresh.predict(problem.test)
      // Two solutions of tolerance 1e-10 agree to the condition of the Hessian times that.
      expectClose(
        member.result.orderParameter, fresh.orderParameter, relative: 1e-7, absolute: 1e-8, "\(problem)")
      expectClose(member.prediction.mean, prediction.mean, relative: 1e-7, absolute: 1e-8, "\(problem)")
      expectClose(member.prediction.variance, prediction.variance, relative: 1e-7, absolute: 1e-8, "\(problem)")
      expectClose(
        try #require(member.result.trainingError), try #require(fresh.trainingError), relative: 1e-6,
        absolute: 1e-8, "\(problem)")
      #expect((member.result.logEvidence == nil) == (fresh.logEvidence == nil))
      if let evidence = member.result.logEvidence, let expected = fresh.logEvidence {
        expectClose(evidence, expected, relative: 1e-8, absolute: 1e-8, "\(problem)")
      }
      let posterior = try family.fit(network, from: previous)
      expectClose(posterior.orderParameter, fresh.orderParameter, relative: 1e-7, absolute: 1e-8, "\(problem)")
      expectClose(try posterior.predict(problem.test).mean, prediction.mean, relative: 1e-7, absolute: 1e-8)
    }
  }

  /// Coordinates that were written down are as good a start as the solution they come from, bit for bit.
  @Test(arguments: UInt32(1)...36) func storedStartsAreTheSame(seed: UInt32) throws {
    let problem = try problem(seed)
    let network = try problem.network(.finite(problem.width))
    let family = try KernelFamily(network, problem.data)
    let points = try family.heldOut(problem.test)
    let neighbour = try family.solve(network)
    let member = try network.with(temperature: 1.3 * network.temperature)
    let stored = Matrix(
      rows: neighbour.coordinates.rows, columns: neighbour.coordinates.columns,
      elements: neighbour.coordinates.elements.compactMap { Double("\($0)") })
    let a = try family.member(member, at: points, from: neighbour)
    let b = try family.member(member, at: points, startingAt: stored)
    #expect(
      a.result.solution.convergence == b.result.solution.convergence
        && a.result.solution.action == b.result.solution.action, "\(problem)")
    #expect(
      a.result.orderParameter == b.result.orderParameter && a.prediction == b.prediction
        && a.result.logEvidence == b.result.logEvidence)
    #expect(a.result.solution.coordinates == b.result.solution.coordinates)
    #expect(throws: RenormError.self) {
      try family.member(member, at: points, startingAt: .identity(stored.rows + 1))
    }
  }

  /// Fits on one and on two cores at the same time give what each gives alone, bit for bit.
  @Test func neighboursLeaveNoTrace() async throws {
    let problems = try (UInt32(1)...12).map(problem)
    let fit = { @Sendable (problem: RandomProblem, threads: Int) throws -> (Solution, Prediction) in
      let posterior = try problem.network(.finite(problem.width))
        .fit(problem.data, options: FitOptions(threads: threads))
      return (posterior.solution, try posterior.predict(problem.test))
    }
    let alone = try problems.map { problem in try [1, 2].map { try fit(problem, $0) } }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (problem, alone) in zip(problems, alone) {
        for (threads, alone) in zip([1, 2], alone) {
          group.addTask {
            let (solution, prediction) = try fit(problem, threads)
            #expect(solution.coordinates == alone.0.coordinates && prediction == alone.1, "\(problem)")
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// On the line A^(1-r) B^r of commuting matrices, and B where there is no line.
  @Test func extrapolation() throws {
    let problem = try problem(5)
    let family = try KernelFamily(try problem.network(.finite(5)), problem.data)
    let order = try family.solve(family.network).coordinates.rows
    // Commuting with two different eigenvalues: a I + b 1 1^T.
    let matrix = { (a: Double, b: Double) in
      Matrix(rows: order, columns: order) { i, j in (i == j ? a : 0) + b }
    }
    let n = Double(order)
    func expected(_ ratio: Double) -> Matrix {
      let small = pow(3, 1 + ratio) * pow(2, -ratio)
      let large = pow(3 + n, 1 + ratio) * pow(2 + 0.5 * n, -ratio)
      return matrix(small, (large - small) / n)
    }
    for ratio in [0, 0.5, 1, 2] {
      expectClose(
        family.extrapolated(from: matrix(2, 0.5), through: matrix(3, 1), ratio: ratio), expected(ratio),
        relative: 1e-12)
    }
    #expect(family.extrapolated(from: matrix(-1, 0), through: matrix(3, 1), ratio: 1) == matrix(3, 1))
    #expect(family.extrapolated(from: .identity(order + 1), through: matrix(3, 1), ratio: 1) == matrix(3, 1))
  }

  /// Held-out kernels that are kept against ones that are computed anew, training accuracy and warnings
  /// included.
  @Test(arguments: UInt32(1)...18) func heldOutKernelsAreKept(seed: UInt32) throws {
    let problem = try problem(seed)
    var data = problem.data
    if data.outputs == 1 {
      data = Dataset(
        shape: data.shape, inputs: data.inputs,
        targets: Matrix(rows: data.count, columns: 1) { i, _ in i % 2 == 0 ? -1 : 1 }, classes: [0, 1])
    }
    let network = try problem.network(.finite(problem.width))
    let plan = try network.memoryPlan(
      image: data.shape, examples: data.count, outputs: data.outputs,
      options: FitOptions(threads: 2, memoryLimit: 1 << 30), isKept: true)
    let held = network.heldOutBytes(image: data.shape, examples: data.count, points: problem.test.columns)
    let families = try [plan.bytes + held + 8, plan.bytes].map {
      try KernelFamily(network, data, options: FitOptions(threads: 2, memoryLimit: $0))
    }
    let members = try families.map { try $0.member(network, at: $0.heldOut(problem.test)) }
    #expect(members[0].result.orderParameter == members[1].result.orderParameter, "\(problem)")
    expectClose(members[0].prediction.mean, members[1].prediction.mean, relative: 1e-11, absolute: 1e-12)
    expectClose(
      members[0].prediction.variance, members[1].prediction.variance, relative: 1e-11, absolute: 1e-12)
    let fit = try families[0].fit()
    #expect(
      members[0].result.trainingAccuracy == fit.trainingAccuracy && members[0].result.warnings == fit.warnings)
  }

  /// A start at the solution needs one evaluation.
  @Test(arguments: UInt32(1)...9) func startsSaveEvaluations(seed: UInt32) throws {
    let problem = try problem(seed)
    let family = try KernelFamily(try problem.network(.finite(problem.width)), problem.data)
    let solution = try family.solve(family.network)
    let again = try family.solve(family.network, from: solution)
    #expect(again.convergence.evaluations <= min(2, solution.convergence.evaluations), "\(problem)")
  }

  @Test func strangersAreRefused() throws {
    let problem = try problem(3)
    let network = try problem.network(.finite(5))
    let family = try KernelFamily(network, problem.data)
    let stranger = try Network(
      architecture: network.architecture, activation: network.activation, width: .finite(5), temperature: 1,
      lambda0: 2 * network.lambda0)
    #expect(throws: RenormError.self) { try family.fit(stranger) }
    let infinite = try KernelFamily(try network.with(width: .infinite), problem.data)
    #expect(throws: RenormError.self) { try infinite.fit(network) }
    #expect(throws: RenormError.shapeMismatch(expected: "\(problem.data.shape)", got: "1 values")) {
      try family.heldOut(Matrix(rows: 1, columns: 2))
    }
  }
}
