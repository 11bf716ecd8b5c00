import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Weighted sums of local kernels against loops straight from the definition.
@Suite struct LocalKernelsTests {
  /// sum_ij W_ij K_ij over all points, i = j only for an LCN.
  private func naiveSum(_ kernels: NaiveKernels, _ weights: Matrix) -> Matrix {
    var sum = Matrix(rows: kernels.k[0][0].rows, columns: kernels.k[0][0].rows)
    for i in 0..<kernels.positions {
      for j in 0..<kernels.positions { sum = sum + weights[i, j] * kernels.k[i][j] }
    }
    return sum
  }

  private func weights(_ problem: RandomProblem, _ positions: Int, _ generator: RandomGenerator) -> Matrix {
    let w = Matrix.randomPositiveDefinite(positions, generator)
    return problem.naive.kind == .locallyConnected ? .diagonal(w.diagonal) : w
  }

  @Test(arguments: UInt32(1)...40) func contractionsAgreeWithLoops(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator)
    let local = try problem.local()
    let kernels = problem.allKernels
    let p = problem.inputs.columns
    let full = weights(problem, local.positions, generator)
    for w in [full, .diagonal(full.diagonal), .identity(local.positions)] {
      let expected = naiveSum(kernels, w)
      let cross = local.contract(w, problem.inputs, problem.test)
      expectClose(cross, Matrix(rows: p, columns: 3) { expected[$0, p + $1] }, absolute: 1e-14, "\(problem)")
      let training = local.contract(w, problem.inputs)
      let lower = Matrix(rows: p, columns: p) { $0 >= $1 ? expected[$0, $1] : 0 }
      expectClose(Matrix(rows: p, columns: p) { $0 >= $1 ? training[$0, $1] : 0 }, lower, absolute: 1e-14)
      let diagonal = local.contractDiagonal(w, problem.test)
      expectClose(diagonal, Array(expected.diagonal.suffix(3)), absolute: 1e-14, "\(problem)")
    }
    let means = local.means(problem.test)
    expectClose(means, Matrix(rows: 3, columns: local.positions) { kernels.m[$1][p + $0] })
  }

  /// A tile holds 320 patches: these sets need several along both edges, the last one not full.
  @Test(arguments: [1, 2, 3]) func tilesCoverEveryPair(threads: Int) throws {
    let generator = RandomGenerator(seed: 21)
    let shape = ImageShape(channels: 1, height: 2, width: 5)
    let points = Matrix(rows: 10, columns: 170) { _, _ in generator.gaussian() }
    var naive = NaiveNetwork()
    naive.mask = (1, 3)
    naive.stride = (1, 2)
    for kind in [NaiveNetwork.Kind.convolutional, .locallyConnected] {
      naive.kind = kind
      let kernels = naive.kernels(points, shape)
      let mask = Extent(height: 1, width: 3)
      let stride = Extent(height: 1, width: 2)
      let architecture: any Architecture =
        kind == .convolutional
        ? Convolutional(mask: mask, stride: stride) : LocallyConnected(mask: mask, stride: stride)
      let local = try LocalKernels(
        architecture: architecture, activation: Erf(), lambda0: 1, image: shape, threads: threads)
      #expect(local.positions == 4)
      let w =
        kind == .convolutional ? Matrix.randomPositiveDefinite(4, generator) : .diagonal([0.5, 1, 1.5, 2])
      let expected = naiveSum(kernels, w)
      let training = local.contract(w, points)
      let packed = PackedSymmetric(lowerTriangleOf: expected).elements
      expectClose(PackedSymmetric(lowerTriangleOf: training).elements, packed)
      expectClose(local.contract(w, points, points), expected)
      expectClose(PackedSymmetric(lowerTriangleOf: TiledBank(local, points).weightedSum(w)).elements, packed)
    }
  }

  @Test func resultsDoNotDependOnThreadsNorOnTheSplit() throws {
    let generator = RandomGenerator(seed: 4)
    let shape = ImageShape(channels: 2, height: 4, width: 4)
    let points = Matrix(rows: 32, columns: 400) { _, _ in generator.gaussian() }
    let others = Matrix(rows: 32, columns: 333) { _, _ in generator.gaussian() }
    let w = Matrix.randomPositiveDefinite(4, generator)
    func run(_ threads: Int) throws -> [[Double]] {
      let local = try LocalKernels(
        architecture: Convolutional(mask: Extent(2)), activation: ReLU(), lambda0: 1, image: shape,
        threads: threads)
      return [
        local.contract(w, points, others).elements,
        PackedSymmetric(lowerTriangleOf: local.contract(w, points)).elements,
        local.contract(.identity(4), points, others).elements, local.contractDiagonal(w, points),
        PackedSymmetric(lowerTriangleOf: TiledBank(local, points).weightedSum(w)).elements,
      ]
    }
    let reference = try run(1)
    for threads in [2, 3, 7] { #expect(try run(threads) == reference, "\(threads) threads") }
    let local = try LocalKernels(
      architecture: Convolutional(mask: Extent(2)), activation: ReLU(), lambda0: 1, image: shape, threads: 2)
    let part = local.contract(w, points, others.selectingColumns(100..<250))
    expectClose(part.elements, Array(reference[0][100 * 400..<250 * 400]), relative: 1e-14)
  }

  @Test func emptySetsOfPoints() throws {
    let local = try LocalKernels(
      architecture: FullyConnected(), activation: Erf(), lambda0: 1,
      image: ImageShape(channels: 1, height: 1, width: 2), threads: 2)
    let none = Matrix(rows: 2, columns: 0)
    #expect(local.contract(.identity(1), Matrix.identity(2), none).columns == 0)
    #expect(local.contractDiagonal(.identity(1), none) == [])
    #expect(local.means(none).rows == 0)
  }

  @Test(arguments: [0.0, -1, .nan, .infinity]) func lambda0MustBePositive(value: Double) {
    #expect(
      throws: RenormError.invalidParameter(name: "lambda0", value: "\(value)", accepted: "a positive number")
    ) {
      try LocalKernels(
        architecture: FullyConnected(), activation: Erf(), lambda0: value,
        image: ImageShape(channels: 1, height: 1, width: 2), threads: 1)
    }
  }
}
