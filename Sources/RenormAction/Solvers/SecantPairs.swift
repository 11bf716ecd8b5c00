internal import LinearAlgebra

/// The inverse Hessian that steps x and changes g of the gradient imply, on top of an initial one
/// (limited-memory BFGS; J. Nocedal, Math. Comp. 35 (1980), the two-loop recursion). Each pair applies
///
///     H <- (1 - x g^T/(x . g)) H (1 - g x^T/(x . g)) + x x^T/(x . g).
///
/// Pairs stay valid from point to point as the coordinates of vectors in a frame are transported
/// (`ActionPoint`).
struct SecantPairs {
  private struct Pair {
    let step: [Double]
    let change: [Double]
    let inverseProduct: Double
  }

  /// Pairs that are kept. A fit takes 4 to 15 evaluations, so that this hardly ever drops one.
  private static let memory = 20
  private var pairs: [Pair] = []

  var isEmpty: Bool { pairs.isEmpty }

  /// Remembers a step and the change of the gradient along it, unless rounding hides the curvature: x . g must
  /// be positive and larger than the rounding of a dot product (1e-8 of its bound, 1e-10 of |x|^2, margins well
  /// above 2^-52), which keeps H positive definite.
  mutating func append(step: [Double], change: [Double]) {
    let product = dot(step, change)
    let stepSquared = dot(step, step)
    guard product > 1e-8 * (stepSquared * dot(change, change)).squareRoot(), product > 1e-10 * stepSquared
    else { return }
    pairs.append(Pair(step: step, change: change, inverseProduct: 1 / product))
    if pairs.count > Self.memory { pairs.removeFirst() }
  }

  /// H applied to a vector; `initial` applies the initial one.
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
