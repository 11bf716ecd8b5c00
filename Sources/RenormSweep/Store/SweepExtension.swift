internal import Foundation
internal import Renorm
internal import RenormFiles

/// What became of the points of a sweep that has grown.
package struct SweepGrowth: Equatable, Sendable {
  /// Points that stay as they are.
  package let kept: Int
  /// Finished points that are computed anew, as their search starts from another neighbour in the larger sweep.
  package let again: Int
  /// Number of points now.
  package let total: Int
}

extension SweepStore {
  /// Makes the store of a sweep that of a larger one, which has all of its points and more.
  ///
  /// Points are kept where the larger sweep, run at once, would compute the same bytes: where their search
  /// starts from the same neighbours. Records are renumbered in a folder aside, and the new description is
  /// renamed into place when that is complete, so a process may end anywhere: before, the store is the old one;
  /// afterwards the folder takes the place of the points when the store is opened next.
  ///
  /// - Returns: nil where there is no store yet, or where it is that of the plan already.
  /// - Throws: `StoreError` for a plan without all the points of the store, and while others work at it;
  ///   `DataError` where files cannot be read or made.
  package static func extend(_ path: String, to plan: SweepPlan, _ data: SweepData) throws -> SweepGrowth? {
    while true {
      guard let description = try description(of: path) else { return nil }
      try finishExtension(path)
      let own = SweepDescription(
        plan, threads: description.threads, memoryLimit: description.memoryLimit)
      if description.fingerprint == own.fingerprint, description.difference(from: own) == nil { return nil }
      guard description.renormVersion == own.renormVersion else {
        throw StoreError.otherVersion(
          path: path, stored: description.renormVersion, current: own.renormVersion)
      }
      if let difference = description.fixedDifference(from: own) {
        throw StoreError.otherSweep(path: path, difference: difference)
      }
      let old = try SweepPlan(description.specification(of: path, moved: plan.specification.files), data)
      if let difference = description.lacking(old, in: plan, own) {
        throw StoreError.otherSweep(path: path, difference: difference)
      }
      if let growth = try withExtensionClaim(
        path,
        { () throws -> SweepGrowth? in
          // Another process may have been faster.
          guard try self.description(of: path) == description else { return nil }
          for name in StoreFiles.names(in: "\(path)/claims")
          where name.first?.isNumber == true && name.hasSuffix(".json") {
            guard Claim.isDead("\(path)/claims/\(name)") else {
              throw StoreError.atWork(path: path, claim: "\(path)/claims/\(name)")
            }
          }
          return try Grown(path, old, plan, own).write()
        })
      {
        return growth
      }
    }
  }

  /// Puts the renumbered points of a sweep that has grown into their place, where that was interrupted.
  ///
  /// - Throws: `DataError` where files cannot be renamed.
  static func finishExtension(_ path: String) throws {
    while let description = try description(of: path), isFolder(stage(path, description)) {
      _ = try withExtensionClaim(path) { () throws -> SweepGrowth? in
        if let now = try self.description(of: path) { try putInPlace(path, now) }
        return nil
      }
    }
  }

  /// The folder of records: aside where a sweep has grown and they are not in their place yet.
  static func pointsFolder(_ path: String, _ description: SweepDescription) -> String {
    let aside = "\(stage(path, description))/points"
    return isFolder(aside) ? aside : "\(path)/points"
  }

  /// Lets one process at a time extend a store; nil where another one does, after a moment.
  private static func withExtensionClaim(
    _ path: String, _ body: () throws -> SweepGrowth?
  ) throws -> SweepGrowth? {
    try StoreFiles.makeDirectory("\(path)/claims")
    guard let claim = try Claim.take("\(path)/claims/\(extensionClaim)") else {
      Thread.sleep(forTimeInterval: 0.1)
      return nil
    }
    defer { claim.release() }
    return try body()
  }

  /// The name of the claim of a process that extends the store.
  static let extensionClaim = "extension.json"

  private static func stage(_ path: String, _ description: SweepDescription) -> String {
    "\(path)/extension-\(description.fingerprint)"
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// What `Grown` has prepared takes the place of what was there; may be interrupted and called again.
  fileprivate static func putInPlace(_ path: String, _ description: SweepDescription) throws {
    let stage = stage(path, description)
    for folder in ["timing", "points"] where isFolder("\(stage)/\(folder)") {
      // Fails where this was done before.
      rename("\(path)/\(folder)", "\(stage)/old-\(folder)")
      guard rename("\(stage)/\(folder)", "\(path)/\(folder)") == 0 else {
        throw DataError.writingFailed(path: "\(path)/\(folder)", reason: StoreFiles.lastError)
      }
    }
    try StoreFiles.sync(path)
    // Of the smaller sweep.
    unlink("\(path)/table.csv")
    try? FileManager.default.removeItem(atPath: stage)
  }

  /// A store that is to grow.
  private struct Grown {
    private let path: String
    private let old: SweepPlan
    private let plan: SweepPlan
    private let description: SweepDescription

    init(_ path: String, _ old: SweepPlan, _ plan: SweepPlan, _ description: SweepDescription) {
      (self.path, self.old, self.plan, self.description) = (path, old, plan, description)
    }

    func write() throws -> SweepGrowth {
      let stage = SweepStore.stage(path, description)
      // Of an extension that was interrupted before the store was another one.
      try? FileManager.default.removeItem(atPath: stage)
      for folder in ["points", "timing"] { try StoreFiles.makeDirectory("\(stage)/\(folder)") }
      let places = Dictionary(plan.points.map { ($0.identity, $0.index) }) { first, _ in first }
      let lineages = (old: old.lineages, new: plan.lineages)
      let records = try old.points.map { try SweepStore.record(of: $0, in: "\(path)/points") }
      var kept: Set<Int> = []
      for step in old.units.flatMap(\.steps) {
        let point = old.points[step.point]
        guard let record = records[step.point], let place = places[point.identity],
          lineages.old[step.point] == lineages.new[place], startsAsPlanned(record, step, records),
          [step.predecessor, step.beforePredecessor].compactMap(\.self).allSatisfy(kept.contains)
        else { continue }
        let start = record.startedFrom.flatMap { places[old.points[$0].identity] }
        try StoreFiles.write(
          record.moved(to: place, startedFrom: start).encoded(),
          to: SweepStore.file(place, in: "\(stage)/points"))
        kept.insert(step.point)
      }
      try StoreFiles.write(timing(places), to: "\(stage)/timing/extended.csv")
      try StoreFiles.sync("\(stage)/points")
      try StoreFiles.sync(path)
      // From here on the store is that of the larger sweep.
      try StoreFiles.write(description.encoded(), to: SweepStore.file(path))
      try SweepStore.putInPlace(path, description)
      return SweepGrowth(
        kept: kept.count, again: records.count { $0 != nil } - kept.count, total: plan.points.count)
    }

    /// Whether a search started where the plan says; stores of earlier orders of work have others. A start that
    /// failed means a start from nothing.
    private func startsAsPlanned(_ record: PointRecord, _ step: WorkUnit.Step, _ records: [PointRecord?])
      -> Bool
    {
      if record.startedFrom == step.predecessor { return true }
      guard record.startedFrom == nil, let predecessor = step.predecessor else { return false }
      return records[predecessor].map { $0.failure != nil || $0.retry != nil } ?? false
    }

    /// The seconds that points took, by their new numbers.
    private func timing(_ places: [String: Int]) throws -> [UInt8] {
      var lines: [String] = []
      for (index, seconds) in SweepStore.timing(in: "\(path)/timing") where old.points.indices.contains(index) {
        if let place = places[old.points[index].identity] { lines.append("\(place),\(seconds)\n") }
      }
      return Array(lines.joined().utf8)
    }
  }
}

extension SweepPlan {
  /// A fingerprint of everything that the record of each point depends on, by its index: the point, and the
  /// points that its search starts from, with theirs.
  fileprivate var lineages: [String] {
    var result = points.map(\.identity)
    for unit in units {
      // Fewer kernels serve a group of infinite width alone.
      let kernels = groups[unit.group].network.width == .infinite ? "infinite" : "finite"
      for step in unit.steps {
        let starts = [step.predecessor, step.beforePredecessor].map { $0.map { result[$0] } ?? "nothing" }
        result[step.point] = fingerprint(
          ([points[step.point].identity, kernels] + starts).joined(separator: " "))
      }
    }
    return result
  }
}
