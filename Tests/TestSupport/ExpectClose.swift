import LinearAlgebra
import Testing

/// Expects |a - b| <= absolute + relative max(|a|, |b|); NaN fails.
package func expectClose(
  _ a: Double, _ b: Double, relative: Double = 1e-12, absolute: Double = 0, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose([a], [b], relative: relative, absolute: absolute, comment, sourceLocation: sourceLocation)
}

/// Expects equal counts and |a_i - b_i| <= absolute + relative max(|a_j|, |b_j|) for all i, the maximum over
/// all finite elements; NaN and infinity fail wherever they stand.
package func expectClose(
  _ a: [Double], _ b: [Double], relative: Double = 1e-12, absolute: Double = 0, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let difference = difference(a, b, relative: relative, absolute: absolute)
  #expect(difference == nil, "\(difference ?? ""): \(comment)", sourceLocation: sourceLocation)
}

/// Expects equal shapes and elements, in the maximum norm.
package func expectClose(
  _ a: Matrix, _ b: Matrix, relative: Double = 1e-12, absolute: Double = 0, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.rows == b.rows && a.columns == b.columns, "\(comment)", sourceLocation: sourceLocation)
  expectClose(
    a.elements, b.elements, relative: relative, absolute: absolute, comment, sourceLocation: sourceLocation)
}

/// Expects |a - b| <= tolerance (1 + max(|a|, |b|)): numbers of order 1, of which some may vanish.
package func expectClose(
  _ a: Double, _ b: Double, _ tolerance: Double, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(a, b, relative: tolerance, absolute: tolerance, comment, sourceLocation: sourceLocation)
}

/// Expects equal counts and |a_i - b_i| <= tolerance (1 + max(|a_j|, |b_j|)).
package func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double, _ comment: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(a, b, relative: tolerance, absolute: tolerance, comment, sourceLocation: sourceLocation)
}

/// What `expectClose` finds wrong; nil where the arrays agree.
package func difference(_ a: [Double], _ b: [Double], relative: Double, absolute: Double) -> String? {
  guard a.count == b.count else { return "\(a.count) and \(b.count) numbers" }
  let size = (a + b).filter(\.isFinite).reduce(0) { max($0, abs($1)) }
  let tolerance = absolute + relative * size
  // Comparing with NaN is false, so that a maximum of differences would lose it.
  let wrong = a.indices.filter { !(abs(a[$0] - b[$0]) <= tolerance) }
  return wrong.first.map {
    "\(wrong.count) of \(a.count) differ by more than \(tolerance), first [\($0)]: \(a[$0]) and \(b[$0])"
  }
}
