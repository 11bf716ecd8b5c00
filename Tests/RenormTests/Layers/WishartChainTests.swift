import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormAction

/// The prior of a chain of Wishart laws, against loops and differences.
@Suite struct WishartChainTests {
  /// Orders of layers, from below.
  private static let shapes = [[2], [2, 2], [6, 2], [3, 3, 3], [4, 2, 1]]

  private static func frames(_ sizes: [Int], _ generator: RandomGenerator) -> BlockDiagonal {
    BlockDiagonal(sizes.map { .identity($0) + 0.4 * .random($0, $0, generator) })
  }

  /// The prior as docs/depth.md states it, by inverses and determinants.
  private static func naive(_ p: [Matrix], _ ratios: [Double]) -> Double {
    p.indices.reduce(0) { sum, l in
      let m = l + 1 < p.count ? p[l].rows / p[l + 1].rows : 1
      let above: Matrix =
        l + 1 < p.count
        ? Matrix(rows: p[l].rows, columns: p[l].rows) { i, j in i % m == j % m ? p[l + 1][i / m, j / m] : 0 }
        : .identity(p[l].rows)
      let quotient = Naive.product(Naive.inverse(above), p[l])
      return sum + ratios[l]
        * (quotient.trace - Naive.logDeterminant(p[l]) + Naive.logDeterminant(above))
    }
  }

  /// Value, gradient and the Hessian of phi = prior + log det P along L (1 + t X) L^T.
  @Test(arguments: shapes, UInt32(1)...3) func derivatives(sizes: [Int], seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let ratios = sizes.map { _ in 0.4 + 2 * generator.uniform() }
    let prior = WishartChain(ratios: ratios)
    let frame = Self.frames(sizes, generator)
    let covariance = frame.map { ($0 * $0.asTranspose).symmetricPart }
    let point = try prior.point(frame: frame, covariance: covariance, projections: nil)
    expectClose(point.value, Self.naive(covariance.blocks, ratios), relative: 1e-11)
    let x = BlockDiagonal(sizes.map { 0.2 * .randomSymmetric($0, generator) })
    let moved = { (t: Double) in
      frame.blocks.indices.map { l in
        let (f, step) = (frame.blocks[l], Matrix.identity(sizes[l]) + t * x.blocks[l])
        return Naive.product(Naive.product(f, step), f.transposed).symmetricPart
      }
    }
    let phi = { (t: Double) in
      let p = moved(t)
      return Self.naive(p, ratios) + p.reduce(0) { $0 + Naive.logDeterminant($1) }
    }
    let concave = try #require(point.concave)
    expectClose((point.linear - concave).innerProduct(x), Naive.derivative(step: 1e-3, phi), 1e-9)
    let hessian = try #require(point.hessian)
    let bend = Naive.derivative(step: 1e-3) { t in Naive.derivative(step: 1e-3) { phi(t + $0) } }
    expectClose(dot(x.coordinates, hessian(x.coordinates)), bend, 1e-6)
    // A Hessian is symmetric.
    let y = BlockDiagonal(sizes.map { .randomSymmetric($0, generator) })
    expectClose(dot(y.coordinates, hessian(x.coordinates)), dot(x.coordinates, hessian(y.coordinates)), 1e-11)
  }

  /// P = 1 is the minimum; numbers are the chain q_l = p_l/p_(l+1) of `LayerChain`.
  @Test func numbers() throws {
    let ratios = [0.5, 2, 1]
    let prior = WishartChain(ratios: ratios)
    let excess = { (p: [Double]) in
      try prior.excess(
        KernelWeights(
          covariance: BlockDiagonal(p.map { Matrix(rows: 1, columns: 1, repeating: $0) }), mean: nil))
    }
    expectClose(try excess([1, 1, 1]), 0, relative: 0, absolute: 1e-15)
    let q = [1.3, 0.6, 2.2]
    let p = [q[0] * q[1] * q[2], q[1] * q[2], q[2]]
    expectClose(try excess(p), LayerChain(ratios: ratios).excess(q.map { log($0) }), relative: 1e-12)
  }
}
