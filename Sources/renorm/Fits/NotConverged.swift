import Renorm

/// A fit whose order parameter did not reach the tolerance.
struct NotConverged: Error, CustomStringConvertible {
  let convergence: Convergence
  /// The limit on iterations; nil where it is not known.
  var maximumIterations: Int?

  var description: String {
    let failure = "the fit did not converge: \(convergence.failure ?? "")"
    if convergence.isLostToRounding {
      return failure + ", as the temperature is too close to the rounding of the kernel; try a higher "
        + "--temperature, or remove examples that are nearly equal"
    }
    if convergence.reachedTolerance { return failure + "; try a higher --temperature or a larger --width" }
    let count = convergence.iterations
    // More steps would not help a solver that stopped before the limit, nor would a tolerance that it cannot
    // judge.
    let isStuck = maximumIterations.map { count < $0 } ?? false
    return failure
      + (isStuck
        ? ", and no step decreases it further; try "
        : "; try a larger --max-iterations, a larger --tolerance, ")
      + "a higher --temperature or a larger --width"
  }
}

extension Posterior {
  /// - Parameter maximumIterations: the limit of the search; nil where it is not known.
  /// - Throws: `NotConverged` where the fit is none.
  func checkConverged(maximumIterations: Int? = nil) throws {
    let convergence = solution.convergence
    guard convergence.converged else {
      throw NotConverged(convergence: convergence, maximumIterations: maximumIterations)
    }
  }
}
