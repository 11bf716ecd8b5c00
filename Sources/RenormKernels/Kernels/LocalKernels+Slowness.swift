package import LinearAlgebra

extension LocalKernels {
  /// Seconds for an element of a kernel from which its activation counts as slow: a quadrature in two dimensions
  /// takes a thousand times as long as a closed form or a series.
  private static let slowElement = 2e-4
  /// Seconds that are worth a word.
  private static let notable = 10.0

  /// About how long the kernels of some examples take where single elements are slow, measured on a few elements
  /// of the largest variance; nil where they are not, or there are few.
  package func slowness(on examples: Matrix) -> (seconds: Double, variance: Double)? {
    guard supplied == nil, examples.columns > 0 else { return nil }
    let patches = Patches(examples, of: self)
    var variance = 0.0
    for example in 0..<examples.columns {
      for i in 0..<positions { variance = max(variance, patches.variance(i, example)) }
    }
    guard variance > 0, variance.isFinite else { return nil }
    let variances = [variance, variance]
    func seconds() -> Double {
      var covariances = [0.9, 0.3, 0.3, 0.9].map { $0 * variance }
      return ContinuousClock().measure {
        covariances.withUnsafeMutableBufferPointer { covariances in
          variances.withUnsafeBufferPointer { variances in
            activation.replaceBySecondMoments(covariances, rowVariances: variances, columnVariances: variances)
          }
        }
      } / .seconds(1) / 4
    }
    // The first call makes tables.
    _ = seconds()
    let element = seconds()
    guard element > Self.slowElement else { return nil }
    let count = Double(pairs.orderedCount) * Double(examples.columns) * Double(examples.columns + 1) / 2
    let total = element * count / Double(threads)
    return total > Self.notable ? (total, variance) : nil
  }
}
