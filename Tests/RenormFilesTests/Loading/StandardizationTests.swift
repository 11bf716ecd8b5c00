import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

@Suite struct StandardizationTests {
  let inputs = Matrix(rows: 2, columns: 4, elements: [1, 10, 3, 10, 5, 10, 7, 10])

  @Test func global() throws {
    let numbers = try Standardization(.global, of: inputs, path: "f")
    // Mean 56/8, mean square (84 + 400)/8.
    let deviation = 11.5.squareRoot()
    #expect(numbers == .global(mean: 7, deviation: deviation))
    #expect(numbers.apply(to: inputs)[0, 0] == -6 / deviation)
    #expect(numbers.constantCount == 0)
  }

  @Test func feature() throws {
    let numbers = try Standardization(.feature, of: inputs, path: "f")
    let root = Double(5).squareRoot()
    #expect(numbers == .feature(means: [4, 10], deviations: [root, 0]))
    #expect(numbers.constantCount == 1)
    let result = numbers.apply(to: Matrix(rows: 2, columns: 1, elements: [9, 12]))
    #expect(result.elements == [5 / root, 2])
  }

  @Test func none() throws {
    #expect(try Standardization(.none, of: inputs, path: "f").apply(to: inputs) == inputs)
  }

  /// The mean of equal numbers can round away from them; they must still count as constant.
  @Test(arguments: [0.1, 0.7, 1.0 / 3, 1e-3]) func constantsAreExact(value: Double) throws {
    for count in 1...20 {
      let constant = Matrix(rows: 1, columns: count, repeating: value)
      let numbers = try Standardization(.feature, of: constant, path: "f")
      #expect(numbers == .feature(means: [value], deviations: [0]))
      #expect(numbers.apply(to: constant).elements.allSatisfy { $0 == 0 })
      expectError("f: all training inputs are equal to one value, so they cannot be standardised") {
        try Standardization(.global, of: constant, path: "f")
      }
    }
  }

  /// Numbers whose difference from the mean, or its square, overflows.
  @Test(arguments: [1e300, 1.7e308]) func largeNumbers(value: Double) throws {
    let large = Matrix(rows: 1, columns: 4, elements: [value, -value, -value, -value])
    for mode in [StandardizationMode.global, .feature] {
      let result = try Standardization(mode, of: large, path: "f").apply(to: large).elements
      // Of 1, -1, -1, -1 the mean is -1/2 and the deviation sqrt(3)/2.
      let expected = [
        (3.0).squareRoot(), -1 / (3.0).squareRoot(), -1 / (3.0).squareRoot(), -1 / (3.0).squareRoot(),
      ]
      #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    }
  }

  @Test(arguments: 0..<20) func momentsOfTheResult(seed: Int) throws {
    var generator = Seeded(seed)
    let rows = Int.random(in: 1...5, using: &generator)
    let random = Matrix(rows: rows, columns: 7) { _, _ in Double.random(in: 3...9, using: &generator) }
    let result = try Standardization(.feature, of: random, path: "f").apply(to: random)
    for i in 0..<rows {
      #expect(abs(result.row(i).reduce(0, +)) < 1e-12)
      #expect(abs(result.row(i).reduce(0) { $0 + $1 * $1 } / 7 - 1) < 1e-12)
    }
  }

  @Test(arguments: StandardizationMode.allCases) func storedExactly(mode: StandardizationMode) throws {
    let numbers = try Standardization(mode, of: inputs, path: "f")
    let data = try JSONEncoder().encode(numbers)
    #expect(try JSONDecoder().decode(Standardization.self, from: data) == numbers)
  }
}
