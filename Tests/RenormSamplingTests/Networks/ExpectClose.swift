import LinearAlgebra
import Testing

/// Expects |a - b| <= tolerance max(1, |a|, |b|); written so that NaN fails.
func expectClose(
  _ a: Double, _ b: Double, _ tolerance: Double, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    abs(a - b) <= tolerance * max(1, abs(a), abs(b)), "\(a) and \(b): \(comment)",
    sourceLocation: sourceLocation)
}

/// Expects equal counts and the largest difference within tolerance times max(1, largest element).
func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, "\(comment)", sourceLocation: sourceLocation)
  let size = (a + b).reduce(1) { max($0, abs($1)) }
  let worst = zip(a, b).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference <= worst ? worst : difference
  }
  #expect(worst <= tolerance * size, "\(worst) of \(size): \(comment)", sourceLocation: sourceLocation)
}
