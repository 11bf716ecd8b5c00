internal import Foundation
internal import LinearAlgebra

/// Starts in other basins of an action than that of a minimum Q, found along the ray c Q, c > 0.
///
/// Where the data outnumber the units, S can have two minima: one at which the network explains targets that lie
/// along small eigenvalues of the kernel, and one at much smaller Q which takes them for noise. Along the ray
///
///     dS/dlog c = c tau - r + D(c) - U(c),   tau = tr Q,   D = (1/N) tr(K_R A^-1),   U = (1/N) u^T K_R u,
///
/// r the order of Q. D grows with c and U is not negative, so that below c
///
///     S(c') >= S(c) + (r - D(c)) log(c/c') - tau (c - c'),
///
/// and above, as log det A grows and f = (1/N) y^T A^-1 y is not negative, S(c') >= S(c) + tau (c' - c) - r
/// log(c'/c) - f(c). Steps of a factor of ten go on until these bounds rule out lower values; a basin lies where the slope
/// changes its sign from - to +.
struct OtherBasins {
  /// Points to search from, each in a basin of its own.
  private(set) var starts: [ActionPoint] = []
  private(set) var evaluations = 0

  private static let factor = 10.0
  /// Below, Q is lost beside rounding of anything.
  private static let largestSteps = 16

  init<Data: DataTerm>(_ action: EffectiveAction<Data>, around minimum: ActionPoint) {
    // At a saddle S along the ray is a maximum over R; other likelihoods have other bounds.
    guard !action.data.hasMeans, minimum.value.misfit != nil else { return }
    let order = Double(minimum.frame.order)
    for isDown in [true, false] {
      // Nearer ones are of the same basin.
      var last = Ray(minimum, scale: 1)
      for step in 1...Self.largestSteps {
        if step == 1, last.isRuledOut(order, down: isDown, within: 1 / 3, below: minimum.action) { break }
        let scale = pow(Self.factor, Double(isDown ? -step : step))
        guard
          let point = try? ActionPoint(action, frame: scale.squareRoot() * minimum.frame)
        else { break }
        evaluations += 1
        let here = Ray(point, scale: scale)
        // From the side of the minimum the slope rises away from it, unless there is another basin.
        let (inner, outer) = isDown ? (last.slope, here.slope) : (-last.slope, -here.slope)
        if step > 1, inner > 0, outer <= 0 {
          starts.append(last.point.action < point.action ? last.point : point)
        }
        if here.isRuledOut(order, down: isDown, within: 1, below: minimum.action) { break }
        last = here
      }
    }
  }

  /// What is known of the action along the ray at one point.
  private struct Ray {
    let point: ActionPoint
    /// dS/dlog c.
    let slope: Double
    /// c tau, D and f.
    let (trace, share, misfit): (Double, Double, Double)

    init(_ point: ActionPoint, scale: Double) {
      self.point = point
      slope = BlockDiagonal(coordinates: point.gradient, sizes: point.frame.sizes).trace
      trace = point.linear.trace
      share = point.inverseGradient.trace
      misfit = point.value.misfit ?? .infinity
    }

    /// Whether no point further along has a lower action than `least`.
    ///
    /// - Parameter within: the part of the ray next to the point, c'/c or c/c', that does not count.
    func isRuledOut(_ order: Double, down: Bool, within: Double, below least: Double) -> Bool {
      if down {
        guard within < 1 else { return share < order && point.action - trace > least }
        let gain = (order - share) * log(1 / within)
        return trace * within < order - share && point.action + gain - trace * (1 - within) > least
      }
      let ratio = 1 / within
      let growth = trace * (ratio - 1) - order * log(ratio)
      return trace * ratio > order && point.action + growth - misfit > least
    }
  }
}
