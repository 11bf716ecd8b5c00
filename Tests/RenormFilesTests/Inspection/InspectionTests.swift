import Foundation
import Testing

@testable import RenormFiles

@Suite struct InspectionTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func tableWithNumbersThatAreNotFinite() throws {
    let path = try scratch.file("t.csv", "a,b,y\n1,nan,0\n-3,inf,1\n2,4,1\n")
    let seen = try Inspection(path: path)
    #expect(
      seen.description == """
        \(path): CSV, 29 bytes, CRC-32 \(seen.crc32)
          array: 3x3 of text
          columns: a, b, y
          target column: y
          examples: 3
          shape of one example: 1x1x2
          labels (count): 0 (1), 1 (2)
          values: -3.0 to 4.0, mean 1.0, 1 NaN, 1 infinite
          targets: 0.0 to 1.0, mean 0.6666666666666666, 0 NaN
        """)
    #expect(seen.values?.nanCount == 1 && seen.values?.infiniteCount == 1)
    let targets = try Inspection(path: try scratch.file("u.csv", "1,2,nan\n2,3,inf\n")).targets
    #expect(targets?.nanCount == 1 && targets?.infiniteCount == 1)
  }

  @Test func firstRowThatCounts() throws {
    let seen = try Inspection(path: try scratch.file("t.csv", "0,1,2\n5,6,7\n"))
    #expect(seen.exampleCount == 1 && seen.columns == ["0", "1", "2"])
    #expect(seen.description.contains("the first line 0,1,...,2 was taken as headings"))
    for text in ["0,1\n5,6\n", "1,2,3\n5,6,7\n", "0,1,3\n5,6,7\n", "a,b,y\n0,1,2\n"] {
      #expect(try Inspection(path: try scratch.file("u.csv", text)).warnings.isEmpty)
    }
  }

  @Test func gzippedImages() throws {
    let path = try scratch.file("x", gzip(idx(shape: [2, 1, 2], [0, 10, 20, 30])))
    let seen = try Inspection(path: path)
    #expect(seen.isGzipped && seen.format == "IDX" && seen.byteCount == 20)
    #expect(seen.imageShape == ImageShape(channels: 1, height: 1, width: 2))
    #expect(seen.classes == nil)
    #expect(seen.values?.mean == 15)
    #expect(seen.arrays == [.init(name: nil, type: "u1", shape: [2, 1, 2], role: nil)])
  }

  @Test func labels() throws {
    let seen = try Inspection(path: try scratch.file("y", idx(shape: [4], [7, 2, 7, 7])))
    #expect(seen.imageShape == nil && seen.exampleCount == 4)
    #expect(seen.classes == [.init(label: 2, count: 1), .init(label: 7, count: 3)])
  }

  @Test func archive() throws {
    let seen = try Inspection(path: try scratch.file("d.npz", Fixtures.deflatedNPZ))
    #expect(seen.exampleCount == 6 && seen.heldOutCount == 2)
    #expect(seen.arrays.map(\.type) == ["|u1", "<i8", "|u1", "<i8"])
    #expect(seen.classes?.map(\.label) == [3, 5, 8])
    #expect(seen.description.contains("  examples: 6 and 2 held out\n"))
  }

  @Test func archiveOfOtherArrays() throws {
    var writer = NPZWriter()
    writer.add("weights", [1, 2], shape: [2])
    let seen = try Inspection(path: try scratch.file("m.npz", writer.encoded()))
    #expect(seen.exampleCount == nil && seen.values == nil)
    #expect(seen.arrays.map(\.name) == ["weights"])
  }

  @Test func manyDistinctTargetsAreNotClasses() throws {
    func seen(_ count: Int) throws -> Inspection {
      try Inspection(path: try scratch.file("t.csv", (0..<count).map { "1,\($0)\n" }.joined()))
    }
    #expect(try seen(1000).classes?.count == 1000)
    #expect(try seen(1001).classes == nil)
  }

  @Test func unsupportedType() throws {
    let path = try scratch.file("c.npy", npy("<c16", shape: "(1,)", [UInt8](repeating: 0, count: 16)))
    #expect(try Inspection(path: path).arrays == [.init(name: nil, type: "<c16", shape: [1], role: nil)])
  }

  @Test func storedAsJSON() throws {
    let seen = try Inspection(path: try scratch.file("t.csv", "nan,1\n"))
    #expect(seen.values?.minimum == nil)
    #expect(try JSONDecoder().decode(Inspection.self, from: JSONEncoder().encode(seen)) == seen)
  }

  @Test func errors() throws {
    expectError("none: no such file", .missingInput) { try Inspection(path: scratch.path("none")) }
    let text = try scratch.file("t.csv", "1,2\n3,x\n")
    expectError("t.csv: row 2, column 2: 'x' is not a number") { try Inspection(path: text) }
  }
}
