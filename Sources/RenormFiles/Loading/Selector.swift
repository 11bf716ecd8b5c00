internal import GSLNumerics

/// The order in which the examples of one file are taken.
enum Selector {
  /// Files that are shuffled from one seed, each in its own way.
  enum Stream: UInt32 {
    case train, test
  }

  /// The examples of a file of `count`, in the order of `seed` if there is one, without those of other
  /// classes.
  static func candidates(
    count: Int, seed: UInt32?, stream: Stream, labels: [ClassLabel]?, classes: [ClassLabel]?
  ) -> [Int] {
    let order =
      seed.map { RandomGenerator(seed: self.seed($0, stream)).permutation(of: count) } ?? Array(0..<count)
    guard let labels, let classes else { return order }
    let kept = Set(classes)
    return order.filter { kept.contains(labels[$0]) }
  }

  /// Splits candidates into those for training and the last round(fraction * count), which are held out.
  static func split(
    _ candidates: [Int], fraction: Double, part: DataPart = .test, path: String
  ) throws(DataError) -> (train: [Int], heldOut: [Int]) {
    guard candidates.count >= 2 else {
      throw .tooFewExamples(path: path, part: part, requested: 1, available: 0)
    }
    let wanted = Int((fraction * Double(candidates.count)).rounded())
    let heldOut = min(max(wanted, 1), candidates.count - 1)
    return (candidates.dropLast(heldOut), candidates.suffix(heldOut))
  }

  /// The first `count` candidates, or all.
  static func first(
    _ count: Int?, of candidates: [Int], part: DataPart, path: String
  ) throws(DataError) -> [Int] {
    guard let count else { return candidates }
    guard count <= candidates.count else {
      throw .tooFewExamples(path: path, part: part, requested: count, available: candidates.count)
    }
    return Array(candidates.prefix(count))
  }

  /// A seed for one stream: seeds that differ in few bits, or streams of one seed, give unrelated ones.
  private static func seed(_ seed: UInt32, _ stream: Stream) -> UInt32 {
    var mixed = seed &+ 0x9E37_79B9 &* (stream.rawValue + 1)
    // The finalizer of MurmurHash3, a bijection of 32-bit numbers.
    mixed = (mixed ^ (mixed >> 16)) &* 0x85EB_CA6B
    mixed = (mixed ^ (mixed >> 13)) &* 0xC2B2_AE35
    return mixed ^ (mixed >> 16)
  }
}
