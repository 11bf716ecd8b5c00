@testable import RenormPlot

/// The parts of a script that tests look at.
struct Script: Equatable {
  let text: String

  init(_ figure: Figure, _ format: PictureFormat = .svg) { text = figure.script(format) }

  var lines: [String] { text.split(separator: "\n").map(String.init) }

  /// The rows of a block of data, counted from 1.
  func data(_ number: Int) -> [[Double]] {
    let start = lines.firstIndex(of: "$data\(number) << EOD").map { $0 + 1 } ?? lines.count
    return lines[start...].prefix { $0 != "EOD" }.map { line in
      line.split(separator: " ").map { Double($0) ?? .nan }
    }
  }

  /// The text of a label or title.
  func label(_ place: String) -> String? {
    lines.last { $0.hasPrefix("set \(place) '") }.map { line in
      let quoted = line.dropFirst("set \(place) '".count)
      return String(quoted.prefix { $0 != "'" })
    }
  }

  /// The titles of curves, in the order in which they are drawn.
  var titles: [String] {
    lines.filter { !$0.hasPrefix("set ") }.compactMap { $0.firstMatch(of: /\btitle '([^']*)'/) }.map {
      String($0.1)
    }
  }
}

/// A table of a sweep.
enum SweepText {
  static let header =
    "index,architecture,activation,width,infiniteWidth,temperature,lambda0,lambda1,mask,stride,readout,"
    + "lengthScale,trainCount,shuffleSeed,alpha,positions,formulation,status,converged,"
    + "generalizationError,accuracy,logEvidence"

  /// A row; nil for `error` leaves the results empty.
  static func row(
    _ architecture: String = "fc", width: Int? = 10, temperature: Double = 0.1, lambda1: Double = 1,
    trainCount: Int = 100, seed: Int = 1, status: String = "ok", converged: String = "true", error: Double?
  ) -> String {
    let alpha = width.map { Double(trainCount) / Double($0) } ?? 0
    let mask = architecture == "fc" ? "" : "4x4"
    let results = error.map { "\($0),\(1 - $0),\(-100 * $0)" } ?? ",,"
    return "0,\(architecture),erf,\(width.map(String.init) ?? ""),\(width == nil),\(temperature),1,\(lambda1),"
      + "\(mask),\(mask),independent,,\(trainCount),\(seed),\(alpha),1,minimum,"
      + "\(status),\(converged),\(results)"
  }

  static func table(_ rows: [String]) -> String { ([header] + rows).joined(separator: "\n") + "\n" }
}
