import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct CoefficientPosteriorTests {
  @Test(arguments: UInt32(1)...10) func agreesWithDenseRegression(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let d = generator.integer(below: 4) + 1
    let prior = Matrix.randomPositiveDefinite(d, generator)
    let h = Matrix.randomPositiveDefinite(d, generator)
    let t = (0..<d).map { _ in generator.gaussian() }
    let posterior = try CoefficientPosterior(prior: prior, precision: h, targets: t)
    let covariance = Naive.inverse(Naive.inverse(prior) + h)
    expectClose(posterior.covariance, covariance, relative: 1e-10)
    expectClose(posterior.mean, Naive.product(covariance, Matrix(columns: [t])).elements, relative: 1e-10)
    // det(I + prior h) = det(prior) det(prior^-1 + h).
    expectClose(
      posterior.logDeterminant, Naive.logDeterminant(prior) - Naive.logDeterminant(covariance),
      absolute: 1e-10)
  }

  @Test func singularPriorNeedsNoInverse() throws {
    // beta = (b, b) with b ~ N(0, 1): one coefficient seen twice.
    let posterior = try CoefficientPosterior(
      prior: Matrix(rows: 2, columns: 2, repeating: 1), precision: .diagonal([1, 2]), targets: [3, 5])
    expectClose(posterior.covariance, Matrix(rows: 2, columns: 2, repeating: 0.25), absolute: 1e-8)
    expectClose(posterior.mean, [2, 2], absolute: 1e-7)
    expectClose(posterior.logDeterminant, 1.3862943611198906, absolute: 1e-8)
  }
}
