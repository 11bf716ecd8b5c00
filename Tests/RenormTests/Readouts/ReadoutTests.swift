import Foundation
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct ReadoutTests {
  /// 2 x 3 positions.
  private func grid() throws -> PatchGrid {
    try PatchGrid(mask: Extent(2), stride: Extent(2), on: ImageShape(channels: 1, height: 4, width: 6))
  }

  @Test func covariances() throws {
    let grid = try grid()
    #expect(IndependentReadout().covariance(on: grid) == nil)
    #expect(MeanPooling().covariance(on: grid) == Matrix(rows: 6, columns: 6, repeating: 1.0 / 6))
    let exponential = try #require(ExponentialReadout(lengthScale: 2).covariance(on: grid))
    expectClose(exponential[0, 5], exp(-5.0.squareRoot() / 2))
    expectClose(exponential[1, 2], exp(-0.5))
    let matern = try #require(Matern32Readout(lengthScale: 2).covariance(on: grid))
    // (1 + sqrt 3) exp(-sqrt 3) at d = l.
    expectClose(matern[0, 2], 0.48335772459650765)
    // (1 + sqrt 5 + 5/3) exp(-sqrt 5) and exp(-1/2) at d = l; d^2 = 5 at the corner.
    let smooth = try #require(Matern52Readout(lengthScale: 2).covariance(on: grid))
    expectClose(smooth[0, 2], (1 + 5.0.squareRoot() + 5.0 / 3) * exp(-5.0.squareRoot()))
    let smoothest = try #require(SquaredExponentialReadout(lengthScale: 2).covariance(on: grid))
    expectClose(smoothest[0, 2], exp(-0.5))
    expectClose(smoothest[0, 5], exp(-5.0 / 8))
    for s in [exponential, matern, smooth, smoothest] {
      #expect(s.diagonal == [Double](repeating: 1, count: 6) && s == s.transposed)
      #expect(Naive.cholesky(s) != nil)
    }
    #expect(try ExponentialReadout(lengthScale: 2).parameters == [.lengthScale: .number(2)])
    #expect(MeanPooling().parameters == [:])
  }

  @Test func factorsReproduceTheCovariance() throws {
    let grid = try grid()
    let readouts: [(any Readout, Int)] = [
      (MeanPooling(), 1), (try ExponentialReadout(lengthScale: 1.5), 6),
      (try Matern32Readout(lengthScale: 3), 6), (try Matern52Readout(lengthScale: 3), 6),
      (try SquaredExponentialReadout(lengthScale: 0.8), 6),
      (try BlockPooling(block: Extent(height: 2, width: 2)), 2), (try BlockPooling(block: Extent(5)), 1),
      (IndependentReadout(), 6),
    ]
    for (readout, rank) in readouts {
      let factor = try ReadoutFactor(readout, on: grid)
      #expect(factor.rank == rank, "\(readout.name)")
      let space = OrderParameterSpace.positions(groups: [0..<6], basis: factor.basis)
      let s = readout.covariance(on: grid) ?? .identity(6)
      expectClose(factor.covariance(positions: 6), s, absolute: 1e-14, "\(readout.name)")
      // <G, B W B^T> = <B^T G B, W>.
      let g = Matrix(rows: 6, columns: 6) { Double(min($0, $1) + 1) }
      let w = Matrix(rows: rank, columns: rank) { 1 / Double(1 + $0 + $1) }
      expectClose(space.matrix(w).innerProduct(g), space.pullBack(g).innerProduct(w))
    }
  }

  /// Blocks of 1 x 2 positions on a grid of 2 x 3: the last of each row is cut to one position.
  @Test func blocksAreCutAtTheEdges() throws {
    let s = try #require(BlockPooling(block: Extent(height: 1, width: 2)).covariance(on: grid()))
    let block = [0, 0, 1, 2, 2, 3]
    #expect(
      s == Matrix(rows: 6, columns: 6) { i, j in block[i] != block[j] ? 0 : block[i] % 2 == 0 ? 0.5 : 1 })
    #expect(try ReadoutFactor(BlockPooling(block: Extent(height: 1, width: 2)), on: grid()).rank == 4)
    #expect(try BlockPooling(block: Extent(9)).covariance(on: grid()) == MeanPooling().covariance(on: grid()))
    #expect(throws: RenormError.self) { try BlockPooling(block: Extent(0)) }
  }

  /// k equal eigenvalues have the effective rank k; two of 1 and 3, exp of the entropy of 1/4 and 3/4.
  @Test func effectiveRank() throws {
    let grid = try grid()
    expectClose(try ReadoutFactor(IndependentReadout(), on: grid).effectiveRank, 6)
    expectClose(try ReadoutFactor(MeanPooling(), on: grid).effectiveRank, 1, relative: 1e-12)
    expectClose(
      try ReadoutFactor(BlockPooling(block: Extent(height: 2, width: 1)), on: grid).effectiveRank, 3,
      relative: 1e-12)
    let image = ImageShape(channels: 1, height: 1, width: 2)
    let pair = try PatchGrid(mask: Extent(1), stride: Extent(1), on: image)
    // S = (1 u; u 1) has the eigenvalues 1 +- u, u = 1/2.
    let half = try ExponentialReadout(lengthScale: 1 / log(2))
    expectClose(
      try ReadoutFactor(half, on: pair).effectiveRank, exp(-0.25 * log(0.25) - 0.75 * log(0.75)),
      relative: 1e-12)
  }

  /// The same matrix by another road; what is no covariance of 6 positions is refused.
  @Test func matrices() throws {
    let grid = try grid()
    let s = try #require(Matern32Readout(lengthScale: 2).covariance(on: grid))
    #expect(
      try ReadoutFactor(MatrixReadout(s), on: grid).basis
        == ReadoutFactor(Matern32Readout(lengthScale: 2), on: grid).basis)
    // Rank 2, and unequal halves by rounding.
    let b = Matrix(rows: 6, columns: 2) { i, k in Double((i * (k + 2)) % 5) - 1.5 }
    var low = b * b.asTranspose
    low[0, 1] *= 1 + 1e-14
    #expect(try ReadoutFactor(MatrixReadout(low), on: grid).rank == 2)
    expectClose(
      try ReadoutFactor(MatrixReadout(low), on: grid).covariance(positions: 6), b * b.asTranspose,
      absolute: 1e-12)
    var skew = s
    skew[0, 1] += 0.1
    let indefinite = s - 3 * Matrix.identity(6)
    for bad in [skew, indefinite, Matrix.identity(5), 0 * s, Matrix(rows: 6, columns: 5)] {
      #expect(throws: RenormError.self) { try ReadoutFactor(MatrixReadout(bad), on: grid) }
    }
    #expect(throws: RenormError.self) {
      try Readouts.builtIn.named("file", [.readoutFile: .matrix(MatrixValue(source: "s.npy"))])
    }
  }

  @Test(arguments: [0.0, -1, .nan, .infinity]) func lengthScalesMustBePositive(value: Double) {
    let expected = RenormError.invalidParameter(
      name: "length scale", value: "\(value)", accepted: "a positive number")
    #expect(throws: expected) { try ExponentialReadout(lengthScale: value) }
    #expect(throws: expected) { try Matern32Readout(lengthScale: value) }
    #expect(throws: expected) { try Matern52Readout(lengthScale: value) }
    #expect(throws: expected) { try SquaredExponentialReadout(lengthScale: value) }
  }
}
