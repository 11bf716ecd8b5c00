internal import CZlib

/// A zlib decompressor.
///
/// A class, because zlib keeps a pointer to its state, which therefore must not move.
final class Inflater {
  /// What surrounds the deflate stream.
  enum Wrapping {
    case gzip, none
  }

  /// The result of one step.
  struct Step {
    let consumed: Int
    let produced: Int
    let outcome: Outcome
  }

  enum Outcome: Equatable {
    /// More input or more room is needed.
    case unfinished
    case finished
    case failed(String)
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let initialStatus: Int32

  init(_ wrapping: Wrapping) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more asks for a gzip header and trailer, a negative size for neither.
    initialStatus = renorm_inflate_init2(stream, wrapping == .gzip ? 15 + 16 : -15)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Begins a new stream in the same wrapping.
  func reset() { inflateReset(stream) }

  /// Decompresses as much of `input` as fits in `output`.
  func step(_ input: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Step {
    guard initialStatus == Z_OK else {
      return Step(consumed: 0, produced: 0, outcome: .failed("zlib could not start"))
    }
    // zlib counts in 32 bits and its input pointer lacks const.
    let available = min(input.count, 1 << 30)
    let room = min(output.count, 1 << 30)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(available)
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = UInt32(room)
    let status = inflate(stream, Z_NO_FLUSH)
    return Step(
      consumed: available - Int(stream.pointee.avail_in),
      produced: room - Int(stream.pointee.avail_out),
      outcome: outcome(status))
  }

  private func outcome(_ status: Int32) -> Outcome {
    switch status {
    case Z_OK, Z_BUF_ERROR: .unfinished
    case Z_STREAM_END: .finished
    case Z_NEED_DICT: .failed("a preset dictionary is needed")
    case Z_MEM_ERROR: .failed("out of memory")
    default: .failed(stream.pointee.msg.map { String(cString: $0) } ?? "invalid data")
    }
  }
}

extension Inflater {
  /// The `size` bytes that a bare deflate stream holds.
  static func bytes(of compressed: ArraySlice<UInt8>, size: Int) -> Result<[UInt8], Failure> {
    // Deflate never shrinks data by more than a factor 1032, so a larger claim is refused unallocated.
    guard size / 1032 <= compressed.count else {
      return .failure(Failure(reason: "\(size) bytes cannot come from \(compressed.count) deflated bytes"))
    }
    let inflater = Inflater(.none)
    var problem: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      (count, problem) = compressed.withUnsafeBufferPointer { inflater.fill(buffer, size: size, from: $0) }
    }
    return problem.map { .failure(Failure(reason: $0)) } ?? .success(bytes)
  }

  /// Whether a bare deflate stream begins with the bytes `start`.
  static func begins(_ compressed: ArraySlice<UInt8>, with start: [UInt8]) -> Bool {
    let inflater = Inflater(.none)
    let found = [UInt8](unsafeUninitializedCapacity: start.count) { buffer, count in
      count = compressed.withUnsafeBufferPointer { inflater.step($0, into: buffer).produced }
    }
    return found == start
  }

  struct Failure: Error {
    let reason: String
  }

  /// Fills `buffer` with the beginning of the content; the number of bytes that there are before an end or a
  /// fault.
  func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, from input: UnsafeBufferPointer<UInt8>) -> Int {
    var (used, count) = (0, 0)
    while count < buffer.count {
      let step = step(
        UnsafeBufferPointer(rebasing: input[used...]),
        into: UnsafeMutableBufferPointer(rebasing: buffer[count...]))
      used += step.consumed
      count += step.produced
      guard step.outcome == .unfinished, step.consumed > 0 || step.produced > 0 else { break }
    }
    return count
  }

  private func fill(
    _ buffer: UnsafeMutableBufferPointer<UInt8>, size: Int, from input: UnsafeBufferPointer<UInt8>
  ) -> (count: Int, problem: String?) {
    var used = 0
    var count = 0
    // The end of a stream may follow its last byte, hence the spare room beyond the declared size.
    var spare: UInt8 = 0
    while true {
      let rest = UnsafeBufferPointer(rebasing: input[used...])
      let step =
        count < size
        ? step(rest, into: UnsafeMutableBufferPointer(rebasing: buffer[count..<size]))
        : withUnsafeMutablePointer(to: &spare) {
          self.step(rest, into: UnsafeMutableBufferPointer(start: $0, count: 1))
        }
      if count == size && step.produced > 0 { return (count, "more data than the declared \(size) bytes") }
      used += step.consumed
      count += step.produced
      switch step.outcome {
      case .finished: return (count, count == size ? nil : "\(count) bytes where \(size) are declared")
      case .failed(let reason): return (count, reason)
      case .unfinished where step.consumed == 0 && step.produced == 0: return (count, "it ends too early")
      case .unfinished: continue
      }
    }
  }
}
