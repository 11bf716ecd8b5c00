import ArgumentParser
import Foundation
import LinearAlgebra
import Renorm

/// The options that limit what a computation takes.
struct ComputeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Number of cores to use. (default: all)")
  var threads: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Memory that kernels may take, for example 4GiB or 500MB: beyond it they are held in single precision, or \
      computed anew on every pass; draws beyond it are refused. (default: 70 percent of what is available)
      """, valueName: "bytes"))
  var memoryLimit: ByteCount?

  var cores: Int { threads ?? Parallel.availableCores }

  func check() throws {
    if let threads, !(1...1024).contains(threads) {
      throw RenormError.invalidParameter(name: "threads", value: "\(threads)", accepted: "1 to 1024")
    }
  }
}

/// A number of bytes, with or without a unit.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  private static let units: [(String, Double)] = [
    ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9),
    ("tb", 1e12), ("b", 1), ("", 1),
  ]

  init?(argument: String) {
    let text = argument.lowercased().filter { !$0.isWhitespace }
    guard let (unit, size) = Self.units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(unit.count)), number > 0, number * size < 1e18
    else { return nil }
    bytes = Int(number * size)
  }
}

extension ProcessInfo {
  /// The largest resident memory of this process so far, in bytes; nil where the system does not tell.
  var peakResidentBytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
