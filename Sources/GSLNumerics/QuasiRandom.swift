@preconcurrency internal import CNumerics

/// Points that fill a cube evenly (GSL): Sobol's sequence up to 40 dimensions, Halton's in reverse beyond.
public enum QuasiRandom {
  /// `count` points of the unit cube, strictly inside, all moved by one random shift (R. Cranley and T. N. L.
  /// Patterson, SIAM J. Numer. Anal. 13 (1976)): coordinates of point k start at k `dimension`.
  ///
  /// - Parameters:
  ///   - dimension: at most 1229.
  ///   - seed: of the shift.
  public static func points(count: Int, dimension: Int, seed: UInt32) -> [Double] {
    precondition((1...1229).contains(dimension), "\(dimension) dimensions")
    GSL.disableAbortOnError
    let type = dimension <= 40 ? gsl_qrng_sobol : gsl_qrng_reversehalton
    guard let state = gsl_qrng_alloc(type, UInt32(dimension)) else {
      preconditionFailure("out of memory for a quasi-random sequence")
    }
    defer { gsl_qrng_free(state) }
    let random = RandomGenerator(seed: seed)
    let shift = (0..<dimension).map { _ in random.uniform() }
    var points = [Double](repeating: 0, count: count * dimension)
    points.withUnsafeMutableBufferPointer { points in
      guard let base = points.baseAddress else { return }
      for k in 0..<count {
        _ = gsl_qrng_get(state, base + k * dimension)
        for d in 0..<dimension {
          let moved = points[k * dimension + d] + shift[d]
          points[k * dimension + d] = min(max(moved - moved.rounded(.down), 1e-16), 1 - 1e-16)
        }
      }
    }
    return points
  }
}
