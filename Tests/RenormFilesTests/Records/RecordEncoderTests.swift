import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

/// The encoder of reports beside Foundation's.
@Suite struct RecordEncoderTests {
  private struct Sample: Encodable {
    struct Part: Encodable {
      let x: Double?
      @Nullable var y: Int?
    }

    let flag = true
    let text = "\u{1}\"\\/é\n\r\t\u{8}\u{c}\u{1F600}"
    let numbers = [0.1, 1, -3, 1e-7, 1e15, 1e16, 1e300, -0.0, 0, .leastNonzeroMagnitude, 123456.789]
    let single: Float = 0.5
    let integers = [Int.max, .min, 0]
    let seed: UInt32 = 4_294_967_295
    let lists: [[[Int]]] = [[[1, 2], []], []]
    let missing: [Double?] = [1, nil]
    let parts = [
      "b": Part(x: 1, y: Nullable(2)), "a": Part(x: nil, y: Nullable(nil)), "B": Part(x: 0.5, y: Nullable(3)),
    ]
    let standardizations: [Standardization] = [.none, .global(mean: 1, deviation: 0.5)]
    let classes: [ClassLabel] = [3, "ash"]
    let matrix = MatrixRows(Matrix(rows: 2, columns: 3) { Double($0) + 0.1 * Double($1) })
    let none = MatrixRows(Matrix(rows: 0, columns: 0))
  }

  /// The same tokens in the same order: only blanks differ, which no text of the sample has.
  @Test func tokensAreFoundations() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let expected = String(decoding: try encoder.encode(Sample()), as: UTF8.self)
    let text = try RecordEncoder.json(Sample())
    #expect(text.filter { $0 != " " && $0 != "\n" } == expected)
    #expect(try RecordEncoder.value(Sample()).line.filter { $0 != " " } == expected)
  }

  @Test func layout() throws {
    struct Small: Encodable {
      let b = MatrixRows(Matrix(rows: 2, columns: 2) { $0 == $1 ? 1 : -0.0 })
      let a = ["x": [1, 2]]
      let c = [["k": true]]
      let d: [Int] = []
    }
    let expected = """
      {
        "a" : {
          "x" : [1, 2]
        },
        "b" : [
          [1, 0],
          [0, 1]
        ],
        "c" : [
          {
            "k" : true
          }
        ],
        "d" : []
      }

      """
    #expect(try RecordEncoder.json(Small()) == expected)
  }

  /// What is not finite is refused, with its place.
  @Test func notFinite() throws {
    func path(_ value: some Encodable) -> String? {
      do {
        _ = try RecordEncoder.json(value)
        return nil
      } catch EncodingError.invalidValue(_, let context) {
        return context.codingPath.map(\.stringValue).joined(separator: ".")
      } catch {
        return "\(error)"
      }
    }
    #expect(path(["a": ["b": Double.nan]]) == "a.b")
    #expect(path(["a": [["b": 1.0], ["b": Double.infinity]]]) == "a.1.b")
    #expect(path(["a": [1, -Double.infinity]]) == "a")
    #expect(path(["m": MatrixRows(Matrix(rows: 2, columns: 2) { i, j in i < j ? .nan : 0 })]) == "m")
    #expect(path(["a": 1.0]) == nil)
  }

  /// Parts that write to one object in turn.
  @Test func flattenedParts() throws {
    struct Whole: Encodable {
      struct Part: Encodable { let b = 2 }
      func encode(to encoder: any Encoder) throws {
        try Part().encode(to: encoder)
        try ["c": 3, "a": 1].encode(to: encoder)
      }
    }
    #expect(try RecordEncoder.value(Whole()).line == #"{"a": 1, "b": 2, "c": 3}"#)
  }
}
