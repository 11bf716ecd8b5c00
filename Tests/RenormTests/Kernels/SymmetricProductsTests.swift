import CVectorKernels
import GSLNumerics
import Testing

/// The vectorised products at every level against loops.
@Suite struct SymmetricProductsTests {
  static let levels = [renorm_vector_baseline, renorm_vector_avx2_fma, renorm_vector_avx512]
    .filter { renorm_vector_level_available($0) }

  @Test(arguments: [(1, 1), (1, 2), (5, 1), (7, 4), (60, 9), (16, 16)], levels.indices)
  func agreesWithLoops(size: (Int, Int), index: Int) throws {
    let generator = RandomGenerator(seed: UInt32(size.0 + 100 * size.1))
    let (rows, columns) = size
    let draw = { (count: Int) in (0..<count).map { _ in generator.gaussian() } }
    let kernel = draw(rows * columns)
    let width = Int(renorm_product_width)
    let (w, v) = (draw(width * rows), draw(width * columns))
    let (y, z) = (draw(width * rows), draw(width * columns))
    var (rowSums, columnSums) = (y, z)
    renorm_symmetric_products_at(Self.levels[index], kernel, rows, columns, w, v, &rowSums, &columnSums)
    for r in 0..<width {
      for mu in 0..<rows {
        let expected = (0..<columns).reduce(y[width * mu + r]) {
          $0 + kernel[mu + rows * $1] * v[width * $1 + r]
        }
        expectClose(rowSums[width * mu + r], expected, relative: 1e-13, absolute: 1e-13)
      }
      for nu in 0..<columns {
        let expected = (0..<rows).reduce(z[width * nu + r]) { $0 + kernel[$1 + rows * nu] * w[width * $1 + r] }
        expectClose(columnSums[width * nu + r], expected, relative: 1e-13, absolute: 1e-13)
      }
    }
  }
}
