import LinearAlgebra
import Testing

/// Expects |a - b| <= absolute + relative max(|a|, |b|).
func expectClose(
  _ a: Double, _ b: Double, relative: Double = 1e-12, absolute: Double = 0, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let tolerance = absolute + relative * max(abs(a), abs(b))
  // Written so that NaN fails.
  #expect(
    abs(a - b) <= tolerance, "\(a) and \(b) differ by more than \(tolerance). \(comment?.rawValue ?? "")",
    sourceLocation: sourceLocation)
}

/// Expects equal counts and max |a_i - b_i| <= absolute + relative max(|a_i|, |b_i|), maxima over all i.
func expectClose(
  _ a: [Double], _ b: [Double], relative: Double = 1e-12, absolute: Double = 0, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, comment, sourceLocation: sourceLocation)
  let size = (a + b).reduce(0) { max($0, abs($1)) }
  let worst = zip(a, b).enumerated().max { first, second in
    !(abs(first.element.0 - first.element.1) >= abs(second.element.0 - second.element.1))
  }
  guard let worst, a.count == b.count else { return }
  let text = "element \(worst.offset), of size \(size). \(comment?.rawValue ?? "")"
  expectClose(
    worst.element.0, worst.element.1, relative: 0, absolute: absolute + relative * size, "\(text)",
    sourceLocation: sourceLocation)
  #expect((a + b).allSatisfy { !$0.isNaN }, "NaN. \(text)", sourceLocation: sourceLocation)
}

/// Expects equal shapes and elements, in the maximum norm.
func expectClose(
  _ a: Matrix, _ b: Matrix, relative: Double = 1e-12, absolute: Double = 0, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.rows == b.rows && a.columns == b.columns, comment, sourceLocation: sourceLocation)
  expectClose(
    a.elements, b.elements, relative: relative, absolute: absolute, comment, sourceLocation: sourceLocation)
}
