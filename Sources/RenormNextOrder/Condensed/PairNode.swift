internal import Foundation
internal import LinearAlgebra

/// Two explicit units at readouts v_1 and v_2, with independent Gaussian laws of their weights, beside a bulk
/// of N - 2 units whose readouts stay below both (docs/condensed.md, section 2).
struct PairNode: Sendable {
  let readouts: [Double]
  let laws: [UnitLaw]
  let logQ: Double
  /// <q>.
  let q: Double
  /// log of the density of both readouts times the evidence, without the constants of the problem.
  let logWeight: Double
  let isConverged: Bool
  /// Evaluations of F.
  let evaluations: Int

  /// The same with the units' places exchanged.
  var exchanged: PairNode {
    PairNode(
      readouts: readouts.reversed(), laws: laws.reversed(), logQ: logQ, q: q, logWeight: logWeight,
      isConverged: isConverged, evaluations: evaluations)
  }

  /// The projection of the weights of the unit with the larger readout; of equal ones the mean of both.
  func alignment(_ direction: [Double]) -> Double {
    let largest = readouts.max() ?? 0
    let own = zip(readouts, laws).filter { $0.0 == largest }.map { dot($0.1.mean, direction) }
    return own.reduce(0, +) / Double(max(own.count, 1))
  }

  /// Bhattacharyya's coefficient of both laws together.
  func overlap(_ other: PairNode) -> Double { zip(laws, other.laws).reduce(1) { $0 * $1.0.overlap($1.1) } }

  /// Whether both laws seem to belong to the same minima.
  func isNear(_ other: PairNode) -> Bool { zip(laws, other.laws).allSatisfy { $0.isNear($1) } }
}

/// The minimum of F over the laws of two units, with all that predictions need.
struct SolvedPair {
  private(set) var units: [(action: UnitAction, point: UnitAction.Evaluation)]
  private(set) var logQ: Double
  private var isConverged = false
  /// Of F.
  private(set) var evaluations = 0

  private static let largestNumber = 100

  /// One unit after the other at the law of the other, until a round of both lowers F by less than `tolerance`;
  /// the laws are coupled only through what the units explain together.
  ///
  /// - Returns: nil where F could not be evaluated.
  init?(
    _ problem: CondensedProblem, readouts: [Double], laws: [UnitLaw], logQ: Double, tolerance: Double,
    rounds: Int = largestNumber
  ) {
    let (bulk, cut) = (problem.width - Double(readouts.count), readouts.min())
    self.logQ = logQ
    units = []
    for (readout, law) in zip(readouts, laws) {
      let action = UnitAction(problem, readout: readout, units: bulk, cut: cut)
      guard let point = action.evaluate(law, logQ: logQ) else { return nil }
      units.append((action, point))
    }
    var before = Double.infinity
    for _ in 0..<rounds {
      isConverged = true
      for k in units.indices {
        var rest = problem
        for (j, other) in units.enumerated() where j != k {
          rest = rest.beside(other.point, strength: other.action.strength)
        }
        let action = UnitAction(rest, readout: readouts[k], units: bulk, cut: cut)
        guard
          let optimum = action.minimum(from: units[k].point.law, logQ: self.logQ, tolerance: tolerance)
        else { return nil }
        units[k] = (action, optimum.point)
        evaluations += optimum.evaluations
        isConverged = isConverged && optimum.isConverged
        self.logQ = optimum.point.minimum.logQ
      }
      let now = action
      if abs(before - now) < tolerance { return }
      before = now
    }
    isConverged = false
  }

  /// F.
  private var action: Double {
    guard let last = units.last else { return .infinity }
    return units.dropLast().reduce(last.point.action) {
      $0 + $1.point.divergence + $1.action.readout * $1.action.readout / 2
    }
  }

  /// The law of q at the laws of the units.
  var average: BulkLaw.Average? {
    units.last.map { $0.action.bulk.average($0.point.squares, around: $0.point.minimum) }
  }

  /// d log weight/d cut, at fixed laws: by how much more room for the bulk raises the weight.
  var cutSlope: Double {
    guard let (action, point) = units.last, let cut = action.bulk.cut else { return 0 }
    let step = 1e-3 * cut
    let values = [step, -step].map { change in
      let bulk = action.problem.bulk(units: action.bulk.units, cut: cut + change)
      return bulk.average(point.squares, around: bulk.minimum(point.squares, from: logQ)).logIntegral
    }
    return (values[0] - values[1]) / (2 * step)
  }

  func node(_ average: BulkLaw.Average) -> PairNode {
    let readouts = units.map(\.action.readout)
    return PairNode(
      readouts: readouts, laws: units.map(\.point.law), logQ: logQ, q: average.q,
      logWeight: units.reduce(average.logIntegral) { $0 - $1.point.divergence } - dot(readouts, readouts) / 2,
      isConverged: isConverged, evaluations: evaluations)
  }

  var node: PairNode? { average.map(node) }

  /// Readouts that minimise F at the laws and q of this minimum, where it is a parabola but for what keeps the
  /// bulk below them:
  ///
  ///     v_k = c b/(1 + c^2 a),   a = sum_i [(V^T m)_i^2 + (V^T S V)_ii]/a_i,   b = sum_i (V^T m)_i r_i/a_i,
  ///
  /// c = (N lambda1)^(-1/2), r what the other unit leaves.
  var bestReadouts: [Double] {
    units.map { action, point in
      let q = exp(logQ)
      let c = action.problem.strength(1)
      let values = action.problem.turned(point.marginals.values)
      let rest = action.problem.turned(action.problem.targets)
      var (a, b) = (0.0, 0.0)
      for (i, k) in action.bulk.eigenvalues.enumerated() {
        let inverse = 1 / (action.bulk.temperature + q * k)
        let spread = point.spread[i] / (action.strength * action.strength)
        a += (values[i] * values[i] + spread) * inverse
        b += values[i] * rest[i] * inverse
      }
      return max(c * b, 0) / (1 + c * c * a)
    }
  }
}
