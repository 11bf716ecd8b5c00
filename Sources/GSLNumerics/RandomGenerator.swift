@preconcurrency internal import CNumerics

/// A seeded pseudo-random generator: GSL's Mersenne twister MT19937.
///
/// The same seed gives the same numbers on every machine. A class, because the state is shared by
/// all who draw from it; use one generator per task and never one from two threads.
public final class RandomGenerator {
  let state: UnsafeMutablePointer<gsl_rng>

  /// A generator for `seed`; only its 32 low bits matter to MT19937, and 0 selects GSL's default 4357.
  public init(seed: UInt32) {
    GSL.disableAbortOnError
    // gsl_rng_alloc returns null only when memory for the 5 kB of state cannot be had.
    guard let allocated = gsl_rng_alloc(gsl_rng_mt19937) else {
      preconditionFailure("out of memory for a random generator")
    }
    state = allocated
    gsl_rng_set(state, UInt(seed))
  }

  /// One of many streams that belong to a seed, each with the numbers of a generator of its own.
  ///
  /// MT19937 starts from the upper 32 bits of SplitMix64 (Steele, Lea and Flood 2014) at step `stream` + 1 of
  /// the sequence that the finaliser of SplitMix64 makes of `seed`, so that neighbouring seeds and streams
  /// start far apart.
  public convenience init(seed: UInt32, stream: Int) {
    var mixer = SplitMix64(state: UInt64(seed))
    mixer = SplitMix64(state: mixer.next() &+ UInt64(bitPattern: Int64(stream)) &* SplitMix64.increment)
    self.init(seed: UInt32(truncatingIfNeeded: mixer.next() >> 32))
  }

  deinit { gsl_rng_free(state) }

  /// Uniform on [0, 1).
  public func uniform() -> Double { gsl_rng_uniform(state) }

  /// Uniform on 0, ..., bound - 1, for 1 <= bound <= 2^32.
  public func integer(below bound: Int) -> Int {
    precondition(bound >= 1 && bound <= 1 << 32, "bound \(bound) must be in 1...2^32")
    return Int(gsl_rng_uniform_int(state, UInt(min(bound, 1 << 32 - 1))))
  }

  /// Gaussian with mean 0 and variance 1.
  public func gaussian() -> Double { gsl_ran_gaussian_ziggurat(state, 1) }

  /// Replaces all values by Gaussians with mean 0 and variance 1, drawn one after the other.
  public func fillGaussian(_ values: inout [Double]) {
    values.withUnsafeMutableBufferPointer { values in
      for k in 0..<values.count { values[k] = gsl_ran_gaussian_ziggurat(state, 1) }
    }
  }

  /// A uniformly random permutation of 0, ..., count - 1 (Fisher and Yates).
  public func permutation(of count: Int) -> [Int] {
    var indices = Array(0..<count)
    guard count > 1 else { return indices }
    for last in stride(from: count - 1, through: 1, by: -1) {
      indices.swapAt(last, integer(below: last + 1))
    }
    return indices
  }
}

extension RandomGenerator {
  /// The 624 words of the twister and the number of words used since they were last renewed.
  ///
  /// A generator made from a snapshot continues with exactly the numbers that the first would have drawn next.
  public struct Snapshot: Equatable, Sendable {
    /// 625 numbers, the last in 0...624.
    public let words: [UInt32]

    /// A snapshot over saved words; nil unless there are 625 and the last is at most 624.
    public init?(words: [UInt32]) {
      guard words.count == Self.length + 1, let used = words.last, used <= UInt32(Self.length) else {
        return nil
      }
      self.words = words
    }

    fileprivate init(unchecked words: [UInt32]) { self.words = words }

    static let length = 624
    /// How many words a snapshot has.
    package static let wordCount = length + 1
  }

  /// The state at this moment.
  public var snapshot: Snapshot {
    guard let memory = gsl_rng_state(state) else { preconditionFailure("a generator without state") }
    // GSL's mt_state_t: unsigned long mt[624]; int mti.
    let words = memory.assumingMemoryBound(to: UInt.self)
    let used = (memory + Snapshot.length * MemoryLayout<UInt>.stride).assumingMemoryBound(to: Int32.self)
      .pointee
    return Snapshot(
      unchecked: (0..<Snapshot.length).map { UInt32(truncatingIfNeeded: words[$0]) } + [UInt32(used)])
  }

  /// A generator that continues from a snapshot.
  public convenience init(_ snapshot: Snapshot) {
    self.init(seed: 1)
    guard let memory = gsl_rng_state(state) else { preconditionFailure("a generator without state") }
    let words = memory.assumingMemoryBound(to: UInt.self)
    for k in 0..<Snapshot.length { words[k] = UInt(snapshot.words[k]) }
    (memory + Snapshot.length * MemoryLayout<UInt>.stride).assumingMemoryBound(to: Int32.self).pointee =
      Int32(snapshot.words[Snapshot.length])
  }
}

/// SplitMix64, which spreads seeds.
private struct SplitMix64 {
  static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= Self.increment
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
