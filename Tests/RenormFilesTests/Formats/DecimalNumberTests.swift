import Foundation
import Testing

@testable import RenormFiles

@Suite struct DecimalNumberTests {
  private func parse(_ text: String) -> DecimalNumber {
    Array(text.utf8).withUnsafeBufferPointer { DecimalNumber.parse($0) }
  }

  @Test func numbers() {
    let texts = [
      "0", "7", "-7", "+7", "0.1", ".5", "5.", "-.25", "1e3", "1E-3", "-2.5e+10", "123456789012345",
      "1234567890123456", "0.1000000000000000055511151231257827", "4.9e-324", "1.7976931348623157e308",
      "0.000000000000001", "00012",
    ]
    for text in texts { #expect(parse(text) == .finite(Double(text) ?? .nan), "\(text)") }
    #expect(parse("  2 \t") == .finite(2))
  }

  @Test func notNumbers() {
    for text in ["abc", "1x", "-", "+", ".", "1.2.3", "1 2", "0x10", "--1", "e5", "1e", "1,5", "é", "True"] {
      #expect(parse(text) == .notANumber, "\(text)")
    }
    #expect(parse("") == .empty)
    #expect(parse("  ") == .empty)
  }

  @Test func notFinite() {
    #expect(parse("inf") == .notFinite(.infinity))
    #expect(parse("-Infinity") == .notFinite(-.infinity))
    #expect(parse("1e999") == .notFinite(.infinity))
    for text in ["nan", "NaN", "-nan", "+NAN"] {
      if case .notFinite(let value) = parse(text) { #expect(value.isNaN) } else { Issue.record("\(text)") }
    }
  }

  @Test(arguments: 0..<20) func agreesWithStandardLibrary(seed: Int) {
    var generator = Seeded(seed)
    for _ in 0..<500 {
      let value = Double.random(in: -1000...1000, using: &generator)
      let text = String(format: "%.\(Int.random(in: 0...17, using: &generator))f", value)
      #expect(parse(text) == .finite(Double(text) ?? .nan), "\(text)")
    }
  }
}
