import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Kernels that another program computed: here the loops of `NaiveNetwork`.
@Suite struct SuppliedKernelsTests {
  /// The kernels of a network, training points first.
  private func supplied(_ problem: RandomProblem) throws -> SuppliedKernels {
    let all = problem.allKernels
    let (n, p, q) = (all.positions, problem.inputs.columns, problem.test.columns)
    let isCoupled = problem.naive.kind != .locallyConnected
    let blocks = (0..<n).flatMap { i in (isCoupled ? 0..<n : i..<i + 1).map { j in all.k[i][j] } }
    return try SuppliedKernels(
      indices: n, isCoupled: isCoupled, count: p, heldOut: q,
      kernels: blocks.flatMap { k in (0..<p).flatMap { a in (0..<p).map { k[a, $0] } } },
      cross: blocks.flatMap { k in (p..<p + q).flatMap { a in (0..<p).map { k[a, $0] } } },
      diagonal: blocks.flatMap { k in (p..<p + q).map { k[$0, $0] } },
      means: all.isOdd ? nil : all.m.flatMap { $0[0..<p] },
      heldOutMeans: all.isOdd ? nil : all.m.flatMap { $0[p..<p + q] })
  }

  @Test(arguments: UInt32(1)...40) func agreeWithComputedKernels(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(
      generator, kind: [.locallyConnected, .convolutional, .fullyConnected][Int(seed % 3)],
      outputs: seed % 4 == 0 ? 2 : 1, largestCount: 6)
    problem.width = max(problem.width, 3)
    let kernels = try supplied(problem)
    let options = FitOptions(tolerance: 1e-10)
    let expected = try problem.fit(options: options)
    let network = try kernels.network(
      width: .finite(problem.width), temperature: problem.naive.temperature, lambda1: problem.naive.lambda1)
    let posterior = try network.fit(kernels.training(targets: problem.targets), options: options)
    // Kernels of two programs differ by 1e-15, which A^-1 at T = 0.001 makes 1e-10 at most.
    expectClose(posterior.orderParameter, expected.orderParameter, relative: 1e-8, absolute: 1e-9, "\(problem)")
    let (a, b) = (try posterior.predict(kernels.heldOutInputs), try expected.predict(problem.test))
    expectClose(a.mean, b.mean, relative: 1e-8, absolute: 1e-8, "\(problem)")
    expectClose(a.variance, b.variance, relative: 1e-8, absolute: 1e-8, "\(problem)")
    expectClose(
      try #require(posterior.logEvidence), try #require(expected.logEvidence), relative: 1e-9, absolute: 1e-8)
    expectClose(posterior.trainingMeans, expected.trainingMeans, relative: 1e-8, absolute: 1e-8)
    let family = try KernelFamily(network, kernels.training(targets: problem.targets), options: options)
    let colder = try network.with(temperature: 3 * problem.naive.temperature)
    let member = try family.member(colder, at: family.heldOut(kernels.heldOutInputs))
    let alone = try colder.fit(kernels.training(targets: problem.targets), options: options)
    expectClose(
      member.prediction.mean, try alone.predict(kernels.heldOutInputs).mean, relative: 1e-7, absolute: 1e-8)
  }

  /// A deep infinite-width kernel as a bank of one is a Gaussian process (Rasmussen and Williams, algorithm
  /// 2.1).
  @Test func bankOfOne() throws {
    let generator = RandomGenerator(seed: 5)
    let (p, q) = (12, 4)
    let x = Matrix.random(6, p + q, generator)
    let y = Matrix.random(p, 1, generator)
    var k = (1 / 6.0) * Naive.product(x.transposed, x)
    for _ in 0..<3 {
      let c = k
      k = Matrix(rows: p + q, columns: p + q) { a, b in
        2 / .pi * asin(2 * c[a, b] / ((1 + 2 * c[a, a]) * (1 + 2 * c[b, b])).squareRoot())
      }
    }
    let kernels = try SuppliedKernels(
      indices: 1, isCoupled: false, count: p, heldOut: q,
      kernels: (0..<p).flatMap { a in (0..<p).map { k[a, $0] } },
      cross: (p..<p + q).flatMap { a in (0..<p).map { k[a, $0] } }, diagonal: (p..<p + q).map { k[$0, $0] })
    let data = try kernels.training(targets: y)
    let prediction = try kernels.network(width: .infinite, temperature: 0.1).fit(data)
      .predict(kernels.heldOutInputs)
    let a = Matrix(rows: p, columns: p) { k[$0, $1] + ($0 == $1 ? 0.1 : 0) }
    let cross = Matrix(rows: p, columns: q) { k[$0, p + $1] }
    let solved = Naive.solve(a, cross)
    expectClose(prediction.mean, Naive.product(solved.transposed, y), relative: 1e-11, absolute: 1e-11)
    for point in 0..<q {
      let explained = Naive.product(cross.transposed, solved)[point, point]
      expectClose(
        prediction.variance[point, 0], k[p + point, p + point] - explained, relative: 1e-10, absolute: 1e-12)
    }
    // Finite width is a change of lambda1 to lambda1/q.
    let finite = try kernels.network(width: .finite(20), temperature: 0.1).fit(data)
    let scale = finite.orderParameter[0, 0]
    #expect(abs(scale - 1) > 0.01)
    let changed = try kernels.network(width: .infinite, temperature: 0.1, lambda1: 1 / scale).fit(data)
    expectClose(
      try finite.predict(kernels.heldOutInputs).mean, try changed.predict(kernels.heldOutInputs).mean,
      relative: 1e-10, absolute: 1e-11)
  }

  private func refusal(
    indices: Int = 2, isCoupled: Bool = true, count: Int = 2, heldOut: Int = 1,
    _ change: (inout [Double], inout [Double], inout [Double]) -> Void
  ) -> String {
    // K_ij = u_i u_j^T + delta_ij: positive definite. Two indices of two examples, one held-out point.
    let u = [1.0, 0.5, -0.3, 0.8]
    var kernels: [Double] = []
    for i in 0..<2 {
      for j in 0..<2 {
        for a in 0..<2 {
          for b in 0..<2 {
            let noise: Double = i == j && a == b ? 1 : 0
            kernels.append(u[2 * i + a] * u[2 * j + b] + noise)
          }
        }
      }
    }
    var cross = [Double](repeating: 0.1, count: 8)
    var diagonal = [1.0, 0.2, 0.2, 1]
    change(&kernels, &cross, &diagonal)
    do {
      _ = try SuppliedKernels(
        indices: indices, isCoupled: isCoupled, count: count, heldOut: heldOut, kernels: kernels, cross: cross,
        diagonal: diagonal)
      return "accepted"
    } catch {
      return "\(error)"
    }
  }

  @Test func refusals() {
    #expect(refusal { _, _, _ in } == "accepted")
    #expect(
      refusal { k, _, _ in k.removeLast() }
        == "kernels has 15 numbers; 2 indices, 2 examples and 1 held-out points have 16")
    #expect(
      refusal { _, c, _ in c[3] = .nan }
        == "cross has nan at place 3 (from 0, in C order); only finite numbers are accepted")
    #expect(refusal { k, _, _ in k[1] += 0.1 }.hasPrefix("K_ji is not the transpose of K_ij: at i = 0, j = 0"))
    #expect(refusal { k, _, _ in k[5] += 0.1 }.hasPrefix("K_ji is not the transpose of K_ij: at i = 1, j = 0"))
    #expect(
      refusal { k, _, _ in
        k[4] += 3
        k[8] += 3
      }
        == "the block matrix of the kernels is not positive semidefinite: it fails at index 1, example 0 "
        + "(from 0)"
    )
    #expect(refusal { k, _, _ in k[0] = -1 }.hasPrefix("the block matrix of the kernels is not positive"))
    #expect(
      refusal { _, c, _ in c[0] = 5 }.hasPrefix("cross and diagonal contradict each other: at i = 0, j = 0"))
    #expect(refusal(indices: 0) { _, _, _ in }.hasPrefix("kernels of 0 indices"))
  }

  /// What needs more than the kernels says so.
  @Test func heldOutPairsAreUnknown() throws {
    let kernels = try supplied(RandomProblem(RandomGenerator(seed: 4), kind: .convolutional, activation: .erf))
    let y = Matrix.random(kernels.count, 1, RandomGenerator(seed: 1))
    let posterior = try kernels.network(width: .finite(20), temperature: 0.1).fit(kernels.training(targets: y))
    #expect(throws: RenormError.self) { try posterior.predictiveCovariance(of: kernels.heldOutInputs) }
    #expect(throws: RenormError.self) { try posterior.similarity(of: kernels.heldOutInputs, positions: 0, 0) }
    #expect(throws: RenormError.self) {
      try posterior.predict(Matrix(rows: kernels.indices, columns: 1, repeating: 99))
    }
    let own = posterior.training.inputs
    #expect(try posterior.predictiveCovariance(of: own).rows == kernels.count)
    #expect(try posterior.similarity(of: own, positions: 0, 0).after.rows == kernels.count)
  }
}
