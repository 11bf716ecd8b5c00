import LinearAlgebra
import Testing

@testable import RenormNextOrder

@Suite struct HiddenUnitDrawsTests {
  private func values(_ draws: HiddenUnitDraws, _ piece: Int) -> [Double] {
    let filters = WorkArray(draws.inputs * draws.pieceSize)
    draws.piece(piece, into: filters)
    return filters.values
  }

  @Test func orthogonalBlocks() {
    let draws = HiddenUnitDraws(inputs: 6, seed: 9)
    #expect(draws.pieceSize >= 256 && draws.pieceSize % 6 == 0)
    let piece = values(draws, 3)
    #expect(piece == values(HiddenUnitDraws(inputs: 6, seed: 9), 3))
    #expect(piece != values(draws, 4))
    #expect(piece != values(HiddenUnitDraws(inputs: 6, seed: 10), 3))
    let block = Matrix(rows: 6, columns: 6, elements: Array(piece.prefix(36)))
    let gram = Naive.product(block.transposed, block)
    for i in 0..<6 { for j in 0..<i { expectClose(gram[i, j], 0, 1e-12) } }
  }

  /// Each draw alone is Gaussian: moments of 60 000 numbers, within four standard errors of independent ones.
  @Test func moments() {
    let draws = HiddenUnitDraws(inputs: 5, seed: 1)
    let values = (0..<24).flatMap { self.values(draws, $0) }
    let count = Double(values.count)
    func mean(_ f: (Double) -> Double) -> Double { values.reduce(0) { $0 + f($1) } / count }
    expectClose(mean { $0 }, 0, relative: 0, absolute: 4 * (1 / count).squareRoot())
    expectClose(mean { $0 * $0 }, 1, relative: 0, absolute: 4 * (2 / count).squareRoot())
    expectClose(mean { $0 * $0 * $0 }, 0, relative: 0, absolute: 4 * (15 / count).squareRoot())
    expectClose(mean { $0 * $0 * $0 * $0 }, 3, relative: 0, absolute: 4 * (96 / count).squareRoot())
  }
}
