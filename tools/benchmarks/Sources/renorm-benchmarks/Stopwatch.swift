import Foundation

/// Something to time against others.
struct Contender {
  let name: String
  let work: () throws -> Void

  init(_ name: String, _ work: @escaping () throws -> Void) {
    self.name = name
    self.work = work
  }
}

/// Seconds of every repetition by contender.
struct Timings {
  private(set) var seconds: [String: [Double]] = [:]

  /// Times all contenders in turn, A B A B, so that what disturbs the machine disturbs all of them alike. One
  /// round before the first is not counted.
  init(repetitions: Int, _ contenders: [Contender]) throws {
    for round in 0...repetitions {
      for contender in contenders {
        let time = try measure(contender.work)
        if round > 0 { seconds[contender.name, default: []].append(time) }
      }
    }
  }

  subscript(name: String) -> Double { median(seconds[name] ?? []) }
}

/// Seconds that a piece of work takes.
func measure(_ work: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try clock.measure(work).seconds
}

/// Processor time that this process has used, of all its threads.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}

extension Duration {
  var seconds: Double { Double(components.seconds) + 1e-18 * Double(components.attoseconds) }
}

func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard let last = sorted.last else { return .nan }
  let middle = sorted.count / 2
  return sorted.count % 2 == 1
    ? sorted[middle] : (sorted[middle - 1] + (sorted.count == 1 ? last : sorted[middle])) / 2
}
