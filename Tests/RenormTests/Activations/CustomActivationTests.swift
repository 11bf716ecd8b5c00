import Foundation
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormKernels

/// Activations that a caller gives as functions.
@Suite struct CustomActivationTests {
  @Test func aFunctionIsEnough() throws {
    let custom = try CustomActivation(name: "my-erf", isOdd: true) { erf($0) }
    for (a, c, b) in [(1.0, 0.4, 2.0), (0.1, -0.05, 0.3), (4, 3.9, 4)] {
      expectClose(custom.secondMoment(a, c, b), Erf().secondMoment(a, c, b), relative: 1e-12, absolute: 1e-13)
    }
    expectClose(custom.derivative(0.7), Erf().derivative(0.7), relative: 1e-9)
    #expect(custom == custom && custom.isOdd)
    #expect(try custom != CustomActivation(name: "my-erf", isOdd: true) { erf($0) })
  }

  /// A kink at 0: elu, against its moments on each side of 0 by the quadrature of a smooth pair of functions.
  @Test func kinksAtZero() throws {
    let custom = try CustomActivation(name: "my-relu", isOdd: false, isSmooth: false) { max(0, $0) }
    for (a, c, b) in [(1.0, 0.4, 2.0), (0.1, -0.05, 0.3)] {
      expectClose(custom.secondMoment(a, c, b), ReLU().secondMoment(a, c, b), relative: 1e-9)
    }
    expectClose(custom.mean(variance: 2), ReLU().mean(variance: 2), relative: 1e-10)
  }

  @Test func contradictionsAreRefused() {
    #expect(throws: RenormError.self) { try CustomActivation(name: "tanh", isOdd: true) { tanh($0) } }
    #expect(throws: RenormError.self) { try CustomActivation(name: "a", isOdd: true) { exp($0 / 100) } }
    #expect(throws: RenormError.self) { try CustomActivation(name: "a", isOdd: false) { exp($0 * $0) } }
    // A kink that nobody spoke of.
    #expect(throws: RenormError.self) { try CustomActivation(name: "a", isOdd: false) { max(0, $0) } }
  }

  /// Kernels whose elements are quadratures are announced, with about the time that they take; others are not.
  @Test func slowKernelsAreSaid() throws {
    let inputs = Matrix(rows: 4, columns: 300) { i, mu in 40 * sin(Double(7 * mu + i * i + 1)) }
    func slowness(_ activation: any Activation, lambda0: Double) throws -> (seconds: Double, variance: Double)?
    {
      try LocalKernels(
        architecture: FullyConnected(), activation: activation, lambda0: lambda0,
        image: ImageShape(channels: 1, height: 1, width: 4), threads: 1
      ).slowness(on: inputs)
    }
    #expect(try slowness(Erf(), lambda0: 1) == nil && slowness(Tanh(), lambda0: 100) == nil)
    let slow = try #require(try slowness(Tanh(), lambda0: 1))
    #expect(slow.seconds > 10 && slow.variance > 300)
  }
}
