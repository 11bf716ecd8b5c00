import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The kernels of positions and outputs, never formed, against matrices that are.
@Suite struct OutputBankTests {
  /// Elements K_ij(mu, nu) of pairs (i c), (j d) at ((mu c), (nu d)), by loops.
  private func kernel(_ kernels: NaiveKernels, _ i: Int, _ c: Int, _ j: Int, _ d: Int, outputs: Int) -> Matrix {
    let order = kernels.k[0][0].rows * outputs
    return Matrix(rows: order, columns: order) { a, b in
      a % outputs == c && b % outputs == d ? kernels.k[i][j][a / outputs, b / outputs] : 0
    }
  }

  @Test(arguments: UInt32(1)...30, MemoryPlan.Storage.allCases)
  func passesAgreeWithLoops(seed: UInt32, storage: MemoryPlan.Storage) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(
      generator, kind: [.locallyConnected, .convolutional][Int(seed % 2)], largestCount: 6)
    let outputs = 1 + generator.integer(below: 3)
    let local = try problem.local()
    let bank = OutputBank(TiledBank(local, problem.inputs, plan: storage, form: .ordered), outputs: outputs)
    let kernels = problem.trainingKernels
    let (n, p) = (local.positions, problem.inputs.columns)
    let tolerance = storage == .float32 ? 1e-6 : 1e-12
    let isLocal = problem.naive.kind == .locallyConnected
    #expect(bank.order == p * outputs && bank.pairs.positions == n * outputs)

    let mask = { (m: Matrix) in
      Matrix(rows: m.rows, columns: m.columns) { a, b in !isLocal || a / outputs == b / outputs ? m[a, b] : 0 }
    }
    let w = mask(Matrix.randomSymmetric(n * outputs, generator))
    let h = Matrix.randomPositiveDefinite(p * outputs, generator)
    let u = (0..<p * outputs).map { _ in generator.gaussian() }
    let vectors = Matrix.random(p * outputs, 2, generator)
    let others = Matrix.random(p * outputs, 2, generator)
    var sum = Matrix(rows: p * outputs, columns: p * outputs)
    var (lower, outer, mixed) = (0 * w, 0 * w, 0 * w)
    let column = Matrix(columns: [u])
    let square = Naive.product(column, column.transposed)
    for i in 0..<n {
      for j in 0..<n where i == j || !isLocal {
        for c in 0..<outputs {
          for d in 0..<outputs {
            let (a, b) = (i * outputs + c, j * outputs + d)
            let own = kernel(kernels, i, c, j, d, outputs: outputs)
            sum = sum + w[a, b] * own
            lower[a, b] = own.innerProduct(h)
            outer[a, b] = own.innerProduct(square)
            mixed[a, b] = Naive.product(others.transposed, Naive.product(own, vectors)).trace
          }
        }
      }
    }
    let found = bank.weightedSum(w)
    for a in 0..<found.rows {
      for b in 0...a { expectClose(found[a, b], sum[a, b], relative: tolerance, absolute: 10 * tolerance) }
    }
    // What stands above the diagonal of a symmetric matrix is not read, but for nothing: it may be NaN.
    let contracted = bank.contract(lower: h.poisonedAbove, outer: u)
    expectClose(contracted.lower, lower, relative: tolerance, absolute: 30 * tolerance, "\(problem)")
    expectClose(contracted.outer, outer, relative: tolerance, absolute: 30 * tolerance, "\(problem)")

    let maps = try #require(bank.vectorMaps(vectors))
    expectClose(
      maps.forward(w), Naive.product(sum, vectors), relative: tolerance, absolute: 30 * tolerance, "\(problem)")
    expectClose(
      maps.adjoint(others), mixed.symmetricPart, relative: tolerance, absolute: 30 * tolerance, "\(problem)")
    for (r, product) in bank.products(vectors).enumerated() {
      for (a, pair) in bank.pairs.pairs.enumerated() {
        var weights = 0 * w
        weights[pair.i, pair.j] = 1
        weights[pair.j, pair.i] = 1
        expectClose(product.column(a), maps.forward(weights).column(r), absolute: 1e-12)
      }
    }
  }
}
