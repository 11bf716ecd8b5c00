import Renorm
import Testing

@testable import RenormCompanions

@Suite struct WidthExponentTests {
  private func exponent(_ pattern: String, derivative: Int = 0) throws -> Int? {
    try Pattern(pattern).exponent(derivative: derivative).exponent
  }

  /// The published table.
  @Test(arguments: WidthTable.rows) func table(row: WidthTable.Row) throws {
    #expect(try exponent(row.pattern) == row.exponent, "\(row.pattern)")
  }

  @Test func components() throws {
    let pattern = try Pattern("f_ab(1) f_a(2) f_b(3) f(4)")
    #expect(pattern.components == [[0, 1, 2], [3]] && pattern.count == 4)
    #expect(try Pattern("f_ab f_cd f_ac f_bd f_e f_e").components == [[0, 1, 2, 3], [4, 5]])
    #expect(try Pattern(" f_{ab}( x 1 )f_ab(2)").tensors[0].input == "x 1")
    #expect(try Pattern("f_aa(1)").hasSelfContraction && !pattern.hasSelfContraction)
    #expect(try exponent("f_aa(1) f(2)") == 0)
  }

  /// E O_s is O(n^(1 - s/2)) for even s, and with its partner f O(n^((1 - s)/2)) for odd s: O_s is one
  /// component of s tensors.
  @Test(arguments: 1...7) func driftSeries(s: Int) throws {
    let letters = Array("abcdefg").prefix(s - 1)
    let chain = "f" + (letters.isEmpty ? "" : "_" + String(letters)) + letters.map { " f_\($0)" }.joined()
    let expected = s.isMultiple(of: 2) ? 1 - s / 2 : (1 - s) / 2
    #expect(try exponent(s.isMultiple(of: 2) ? chain : chain + " f(9)") == expected)
  }

  /// A joint cumulant of products that are not connected themselves splits: Cov(f1 f2, f3 f4) has the term
  /// E f1 f3 E f2 f4, which is O(1), and Cov(f1 f2 Theta, f3 f4) as well.
  @Test func cumulantsOfProducts() throws {
    #expect(try exponent("[f(1) f(2)][f(3) f(4)]") == 0)
    #expect(try exponent("[f(1) f(2) f_a(3) f_a(4)][f(5) f(6)]") == 0)
    #expect(try exponent("[f(1) f(2)][f_a(3) f_a(4)]") == -1)
    // One group is an average, and connected groups are one block.
    #expect(try exponent("[f(1) f(2) f(3) f(4)]") == exponent("f(1) f(2) f(3) f(4)"))
    #expect(try exponent("[f_a(1)][f_a(2)]") == 0)
    #expect(try exponent("[f(1)][f(2)][f(3)]") == nil)
  }

  /// Theta(t) - Theta(0) = O(1/n): every derivative of the kernel is.
  @Test func derivatives() throws {
    #expect(try exponent("f_a(1) f_a(2)", derivative: 1) == -1)
    #expect(try exponent("f_a(1) f_a(2)", derivative: 2) == -1)
    #expect(try exponent("f(1)", derivative: 1) == 0)
    #expect(try exponent("f(1) f(2)", derivative: 1) == 0)
    #expect(try Pattern("f_a(1) f_a(2)").exponent(derivative: 1).components == [3, 1])
    #expect(throws: RenormError.self) { try Pattern("f(1) f(2)").exponent(derivative: 9) }
  }

  /// A time derivative never raises the exponent.
  @Test func derivativesDoNotRise() throws {
    for row in WidthTable.rows where !row.pattern.contains("[") {
      guard let start = row.exponent else { continue }
      for order in 1...3 {
        let value = try #require(try exponent(row.pattern, derivative: order))
        #expect(value <= start, "\(row.pattern), \(order)")
      }
    }
  }

  @Test(arguments: [
    ("", "no tensor"), ("   ", "no tensor"), ("f_a(1)", "'a' occurs once"),
    ("f_a f_a f_a", "'a' occurs 3 times"),
    ("f_ab f_ab g", "'g'"), ("[f(1)] f(2)", "outside"), ("f(1) [f(2)]", "outside"), ("[f(1)", "without ']'"),
    ("f(1)]", "without '['"), ("[[f]]", "inside of a bracket"), ("[]f f", "nothing inside"),
    ("f(1", "without ')'"),
    ("f_ f", "without indices"), ("f_{ab f_ab", "without '}'"),
  ])
  func badPatterns(pattern: String, fragment: String) {
    do {
      _ = try Pattern(pattern)
      Issue.record("\(pattern) was accepted")
    } catch {
      #expect("\(error)".contains(fragment), "\(error)")
      #expect(!"\(error)".contains("\n"))
    }
  }
}
