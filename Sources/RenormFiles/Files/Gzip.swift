/// Decompression of gzip files: one or several members, each with its own checksum.
enum Gzip {
  /// Whether the bytes begin as a gzip file does.
  static func recognizes(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// Bytes of content from which it must not be `largestRatio` times larger than the file: no table and no
  /// images are that empty, and deflate makes a thousand bytes of one.
  static let freeSize = 1 << 28
  static let largestRatio = 200
  /// Bytes beyond what a header announces that are left to the format to refuse: the beginning of another
  /// format may look like a header.
  private static let slack = 1 << 26

  /// The decompressed bytes of all members, and their CRC-32.
  ///
  /// - Parameters:
  ///   - budget: bytes of memory that the result may take.
  ///   - announcedSize: the size of a whole content, as its beginning tells it; nil where it does not.
  /// - Throws: `DataError.corruptGzip` when the file is cut off, fails its checksum, is followed by anything
  ///   but another member or zeros, or holds more than its format's header announces, `.tooLarge` when the
  ///   content does not fit into memory, or is out of proportion.
  static func decompress(
    _ compressed: [UInt8], path: String, budget: Int = .max, announcedSize: ([UInt8]) -> Int? = { _ in nil }
  ) throws(DataError) -> (bytes: [UInt8], crc32: UInt32) {
    var bytes: [UInt8] = []
    let likely = min(likelySize(compressed), budget)
    bytes.reserveCapacity(likely)
    // Beyond the reserved room an array grows by doubling, with the old and the new one in memory.
    let limit = max(likely, budget / 3)
    var checksum: UInt32 = 0
    let problem = compressed.withUnsafeBufferPointer { input in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 17) { piece in
        decompress(
          input, by: piece, into: &bytes, limit: limit, checksum: &checksum, announcedSize: announcedSize)
      }
    }
    switch problem {
    case .corrupt(let reason): throw .corruptGzip(path: path, reason: reason)
    case .tooLarge:
      throw .tooLarge(path: path, item: "its content when gunzipped", bytes: nil, available: budget)
    case .outOfProportion:
      throw .malformed(
        path: path, place: nil,
        reason:
          "its content is more than \(largestRatio) times as large as the file when gunzipped, as neither "
          + "tables nor images are; accepted when gunzipped")
    case nil: return (bytes, checksum)
    }
  }

  private enum Problem {
    case corrupt(String), tooLarge, outOfProportion
  }

  /// Appends all members to `bytes`, a piece at a time; returns what is wrong, if anything.
  private static func decompress(
    _ input: UnsafeBufferPointer<UInt8>, by piece: UnsafeMutableBufferPointer<UInt8>,
    into bytes: inout [UInt8], limit: Int, checksum: inout UInt32, announcedSize: ([UInt8]) -> Int?
  ) -> Problem? {
    let inflater = Inflater(.gzip)
    var used = 0
    var memberStart = 0
    var announced: Int?
    while true {
      let step = inflater.step(UnsafeBufferPointer(rebasing: input[used...]), into: piece)
      used += step.consumed
      guard step.produced <= limit - bytes.count else { return .tooLarge }
      if bytes.isEmpty {
        announced = announcedSize(Array(piece[..<step.produced]))
        // A header may announce anything.
        if let announced { bytes.reserveCapacity(min(announced, limit, 1032 * input.count)) }
      }
      bytes.append(contentsOf: UnsafeBufferPointer(rebasing: piece[..<step.produced]))
      if let announced, bytes.count - slack > announced {
        return .corrupt("its header announces \(announced) bytes, and there are more")
      }
      if bytes.count > freeSize, bytes.count / largestRatio > used { return .outOfProportion }
      switch step.outcome {
      case .failed(let reason): return .corrupt(reason)
      case .unfinished:
        if step.consumed == 0 && step.produced == 0 { return .corrupt("the file ends too early") }
      case .finished:
        // zlib has checked the member's own checksum, so the whole's is put together from those.
        let member = little32(input, at: used - 8)
        checksum = CRC32.joined(checksum, member, secondLength: bytes.count - memberStart)
        memberStart = bytes.count
        let end = used
        // Tapes and block devices fill the rest with zeros.
        while used < input.count && input[used] == 0 { used += 1 }
        guard used < input.count else { return nil }
        guard input.count - used >= 2, input[used] == 0x1F, input[used + 1] == 0x8B else {
          return .corrupt("\(DataError.counted(input.count - end, "byte")) after the end of the gzip data")
        }
        inflater.reset()
      }
    }
  }

  /// The size modulo 2^32 and the CRC-32 that the last member states of its content; nil for a file that is too
  /// short for one.
  static func trailer(of compressed: [UInt8]) -> (size: UInt32, crc32: UInt32)? {
    guard compressed.count >= 18 else { return nil }
    return compressed.withUnsafeBufferPointer {
      (little32($0, at: compressed.count - 4), little32($0, at: compressed.count - 8))
    }
  }

  /// The size that the last member declares: a hint for the allocation, so bounded by what is possible.
  private static func likelySize(_ compressed: [UInt8]) -> Int {
    trailer(of: compressed).map { min(Int($0.size), 1032 * compressed.count) } ?? 0
  }

  private static func little32(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) }
  }
}
