import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm

@Suite struct KernelBankTests {
  @Test(arguments: UInt32(1)...30) func sumsAndContractionsAgreeWithLoops(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let local = try problem.local()
    let bank = KernelBank(local, problem.inputs)
    let kernels = problem.trainingKernels
    let (n, p) = (local.positions, problem.inputs.columns)
    #expect(bank.order == p)
    #expect(bank.pairs.count == (problem.naive.kind == .locallyConnected ? n : n * (n + 1) / 2))
    #expect(KernelBank.bytes(groups: local.groups, examples: p) == 8 * bank.pairs.count * p * (p + 1) / 2)

    let w = randomPositiveDefinite(n, generator)
    let sum = bank.weightedSum(w)
    let g = randomPositiveDefinite(p, generator)
    let doubled = PackedSymmetric(
      lowerTriangleOf: Matrix(rows: p, columns: p) { i, j in i == j ? g[i, j] : 2 * g[i, j] })
    let contraction = bank.contract(doubled, positions: n)
    for i in 0..<n {
      for j in 0..<n {
        // K_ij^T = K_ji, so the sum over all elements of K_ij with a symmetric G is symmetric in i and j.
        let expected = kernels.k[i][j].innerProduct(g)
        expectClose(contraction[i, j], expected, absolute: 1e-12, "\(i), \(j): \(problem)")
      }
    }
    for a in 0..<p {
      for b in 0..<p {
        var expected = 0.0
        for i in 0..<n { for j in 0..<n { expected += w[i, j] * kernels.k[i][j][a, b] } }
        expectClose(sum[a, b], expected, absolute: 1e-13, "\(problem)")
      }
    }
  }
}
