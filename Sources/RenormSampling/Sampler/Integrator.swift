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
    let isRotation = self == .rotation
    if scales.isEmpty {
      for k in point.momentum.indices {
        let force = isRotation ? point.gradient[k] + point.position[k] : point.gradient[k]
        point.momentum[k] += time * force
      }
    } else {
      for k in point.momentum.indices {
        let force = scales[k] * point.gradient[k]
        point.momentum[k] += time * (isRotation ? force + point.position[k] / scales[k] : force)
      }
    }
  }

  /// Moves the position for a time; the gradient is that of the old position until it is evaluated.
  func drift(_ point: inout PhasePoint, _ scales: [Double], time: Double) {
    switch self {
    case .leapfrog:
      for k in point.position.indices {
        point.position[k] += time * (scales.isEmpty ? 1 : scales[k]) * point.momentum[k]
      }
    case .rotation:
      let (cosine, sine) = (cos(time), sin(time))
      for k in point.position.indices {
        let scale = scales.isEmpty ? 1 : scales[k]
        let (x, p) = (point.position[k], point.momentum[k])
        point.position[k] = cosine * x + sine * scale * p
        point.momentum[k] = cosine * p - sine * x / scale
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
