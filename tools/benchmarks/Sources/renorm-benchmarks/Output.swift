import ArgumentParser
import Foundation
import LinearAlgebra
import Renorm

struct BenchmarkOptions: ParsableArguments {
  @Option(help: "Repetitions, of which the median counts.") var repetitions = 5
  @Option(help: "Number of cores.") var threads = Parallel.availableCores
  @Option(help: "Also write the results to this file, as JSON.") var json: String?

  func validate() throws {
    guard repetitions >= 1, threads >= 1 else { throw ValidationError("repetitions and threads are positive") }
  }

  func apply() { PlainBLAS.setThreads(threads) }

  func write(_ report: some Encodable) throws {
    guard let json else { return }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try encoder.encode(report).write(to: URL(fileURLWithPath: json))
  }
}

extension Problem.Source: ExpressibleByArgument {}

/// Where and when a measurement was made.
struct Machine: Codable, CustomStringConvertible {
  let date: String
  let processor: String
  let threads: Int
  let blas: String

  init(threads: Int) {
    date = ISO8601DateFormatter().string(from: Date())
    self.threads = threads
    blas = PlainBLAS.description
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = information.split(separator: "\n").first { $0.hasPrefix("model name") }
    processor = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }

  var description: String { "\(date), \(processor), \(threads) threads, \(blas)" }
}

extension String {
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}

extension Double {
  /// The number with the given count of significant digits.
  func text(_ digits: Int) -> String { String(format: "%.\(digits)g", self) }
}
