internal import Foundation

/// A map that follows Hamilton's equations of H = -log p(x) + |p|^2/2 for a step of time epsilon: half a kick
/// of the momentum, a rotation, half a kick.
///
///     p <- p + epsilon/2 (grad log p(x) + x)
///     x, p <- cos(epsilon) x + sin(epsilon) p, cos(epsilon) p - sin(epsilon) x
///     p <- p + epsilon/2 (grad log p(x) + x)
///
/// A leapfrog step with the standard normal part of the density taken out of the kicks and into the motion.
/// Where p is a standard normal prior times a likelihood, only the likelihood makes an energy error: the step
/// size does not fall with the number of dimensions that the data leave alone, and without data every step is
/// exact (A. Beskos, F. J. Pinski, J. M. Sanz-Serna and A. M. Stuart, Stoch. Proc. Appl. 121 (2011); B.
/// Shahbaba, S. Lan, W. O. Johnson and R. M. Neal, Stat. Comput. 24 (2014)). Kicks are shears and rotations
/// preserve volume, so that a trajectory can be run backwards; its energy error goes as epsilon squared.
enum RotationIntegrator {
  /// The largest step that warmup may choose: a quarter turn leaves nothing of the prior behind.
  static let largestStep = Double.pi / 2

  /// Kicks the momentum for a time.
  private static func kick(_ point: inout PhasePoint, time: Double) {
    point.momentum.withUnsafeMutableBufferPointer { momentum in
      point.position.withUnsafeBufferPointer { position in
        point.gradient.withUnsafeBufferPointer { gradient in
          // The standard normal part of the density acts in the rotation instead.
          for k in 0..<momentum.count { momentum[k] += time * gradient[k] + time * position[k] }
        }
      }
    }
  }

  /// Rotates position and momentum; the gradient is that of the old position until it is evaluated.
  private static func rotate(_ point: inout PhasePoint, time: Double) {
    let (c, s) = (cos(time), sin(time))
    point.position.withUnsafeMutableBufferPointer { position in
      point.momentum.withUnsafeMutableBufferPointer { momentum in
        for k in 0..<momentum.count {
          let (x, p) = (position[k], momentum[k])
          position[k] = c * x + s * p
          momentum[k] = c * p - s * x
        }
      }
    }
  }

  /// Runs `steps` steps of size `step`, evaluating the density once for each. Stops where the potential energy
  /// exceeds the energy at the start by more than `limit`, or is not a number. Returns the number of
  /// evaluations.
  static func run<Density: LogDensity>(
    _ point: inout PhasePoint, steps: Int, step: Double, limit: Double = .infinity, _ density: Density,
    _ workspace: inout Density.Workspace
  ) -> Int {
    let start = point.energy
    kick(&point, time: step / 2)
    for count in 1...steps {
      rotate(&point, time: step)
      point.value = density.evaluate(point.position, gradient: &point.gradient, &workspace)
      guard -point.value - start <= limit else { return count }
      kick(&point, time: count == steps ? step / 2 : step)
    }
    return steps
  }
}

/// A position, a momentum, and the density there.
struct PhasePoint {
  /// The coordinates, and behind them a state that does not move (`LogDensity.stateCount`).
  var position: [Double]
  /// Its distribution is standard normal.
  var momentum: [Double]
  /// Gradient of log p with respect to the position.
  var gradient: [Double]
  /// log p.
  var value: Double

  /// H = -log p + |p|^2/2.
  var energy: Double { momentum.reduce(0) { $0 + $1 * $1 } / 2 - value }
}
