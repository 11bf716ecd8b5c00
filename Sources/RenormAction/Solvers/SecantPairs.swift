internal import LinearAlgebra

/// The inverse Hessian that steps and changes of the gradient imply, on top of an initial one (limited-memory
/// BFGS; J. Nocedal, Math. Comp. 35 (1980)).
struct SecantPairs {
  private struct Pair {
    let step: [Double]
    let change: [Double]
    let inverseProduct: Double
  }

  private static let memory = 20
  private var pairs: [Pair] = []

  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a step and the change of the gradient along it, unless rounding hides the curvature.
  mutating func append(step: [Double], change: [Double]) {
    let product = dot(step, change)
    let stepSquared = dot(step, step)
    guard product > 1e-8 * (stepSquared * dot(change, change)).squareRoot(), product > 1e-10 * stepSquared
    else { return }
    pairs.append(Pair(step: step, change: change, inverseProduct: 1 / product))
    if pairs.count > Self.memory { pairs.removeFirst() }
  }

  /// The inverse Hessian applied to a vector; `initial` applies the initial one.
  func apply(_ vector: [Double], initial: ([Double]) -> [Double]) -> [Double] {
    var q = vector
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = pair.inverseProduct * dot(pair.step, q)
      q.add(-weight, pair.change)
      weights.append(weight)
    }
    var result = initial(q)
    for (pair, weight) in zip(pairs, weights.reversed()) {
      result.add(weight - pair.inverseProduct * dot(pair.change, result), pair.step)
    }
    return result
  }
}
