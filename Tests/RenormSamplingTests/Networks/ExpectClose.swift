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

/// Expects equal counts and all differences within tolerance times max(1, largest finite element); NaN and
/// infinity fail wherever they stand.
func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, "\(comment)", sourceLocation: sourceLocation)
  let size = (a + b).filter(\.isFinite).reduce(1) { max($0, abs($1)) }
  // Comparing with NaN is false, so that a maximum of differences would lose it.
  let wrong = zip(a, b).enumerated().filter { !(abs($0.element.0 - $0.element.1) <= tolerance * size) }
  #expect(
    wrong.isEmpty,
    "\(wrong.count) of \(a.count), first \(wrong.first.map { "\($0)" } ?? ""), size \(size): \(comment)",
    sourceLocation: sourceLocation)
}
