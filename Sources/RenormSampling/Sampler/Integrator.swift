internal import Foundation

/// A map that follows Hamilton's equations of H = -log p(x) + |p|^2/2 for a step of time epsilon, in
/// coordinates x/s.
///
/// Both are symmetric compositions of shears (kicks of the momentum) and maps that preserve volume, so they can
/// be run backwards, and their energy error goes as epsilon squared.
public enum Integrator: String, Sendable, Codable, CaseIterable {
  /// Kick by the gradient for epsilon/2, straight motion for epsilon, kick for epsilon/2.
  case leapfrog
  /// The same with the standard normal part of the density taken out of the kicks and into the motion, which
  /// becomes a rotation of (x/s, p) by epsilon radians. Where p is a standard normal prior times a likelihood,
  /// only the likelihood makes an energy error: the step size does not fall with the number of dimensions that
  /// the data leave alone, and without data every step is exact (Beskos, Pinski, Sanz-Serna and Stuart, Stoch.
  /// Proc. Appl. 121 (2011); Shahbaba, Lan, Johnson and Neal, Stat. Comput. 24 (2014)).
  case rotation

  /// The largest step that warmup may choose: a quarter turn leaves nothing of the prior behind.
  var largestStep: Double { self == .rotation ? .pi / 2 : .infinity }
}

/// A position, a momentum, and the density there.
struct PhasePoint {
  var position: [Double]
  /// In scaled coordinates, where its distribution is standard normal.
  var momentum: [Double]
  /// Gradient of log p with respect to the position.
  var gradient: [Double]
  /// log p.
  var value: Double

  /// H = -log p + |p|^2/2.
  var energy: Double { momentum.reduce(0) { $0 + $1 * $1 } / 2 - value }
}

extension Integrator {
  /// Kicks the momentum for a time.
  func kick(_ point: inout PhasePoint, _ scales: [Double], time: Double) {
    // The standard normal part of the density acts in the motion instead.
    let prior = self == .rotation ? time : 0
    point.momentum.withUnsafeMutableBufferPointer { momentum in
      point.position.withUnsafeBufferPointer { position in
        point.gradient.withUnsafeBufferPointer { gradient in
          if scales.isEmpty {
            for k in 0..<momentum.count { momentum[k] += time * gradient[k] + prior * position[k] }
          } else {
            for k in 0..<momentum.count {
              momentum[k] += time * scales[k] * gradient[k] + prior * position[k] / scales[k]
            }
          }
        }
      }
    }
  }

  /// Moves the position for a time; the gradient is that of the old position until it is evaluated.
  func drift(_ point: inout PhasePoint, _ scales: [Double], time: Double) {
    // x/s <- c x/s + t p, p <- c p - q x/s
    let (c, t, q) = self == .rotation ? (cos(time), sin(time), sin(time)) : (1, time, 0)
    point.position.withUnsafeMutableBufferPointer { position in
      point.momentum.withUnsafeMutableBufferPointer { momentum in
        if scales.isEmpty {
          for k in 0..<position.count {
            let (x, p) = (position[k], momentum[k])
            position[k] = c * x + t * p
            momentum[k] = c * p - q * x
          }
        } else {
          for k in 0..<position.count {
            let (x, p) = (position[k], momentum[k])
            position[k] = c * x + t * scales[k] * p
            momentum[k] = c * p - q * x / scales[k]
          }
        }
      }
    }
  }

  /// Runs `steps` steps of size `step`, evaluating the density once for each. Stops where the potential energy
  /// exceeds the energy at the start by more than `limit`, or is not a number. Returns the number of
  /// evaluations.
  ///
  /// - Parameter scales: s, one for every coordinate; empty for ones.
  func run<Density: LogDensity>(
    _ point: inout PhasePoint, steps: Int, step: Double, scales: [Double], limit: Double = .infinity,
    _ density: Density, _ workspace: inout Density.Workspace
  ) -> Int {
    let start = point.energy
    kick(&point, scales, time: step / 2)
    for count in 1...steps {
      drift(&point, scales, time: step)
      point.value = density.evaluate(point.position, gradient: &point.gradient, &workspace)
      guard -point.value - start <= limit else { return count }
      kick(&point, scales, time: count == steps ? step / 2 : step)
    }
    return steps
  }
}
