import ArgumentParser
import Foundation
import RenormFiles
import RenormSweep

struct SweepStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how far a sweep is: finished, failed and missing points, processes at work, time left.",
    discussion: """
      Reads the folder of the results alone, at any time. JSON has `points`, `finished`, the indices `failed`, \
      `missing` and `unreadable`, `running` (unit, host, pid, since: seconds since 1970), and `secondsLeft`.
      """)

  @Argument(help: "Folder of the results.", completion: .directory) var folder: String
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let status = try SweepStore(reading: folder).status()
    if let reason = status.unreadableReason { ErrorLine.write("warning: \(reason)") }
    if json {
      try StandardOutput.write(RecordEncoder.json(status))
    } else {
      try StandardOutput.write(Self.text(status))
    }
  }

  private static func text(_ status: SweepStatus) -> String {
    var lines =
      [
        "finished  \(status.finished) of \(status.points) points",
        "failed    \(counted(status.failed))",
        "missing   \(counted(status.missing))",
      ] + (status.unreadable.isEmpty ? [] : ["unreadable \(counted(status.unreadable))"]) + [
        "running   \(status.running.count) process\(status.running.count == 1 ? "" : "es")"
      ]
    for process in status.running {
      let since = process.since.map {
        ", since \(Date(timeIntervalSince1970: $0).formatted(.iso8601))"
      }
      lines.append(
        "  unit \(process.unit): \(process.host ?? "unknown host"), pid "
          + "\(process.pid.map { "\($0)" } ?? "unknown")"
          + (since ?? ""))
    }
    if !status.missing.isEmpty {
      let left = status.secondsLeft.map { "about \(SweepProgress.duration($0))" } ?? "not known"
      lines.append(
        "left      \(left)"
          + (status.running.isEmpty
            ? ", in one process: `renorm sweep run` with the same --output goes on" : ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Their number, and the first of them.
  private static func counted(_ indices: [Int]) -> String {
    guard !indices.isEmpty else { return "0" }
    let shown = indices.prefix(10).map(String.init).joined(separator: ", ")
    return "\(indices.count): \(shown)\(indices.count > 10 ? ", ..." : "")"
  }
}
