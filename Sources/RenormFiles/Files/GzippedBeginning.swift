internal import LinearAlgebra
internal import Synchronization

/// What a gzip file holds, inflated as far as it is asked for.
///
/// A file qualifies where the size that its trailer states is the one that the header of its content announces:
/// one that is cut off, or followed by anything, does not. Its other checks need all of it: of content that is
/// not read the checksum is the trailer's word, and damage that leaves a valid deflate stream is not seen.
final class GzippedBeginning: Sendable {
  let path: String
  /// Bytes of the whole content.
  let size: Int
  /// CRC-32 of the whole content, as the trailer states it.
  let crc32: UInt32
  private let compressed: [UInt8]
  private let inflated: Mutex<[UInt8]>

  /// Smaller ones take no time.
  static let smallestSize = 1 << 20
  /// Enough for a header.
  private static let firstPiece = 1 << 12

  /// - Parameter announcedSize: as for `Gzip.decompress`.
  /// - Returns: nil for a file that has to be read whole.
  init?(_ compressed: [UInt8], path: String, announcedSize: ([UInt8]) -> Int?) {
    guard let trailer = Gzip.trailer(of: compressed),
      let beginning = Self.inflate(compressed, upTo: Self.firstPiece),
      let announced = announcedSize(beginning), announced >= Self.smallestSize,
      announced == Int(trailer.size), announced / Gzip.largestRatio <= compressed.count
    else { return nil }
    self.path = path
    self.compressed = compressed
    size = announced
    crc32 = trailer.crc32
    inflated = Mutex(beginning)
  }

  /// At least the first `count` bytes of the content; all of it, with all checks, from half of it on.
  ///
  /// - Throws: `DataError` as `Gzip.decompress`, and `.wrongSize`.
  func bytes(upTo count: Int) throws(DataError) -> [UInt8] {
    let known = inflated.withLock { $0 }
    guard known.count < count else { return known }
    let found = try read(upTo: count)
    inflated.withLock { if $0.count < found.count { $0 = found } }
    return found
  }

  private func read(upTo count: Int) throws(DataError) -> [UInt8] {
    let budget = MemoryBudget.available()
    // What cannot be inflated says there why.
    if 2 * count <= size, count <= budget, let beginning = Self.inflate(compressed, upTo: count) {
      return beginning
    }
    let whole = try Gzip.decompress(compressed, path: path, budget: budget) { [size] _ in size }.bytes
    guard whole.count == size else {
      throw .wrongSize(
        path: path, item: "the array that its header announces", declared: size, actual: whole.count)
    }
    return whole
  }

  /// The first `count` bytes of the first member; nil where it is corrupt or has fewer.
  private static func inflate(_ compressed: [UInt8], upTo count: Int) -> [UInt8]? {
    let inflater = Inflater(.gzip)
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      written = compressed.withUnsafeBufferPointer { inflater.fill(buffer, from: $0) }
    }
    return bytes.count == count ? bytes : nil
  }
}
