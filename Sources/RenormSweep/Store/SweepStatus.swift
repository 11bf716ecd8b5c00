internal import Foundation
internal import RenormFiles

/// How far a sweep is.
package struct SweepStatus: Equatable, Sendable, Encodable {
  /// A process that works at the sweep now.
  package struct Process: Equatable, Sendable, Encodable {
    /// Number of the unit of work, from 0.
    package let unit: Int
    /// The machine; nil where the claim cannot be read.
    package let host: String?
    /// The number of the process.
    package let pid: Int32?
    /// When it took the unit, in seconds since 1970; nil where that is not known.
    package let since: Double?
  }

  /// Number of points.
  package let points: Int
  /// Points with a result.
  package let finished: Int
  /// Indices of the points that failed.
  package let failed: [Int]
  /// Indices of the points that are neither finished nor failed.
  package let missing: [Int]
  /// Indices of the points whose files cannot be read now, with the reason of the first.
  package let unreadable: [Int]
  package let unreadableReason: String?
  /// The processes at work.
  package let running: [Process]
  /// Seconds until the processes at work (one where there are none) have computed what is missing, as long as
  /// finished points took on average; nil where no time is known. Without the time that kernels take.
  package let secondsLeft: Double?
}

extension SweepStore {
  /// How far the sweep is.
  package func status() -> SweepStatus {
    var (records, unreadable): ([PointRecord], [Int]) = ([], [])
    var reason: String?
    for index in 0..<description.pointCount {
      do throws(DataError) {
        if let record = try record(ofPoint: index) { records.append(record) }
      } catch {
        unreadable.append(index)
        reason = reason ?? "\(error)"
      }
    }
    let there = Set(records.map(\.index)).union(unreadable)
    let failed = records.filter { $0.failure != nil }.map(\.index)
    let missing = (0..<description.pointCount).filter { !there.contains($0) }
    let running = running
    let times = Self.timing(in: "\(path)/timing").map(\.seconds)
    let left: Double? =
      missing.isEmpty
      ? 0
      : times.isEmpty
        ? nil
        : times.reduce(0, +) / Double(times.count) * Double(missing.count) / Double(max(running.count, 1))
    return SweepStatus(
      points: description.pointCount, finished: records.count - failed.count, failed: failed, missing: missing,
      unreadable: unreadable, unreadableReason: reason, running: running, secondsLeft: left)
  }

  /// Points with the seconds that they took, as processes have noted them.
  static func timing(in folder: String) -> [(index: Int, seconds: Double)] {
    StoreFiles.names(in: folder).filter { $0.hasSuffix(".csv") }.flatMap { name in
      lines("\(folder)/\(name)").compactMap { fields in
        guard fields.count == 2, let index = Int(fields[0]), let seconds = Double(fields[1]), seconds >= 0
        else {
          return nil
        }
        return (index, seconds)
      }
    }
  }

  private static func lines(_ file: String) -> [[Substring]] {
    let bytes = (try? StoreFiles.read(file)).flatMap(\.self) ?? []
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
  }

  private var running: [SweepStatus.Process] {
    /// What is of interest in a claim.
    struct Holder: Decodable {
      let host: String
      let pid: Int32
    }
    let folder = "\(path)/claims"
    return StoreFiles.names(in: folder).compactMap { name in
      guard name.hasSuffix(".json"), let unit = Int(name.dropLast(5)), !Claim.isDead("\(folder)/\(name)"),
        let bytes = (try? StoreFiles.read("\(folder)/\(name)")).flatMap(\.self)
      else { return nil }
      let holder = try? JSONDecoder().decode(Holder.self, from: Data(bytes))
      let since = holder.flatMap { holder in
        Self.lines("\(path)/timing/\(holder.host)-\(holder.pid).csv")
          .last { $0.count == 3 && $0[0] == "unit" && $0[1] == "\(unit)" }.flatMap { Double($0[2]) }
      }
      return SweepStatus.Process(unit: unit, host: holder?.host, pid: holder?.pid, since: since)
    }
  }
}
