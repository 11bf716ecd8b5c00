import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm

@Suite struct AndersonAcceleratorTests {
  /// On a linear map in d dimensions it ends after d + 1 steps, where the plain iteration diverges.
  @Test(arguments: [1, 2, 4]) func linearMapsEndInAsManyStepsAsDimensions(dimension: Int) throws {
    let generator = RandomGenerator(seed: UInt32(dimension))
    let a = randomPositiveDefinite(dimension, generator) + 2 * .identity(dimension)
    let b = (0..<dimension).map { _ in generator.gaussian() }
    var accelerator = AndersonAccelerator(memory: 8)
    var x = [Double](repeating: 0, count: dimension)
    #expect(!accelerator.hasHistory)
    for _ in 0..<dimension + 1 {
      let residual = zip(b, a * x).map { $0 - $1 }
      x = zip(x, try accelerator.step(point: x, residual: residual)).map { $0 + $1 }
    }
    #expect(accelerator.hasHistory)
    expectClose(a * x, b, absolute: 1e-9)
    accelerator.reset()
    #expect(!accelerator.hasHistory)
    #expect(try accelerator.step(point: x, residual: b) == b)
  }
}
