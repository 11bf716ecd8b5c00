@preconcurrency internal import CNumerics

/// A seeded pseudo-random generator: GSL's Mersenne twister MT19937.
///
/// The same seed gives the same numbers on every machine. A class, because the state is shared by
/// all who draw from it; use one generator per task and never one from two threads.
public final class RandomGenerator {
  private let state: UnsafeMutablePointer<gsl_rng>

  /// A generator for `seed`; only its 32 low bits matter to MT19937, and 0 selects GSL's default 4357.
  public init(seed: UInt32) {
    GSL.disableAbortOnError
    // gsl_rng_alloc returns null only when memory for the 5 kB of state cannot be had.
    guard let allocated = gsl_rng_alloc(gsl_rng_mt19937) else {
      preconditionFailure("out of memory for a random generator")
    }
    state = allocated
    gsl_rng_set(state, UInt(seed))
  }

  deinit { gsl_rng_free(state) }

  /// Uniform on [0, 1).
  public func uniform() -> Double { gsl_rng_uniform(state) }

  /// Uniform on 0, ..., bound - 1, for 1 <= bound <= 2^32.
  public func integer(below bound: Int) -> Int {
    precondition(bound >= 1 && bound <= 1 << 32, "bound \(bound) must be in 1...2^32")
    return Int(gsl_rng_uniform_int(state, UInt(min(bound, 1 << 32 - 1))))
  }

  /// Gaussian with mean 0 and variance 1.
  public func gaussian() -> Double { gsl_ran_gaussian_ziggurat(state, 1) }

  /// A uniformly random permutation of 0, ..., count - 1 (Fisher and Yates).
  public func permutation(of count: Int) -> [Int] {
    var indices = Array(0..<count)
    guard count > 1 else { return indices }
    for last in stride(from: count - 1, through: 1, by: -1) {
      indices.swapAt(last, integer(below: last + 1))
    }
    return indices
  }
}
