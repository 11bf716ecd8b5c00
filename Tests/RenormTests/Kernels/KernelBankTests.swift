import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm

@Suite struct KernelBankTests {
  /// Sums, contractions and products of every plan against loops; single precision to its own rounding.
  @Test(arguments: UInt32(1)...30, MemoryPlan.Storage.allCases)
  func passesAgreeWithLoops(seed: UInt32, storage: MemoryPlan.Storage) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let local = try problem.local()
    let bank = KernelBank(local, problem.inputs, plan: storage)
    let kernels = problem.trainingKernels
    let (n, p) = (local.positions, problem.inputs.columns)
    let tolerance = storage == .float32 ? 1e-6 : 1e-12
    #expect(bank.order == p)
    #expect(bank.pairs.count == (problem.naive.kind == .locallyConnected ? n : n * (n + 1) / 2))

    let drawn = randomPositiveDefinite(n, generator)
    let w = problem.naive.kind == .locallyConnected ? Matrix.diagonal(drawn.diagonal) : drawn
    let sum = bank.weightedSum(w)
    for a in 0..<p {
      for b in 0...a {
        var expected = 0.0
        for i in 0..<n { for j in 0..<n { expected += w[i, j] * kernels.k[i][j][a, b] } }
        expectClose(sum[a, b], expected, relative: tolerance, absolute: tolerance, "\(problem)")
      }
    }

    let h = randomPositiveDefinite(p, generator)
    let u = (0..<p).map { _ in generator.gaussian() }
    let (lower, outer) = bank.contract(lower: h, outer: u)
    let column = Matrix(columns: [u])
    for i in 0..<n {
      for j in 0..<n where i == j || problem.naive.kind != .locallyConnected {
        // K_ij^T = K_ji, so the sum over all elements of K_ij with a symmetric H is symmetric in i and j.
        expectClose(
          lower[i, j], kernels.k[i][j].innerProduct(h), relative: tolerance, absolute: 10 * tolerance, "\(problem)")
        expectClose(
          outer[i, j], kernels.k[i][j].innerProduct(Naive.product(column, column.transposed)),
          relative: tolerance, absolute: 10 * tolerance, "\(problem)")
      }
    }

    let vectors = Matrix(rows: p, columns: 3) { _, _ in generator.gaussian() }
    for (r, product) in bank.products(vectors).enumerated() {
      for (a, pair) in bank.pairs.pairs.enumerated() {
        let kernel = kernels.k[pair.i][pair.j]
        let symmetric = pair.i == pair.j ? kernel : kernel + kernel.transposed
        let expected = Naive.product(symmetric, Matrix(columns: [vectors.column(r)])).column(0)
        expectClose(product.column(a), expected, relative: tolerance, absolute: 10 * tolerance, "\(problem)")
      }
    }
  }

  /// Whole fits under the three plans: 1e-10 between double precision and tiles, 1e-6 in single precision.
  @Test(arguments: UInt32(1)...6) func plansAgree(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, kind: seed % 2 == 0 ? .convolutional : .locallyConnected, activation: .erf)
    let local = try problem.local()
    let solve = { (storage: MemoryPlan.Storage) in
      let term = BankDataTerm(
        bank: KernelBank(local, problem.inputs, plan: storage), means: nil, targets: problem.targets.column(0),
        readout: try ReadoutFactor(problem.readout, on: local.grid), groupSizes: local.pairs.groups.map(\.count),
        parameters: ActionParameters(
          temperature: problem.naive.temperature, width: Double(problem.width),
          kernelScale: 1 / (problem.naive.lambda1 * Double(local.positions))))
      return try ConeMinimizer(options: FitOptions(tolerance: 1e-11), width: Double(problem.width))
        .minimize(term) { _ in }.weights.covariance.dense
    }
    let reference = try solve(.float64)
    expectClose(try solve(.tiles), reference, relative: 1e-10, "\(problem)")
    expectClose(try solve(.float32), reference, relative: 1e-6, absolute: 1e-7, "\(problem)")
  }
}
