import Foundation
import Testing

/// Checks that need many draws.
enum SlowTests {
  static let areOn = ProcessInfo.processInfo.environment["RENORM_SLOW_TESTS"] != nil
  static let comment: Comment = "many draws; set RENORM_SLOW_TESTS=1 to run them"
}
