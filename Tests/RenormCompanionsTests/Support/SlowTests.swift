import Foundation
import Testing

/// Statistical tests of many draws run only where they are asked for.
enum SlowTests {
  static let areOn = ProcessInfo.processInfo.environment["RENORM_SLOW_TESTS"] != nil
  static let comment: Comment = "many draws; set RENORM_SLOW_TESTS=1 to run them"
}

/// Expects that two numbers differ by less than an absolute tolerance.
func expectNear(
  _ a: Double, _ b: Double, _ tolerance: Double, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(abs(a - b) <= tolerance, comment ?? "\(a), \(b)", sourceLocation: sourceLocation)
}
