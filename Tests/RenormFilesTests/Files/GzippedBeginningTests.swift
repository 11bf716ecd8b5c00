import Testing

@testable import RenormFiles

/// Files of which only the beginning is inflated: 40000 images of 7 x 7 pixels, 2 MB, with labels beside.
@Suite struct GzippedBeginningTests {
  static let count = 40_000
  static let content = idx(
    shape: [UInt32(count), 7, 7], (0..<count * 49).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
  let scratch: Scratch
  let labels: String

  init() throws {
    scratch = try Scratch()
    labels = try scratch.file(
      "labels", idx(shape: [UInt32(Self.count)], (0..<Self.count).map { UInt8($0 % 2) }))
  }

  private func files(_ bytes: [UInt8]) throws -> DataFiles {
    DataFiles(train: try scratch.file("images.gz", bytes), trainLabels: labels)
  }

  private func selection(_ count: Int) -> DataSelection { DataSelection(trainCount: count, standardize: .none) }

  /// The same as from the plain file, also where a later selection reads on.
  @Test func sameExamples() throws {
    let plain = DataFiles(train: try scratch.file("images", Self.content), trainLabels: labels)
    let whole = try DataReader(plain, selection(3))
    let beginning = try DataReader(files(gzip(Self.content)), selection(3))
    for (own, other) in zip(beginning.sources, whole.sources) { #expect(own.hasSameContent(as: other)) }
    #expect(beginning.sources[0].byteCount == Self.content.count)
    for count in [3, 200, 100, 30_000, Self.count] {
      let (a, b) = try (beginning.load(trainCount: count), whole.load(trainCount: count))
      #expect(a.train.inputs == b.train.inputs && a.trainIndices == b.trainIndices, "\(count)")
    }
    let (a, b) = try (
      beginning.load(trainCount: 50, shuffleSeed: 1), whole.load(trainCount: 50, shuffleSeed: 1)
    )
    #expect(a.train.inputs == b.train.inputs)
  }

  /// Channels that come last.
  @Test func channelsLast() throws {
    let shape: [UInt32] = [20_000, 7, 7, 2]
    let content = idx(shape: shape, Array(Self.content[16...]))
    let labels = try scratch.file("few", idx(shape: [20_000], (0..<20_000).map { UInt8($0 % 2) }))
    var selection = selection(9)
    selection.layout = .nhwc
    let (plain, zipped) = try (scratch.file("plain", content), scratch.file("zipped.gz", gzip(content)))
    let both = try [plain, zipped].map {
      try LoadedData.load(DataFiles(train: $0, trainLabels: labels), selection).train
    }
    #expect(both[0].inputs == both[1].inputs && both[0].shape == ImageShape(channels: 2, height: 7, width: 7))
  }

  /// Damage behind what is read is not seen, as docs/costs.md says; an inspection, and a selection that reads
  /// most of the file, see it.
  @Test func damageBehind() throws {
    var bytes = gzip(Self.content)
    bytes[1_900_000] ^= 1
    let files = try files(bytes)
    #expect(try LoadedData.load(files, selection(10)).train.count == 10)
    let message = "images.gz: corrupt gzip data: incorrect data check"
    expectError(message) { try LoadedData.load(files, selection(Self.count)) }
    expectError(message) { try Inspection(path: files.train) }
  }

  /// A block that says that it has another length.
  @Test func damageInside() throws {
    var bytes = gzip(Self.content)
    bytes[11] ^= 1
    expectError("images.gz: corrupt gzip data: invalid stored block lengths") {
      try LoadedData.load(files(bytes), selection(10))
    }
  }

  @Test func otherLengths() throws {
    let zipped = gzip(Self.content)
    for cut in [1, 8, 20, 1_000_000] {
      expectError("images.gz: corrupt gzip data: the file ends too early") {
        try LoadedData.load(files(Array(zipped.dropLast(cut))), selection(10))
      }
    }
    expectError("images.gz: corrupt gzip data: 3 bytes after the end of the gzip data") {
      try LoadedData.load(files(zipped + [1, 2, 3]), selection(10))
    }
    let shape = "IDX array of shape 40000x7x7 needs 1960016 bytes"
    expectError("images.gz: \(shape), but there are 1960015") {
      try LoadedData.load(files(gzip(Array(Self.content.dropLast()))), selection(10))
    }
    expectError("images.gz: \(shape), but there are 1960017") {
      try LoadedData.load(files(zipped + gzip([7])), selection(10))
    }
    // The second member has the size of the whole: seen where all is read.
    expectError("images.gz: the array that its header announces needs 1960016 bytes, but there are 3920032") {
      try LoadedData.load(files(zipped + zipped), selection(Self.count))
    }
  }

  /// Two members, and zeros behind them.
  @Test func members() throws {
    let (first, second) = (Array(Self.content[..<1_000_000]), Array(Self.content[1_000_000...]))
    let files = try files(gzip(first) + gzip(second) + [0, 0, 0])
    let plain = DataFiles(train: try scratch.file("images", Self.content), trainLabels: labels)
    #expect(
      try LoadedData.load(files, selection(30)).train.inputs
        == LoadedData.load(plain, selection(30)).train.inputs)
  }
}
