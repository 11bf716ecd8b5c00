import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct KernelBankTests {
  /// Sums, contractions and products of every plan against loops; single precision to its own rounding.
  @Test(arguments: UInt32(1)...30, MemoryPlan.Storage.allCases)
  func passesAgreeWithLoops(seed: UInt32, storage: MemoryPlan.Storage) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let local = try problem.local()
    let bank = TiledBank(local, problem.inputs, plan: storage)
    let kernels = problem.trainingKernels
    let (n, p) = (local.positions, problem.inputs.columns)
    let tolerance = storage == .float32 ? 1e-6 : 1e-12
    #expect(bank.order == p)
    #expect(bank.pairs.count == (problem.naive.kind == .locallyConnected ? n : n * (n + 1) / 2))

    let drawn = Matrix.randomPositiveDefinite(n, generator)
    let w = problem.naive.kind == .locallyConnected ? Matrix.diagonal(drawn.diagonal) : drawn
    let sum = bank.weightedSum(w)
    for a in 0..<p {
      for b in 0...a {
        var expected = 0.0
        for i in 0..<n { for j in 0..<n { expected += w[i, j] * kernels.k[i][j][a, b] } }
        expectClose(sum[a, b], expected, relative: tolerance, absolute: tolerance, "\(problem)")
      }
    }

    let h = Matrix.randomPositiveDefinite(p, generator)
    let u = (0..<p).map { _ in generator.gaussian() }
    let (lower, outer) = bank.contract(lower: h, outer: u)
    let column = Matrix(columns: [u])
    for i in 0..<n {
      for j in 0..<n where i == j || problem.naive.kind != .locallyConnected {
        // K_ij^T = K_ji, so the sum over all elements of K_ij with a symmetric H is symmetric in i and j.
        expectClose(
          lower[i, j], kernels.k[i][j].innerProduct(h), relative: tolerance, absolute: 10 * tolerance,
          "\(problem)")
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

  /// Many positions with filters of their own make tiles flat; several tiles lie below the diagonal then.
  @Test(arguments: MemoryPlan.Storage.allCases) func manyPositions(storage: MemoryPlan.Storage) throws {
    let generator = RandomGenerator(seed: 5)
    let image = ImageShape(channels: 1, height: 20, width: 20)
    let inputs = Matrix(rows: 400, columns: 37) { _, _ in generator.gaussian() }
    let local = try LocalKernels(
      architecture: LocallyConnected(mask: Extent(1)), activation: Erf(), lambda0: 1, image: image, threads: 2)
    let bank = TiledBank(local, inputs, plan: storage)
    let weights = (0..<400).map { _ in generator.uniform() }
    let tolerance = storage == .float32 ? 1e-5 : 1e-12
    let naive = Matrix(rows: 37, columns: 37) { a, b in
      (0..<400).reduce(0) { sum, i in
        let (x, y) = (inputs[i, a], inputs[i, b])
        return sum + weights[i] * Erf().secondMoment(x * x, x * y, y * y)
      }
    }
    let sum = bank.weightedSum(.diagonal(weights))
    expectClose(
      PackedSymmetric(lowerTriangleOf: sum).elements, PackedSymmetric(lowerTriangleOf: naive).elements,
      relative: tolerance, absolute: tolerance)
    let h = Matrix.randomPositiveDefinite(37, generator)
    let u = (0..<37).map { _ in generator.gaussian() }
    let (lower, outer) = bank.contract(lower: h, outer: u)
    // Summing the projections with the weights is projecting the sum.
    expectClose(
      dot(lower.diagonal, weights), naive.innerProduct(h), relative: 10 * tolerance, absolute: 10 * tolerance)
    expectClose(
      dot(outer.diagonal, weights), dot(u, naive * u), relative: 10 * tolerance, absolute: 10 * tolerance)
    let products = bank.products(Matrix(columns: [u]))[0]
    expectClose(products * weights, naive * u, relative: 10 * tolerance, absolute: 10 * tolerance)
  }

  /// Whole fits under the three plans: 1e-10 between double precision and tiles, 1e-6 in single precision.
  @Test(arguments: UInt32(1)...6) func plansAgree(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(
      generator, kind: seed % 2 == 0 ? .convolutional : .locallyConnected, activation: .erf)
    let local = try problem.local()
    let solve = { (storage: MemoryPlan.Storage) in
      let term = BankDataTerm(
        bank: TiledBank(local, problem.inputs, plan: storage), means: nil, targets: problem.targets.column(0),
        space: .positions(
          groups: local.pairs.groups, basis: try ReadoutFactor(problem.readout, on: local.grid).basis),
        parameters: ActionParameters(
          temperature: problem.naive.temperature, width: Double(problem.width),
          kernelScale: 1 / (problem.naive.lambda1 * Double(local.positions))))
      return try ConeMinimizer(options: SolverOptions(tolerance: 1e-11))
        .solve(EffectiveAction(prior: GaussianLayer(), data: term)).solution.weights.covariance.dense
    }
    let reference = try solve(.float64)
    expectClose(try solve(.tiles), reference, relative: 1e-10, "\(problem)")
    expectClose(try solve(.float32), reference, relative: 1e-6, absolute: 1e-7, "\(problem)")
  }
}
