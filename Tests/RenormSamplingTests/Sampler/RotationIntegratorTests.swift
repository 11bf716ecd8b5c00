import Foundation
import GSLNumerics
import Testing

@testable import RenormSampling

/// The properties from which detailed balance follows.
@Suite struct RotationIntegratorTests {
  private let density = QuarticDensity()

  private func start(_ random: RandomGenerator) -> PhasePoint {
    let zeros = [Double](repeating: 0, count: density.dimension)
    var point = PhasePoint(
      position: zeros.map { _ in random.gaussian() }, momentum: zeros.map { _ in random.gaussian() },
      gradient: zeros,
      value: 0)
    var workspace: Void = density.makeWorkspace()
    point.value = density.evaluate(point.position, gradient: &point.gradient, &workspace)
    return point
  }

  private func run(_ point: inout PhasePoint, steps: Int, step: Double) {
    var workspace: Void = density.makeWorkspace()
    _ = RotationIntegrator.run(&point, steps: steps, step: step, density, &workspace)
  }

  /// The root mean square over trajectories of length 1 falls by 4 when steps are halved; 5 % are left for the
  /// next order.
  @Test func energyErrorGoesAsTheSquareOfTheStep() {
    func error(steps: Int) -> Double {
      let random = RandomGenerator(seed: 3)
      let squares = (0..<100).map { _ in
        let first = start(random)
        var last = first
        run(&last, steps: steps, step: 1 / Double(steps))
        return pow(last.energy - first.energy, 2)
      }
      return (squares.reduce(0, +) / 100).squareRoot()
    }
    let ratio = error(steps: 50) / error(steps: 100)
    #expect(abs(ratio - 4) < 0.2, "\(ratio)")
  }

  @Test func runsBackwards() {
    let random = RandomGenerator(seed: 4)
    for _ in 0..<20 {
      let first = start(random)
      var point = first
      run(&point, steps: 40, step: 0.1)
      #expect(point.position != first.position)
      point.momentum = point.momentum.map { -$0 }
      run(&point, steps: 40, step: 0.1)
      for k in first.position.indices {
        // 1e-10 for rounding that the motion magnifies.
        #expect(abs(point.position[k] - first.position[k]) < 1e-10)
        #expect(abs(point.momentum[k] + first.momentum[k]) < 1e-10)
      }
    }
  }

  /// The determinant of the derivative of three steps, by central differences in each plane (x_k, p_k): the
  /// coordinates of this density do not act on each other.
  @Test func preservesVolume() {
    let first = start(RandomGenerator(seed: 5))
    var workspace: Void = density.makeWorkspace()
    let h = 1e-5
    for k in 0..<density.dimension {
      func image(_ dx: Double, _ dp: Double) -> (Double, Double) {
        var point = first
        point.position[k] += dx
        point.momentum[k] += dp
        point.value = density.evaluate(point.position, gradient: &point.gradient, &workspace)
        run(&point, steps: 3, step: 0.3)
        return (point.position[k], point.momentum[k])
      }
      let (right, left, up, down) = (image(h, 0), image(-h, 0), image(0, h), image(0, -h))
      let determinant =
        ((right.0 - left.0) * (up.1 - down.1) - (up.0 - down.0) * (right.1 - left.1)) / (4 * h * h)
      // Central differences leave h^2 and rounding over h.
      #expect(abs(determinant - 1) < 1e-8, "\(determinant)")
    }
  }

  /// Without data the rotation is the exact motion, at any step.
  @Test func rotationIsExactOnThePrior() {
    let prior = GaussianDensity(mean: [0, 0, 0, 0], deviations: [1, 1, 1, 1])
    var point = start(RandomGenerator(seed: 6))
    var workspace: Void = prior.makeWorkspace()
    point.value = prior.evaluate(point.position, gradient: &point.gradient, &workspace)
    let first = point
    _ = RotationIntegrator.run(&point, steps: 2, step: .pi / 4, prior, &workspace)
    #expect(abs(point.energy - first.energy) < 1e-14 * first.energy * 10)
    for k in 0..<4 { #expect(abs(point.position[k] - first.momentum[k]) < 1e-14) }
  }
}
