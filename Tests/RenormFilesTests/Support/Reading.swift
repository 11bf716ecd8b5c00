import Testing

@testable import RenormFiles

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
