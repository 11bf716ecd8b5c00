internal import Foundation
package import LinearAlgebra

extension LocalKernels {
  /// Seconds for an element of a kernel from which its activation counts as slow: a hundred times a closed
  /// form, as the quadratures of `PiecewiseLinear` take; those of `PolarQuadrature` take a millisecond.
  private static let slowElement = 5e-7
  /// Seconds that are worth a word.
  private static let notable = 10.0

  /// About how long the kernels of some examples take where single elements are slow, measured on a few
  /// elements of the largest variance; nil where they are not, or there are few.
  package func slowness(on examples: Matrix) -> (seconds: Double, variance: Double)? {
    guard supplied == nil, examples.columns > 0 else { return nil }
    // Of some, as patches of all would take memory once more.
    let some = examples.selectingColumns(
      Array(stride(from: 0, to: examples.columns, by: max(1, examples.columns / 64))))
    let patches = Patches(some, of: self)
    var variance = 0.0
    for example in 0..<some.columns {
      for i in 0..<positions { variance = max(variance, patches.variance(i, example)) }
    }
    guard variance > 0, variance.isFinite else { return nil }
    // The first call makes tables; of a few elements the set-up is most, unless each takes long.
    _ = seconds(order: 2, variance)
    var element = seconds(order: 2, variance)
    if element < 1e-4 { element = seconds(order: 64, variance) }
    guard element > Self.slowElement else { return nil }
    let count = Double(pairs.orderedCount) * Double(examples.columns) * Double(examples.columns + 1) / 2
    let total = element * count / Double(threads)
    return total > Self.notable ? (total, variance) : nil
  }

  /// Seconds for an element of a block of `order` rows and columns of one variance.
  private func seconds(order: Int, _ variance: Double) -> Double {
    let variances = [Double](repeating: variance, count: order)
    var covariances = (0..<order * order).map { variance * sin(Double($0)) }
    let time = ContinuousClock().measure {
      covariances.withUnsafeMutableBufferPointer { covariances in
        variances.withUnsafeBufferPointer { variances in
          activation.replaceBySecondMoments(covariances, rowVariances: variances, columnVariances: variances)
        }
      }
    }
    return time / .seconds(1) / Double(order * order)
  }
}
