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
    for s in [exponential, matern] {
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
      (try Matern32Readout(lengthScale: 3), 6),
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

  @Test(arguments: [0.0, -1, .nan, .infinity]) func lengthScalesMustBePositive(value: Double) {
    let expected = RenormError.invalidParameter(
      name: "length scale", value: "\(value)", accepted: "a positive number")
    #expect(throws: expected) { try ExponentialReadout(lengthScale: value) }
    #expect(throws: expected) { try Matern32Readout(lengthScale: value) }
  }
}
