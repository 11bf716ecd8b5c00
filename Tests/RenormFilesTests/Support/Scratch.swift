import Foundation
import Testing

@testable import RenormFiles

/// A directory for one test, removed with the last reference to it.
final class Scratch {
  let directory: String

  init() throws {
    directory = NSTemporaryDirectory() + "renorm-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String) -> String { directory + "/" + name }

  /// Writes a file and returns its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
  }

  func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
}

/// Expects that `body` throws a `DataError` whose description, without directories, is `message`.
func expectError<Value>(
  _ message: String, _ kind: DataError.Kind = .badData, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Value
) {
  do {
    _ = try body()
    Issue.record("no error, expected: \(message)", sourceLocation: sourceLocation)
  } catch let error as DataError {
    let shown = error.description.replacing(/\/[^ ]*\//, with: "")
    #expect(shown == message, sourceLocation: sourceLocation)
    #expect(error.kind == kind, sourceLocation: sourceLocation)
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
  }
}

/// The arrays that the readers find in bytes.
func readArrays(
  _ bytes: [UInt8], _ request: ReadingRequest = ReadingRequest()
) throws(DataError) -> FileArrays {
  let content = try FileContent(path: "file", rawBytes: bytes)
  return try DataFormats.format(of: content).read(content, request)
}

func readArrays(
  _ text: String, _ request: ReadingRequest = ReadingRequest()
) throws(DataError) -> FileArrays {
  try readArrays(Array(text.utf8), request)
}

/// A seeded generator (SplitMix64) for random shapes.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
