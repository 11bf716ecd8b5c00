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
  let difference = difference(a, b, tolerance)
  #expect(difference == nil, "\(difference ?? ""): \(comment)", sourceLocation: sourceLocation)
}

/// What `expectClose` finds wrong; nil where the arrays agree.
func difference(_ a: [Double], _ b: [Double], _ tolerance: Double) -> String? {
  guard a.count == b.count else { return "\(a.count) and \(b.count) numbers" }
  let size = (a + b).filter(\.isFinite).reduce(1) { max($0, abs($1)) }
  // Comparing with NaN is false, so that a maximum of differences would lose it.
  let wrong = a.indices.filter { !(abs(a[$0] - b[$0]) <= tolerance * size) }
  return wrong.first.map { "\(wrong.count) of \(a.count), first [\($0)] \(a[$0]) and \(b[$0]), size \(size)" }
}
