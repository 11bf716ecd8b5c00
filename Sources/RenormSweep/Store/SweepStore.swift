internal import Foundation
internal import Renorm
public import RenormFiles

/// The results of a sweep as plain files, at which several processes on several machines can work
/// (docs/sweeps.md).
///
/// | file | content |
/// |---|---|
/// | `sweep.json` | the specification, checksums of the data, threads and memory of a process |
/// | `points/000017.json` | a finished point; complete, or not there |
/// | `claims/000003.json` | the process that works at a unit |
/// | `timing/host-pid.csv` | seconds that points took |
/// | `table.csv` | all results, once every point is finished |
public struct SweepStore: Sendable {
  /// The folder.
  public let path: String
  /// What the store is for.
  package let description: SweepDescription
  /// The folder of the records.
  private let points: String
  /// Held while a point is written, and for good by `leave`.
  private let gate = NSLock()

  /// Opens the store of a plan, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - threads: cores of one process; where nil those of the store, or `defaults`.
  ///   - memoryLimit: bytes of one process; where nil that of the store, or `defaults`.
  /// - Throws: `StoreError` for the store of another sweep, of another version or with other settings,
  ///   `DataError` where files cannot be made.
  public init(
    _ path: String, _ plan: SweepPlan, threads: Int?, memoryLimit: Int?,
    defaults: @autoclosure () -> (threads: Int, memoryLimit: Int)
  ) throws {
    self.path = path
    points = "\(path)/points"
    let file = Self.file(path)
    try Self.finishExtension(path)
    // Looked for first: where points are, their description was there before them.
    let hasPoints = !Self.points(in: points).isEmpty
    if try StoreFiles.read(file) == nil {
      if hasPoints { throw StoreError.noDescription(path: path) }
      try Self.makeFolders(path)
      let settings = defaults()
      let new = SweepDescription(
        plan, threads: threads ?? settings.threads, memoryLimit: memoryLimit ?? settings.memoryLimit)
      try Self.create(file, new)
    } else {
      // A copy of a store may lack folders that were empty.
      try Self.makeFolders(path)
    }
    description = try Self.read(path)
    guard description.renormVersion == RenormVersion.current else {
      throw StoreError.otherVersion(
        path: path, stored: description.renormVersion, current: RenormVersion.current)
    }
    let own = SweepDescription(
      plan, threads: threads ?? description.threads, memoryLimit: memoryLimit ?? description.memoryLimit)
    if let difference = description.difference(from: own) {
      throw StoreError.otherSweep(path: path, difference: difference)
    }
    for (name, stored, asked) in [
      ("threads for each process", description.threads, own.threads),
      ("bytes of memory for each process", description.memoryLimit, own.memoryLimit),
    ] where stored != asked {
      throw StoreError.otherSettings(path: path, name: name, stored: "\(stored)", asked: "\(asked)")
    }
  }

  /// Opens a store for reading.
  ///
  /// - Throws: `StoreError`.
  public init(reading path: String) throws {
    self.path = path
    description = try Self.read(path)
    points = Self.pointsFolder(path, description)
  }

  private static func makeFolders(_ path: String) throws(DataError) {
    for folder in ["points", "claims", "timing"] { try StoreFiles.makeDirectory("\(path)/\(folder)") }
  }

  /// What the store in a folder is for; nil where there is none yet.
  ///
  /// - Throws: `StoreError.damaged`, `DataError` where it cannot be read.
  package static func description(of path: String) throws -> SweepDescription? {
    do {
      return try read(path)
    } catch StoreError.noSweep {
      return nil
    }
  }

  /// The specification that a store was begun with.
  ///
  /// - Parameter files: data that have moved, with their paths now.
  /// - Throws: `StoreError`, `SpecificationError`, `DataError` where the store cannot be read.
  package static func specification(
    of path: String, files: [SweepKey: String] = [:]
  ) throws -> SweepSpecification {
    try read(path).specification(of: file(path), files: files)
  }

  static func file(_ path: String) -> String { "\(path)/sweep.json" }

  private static func read(_ path: String) throws -> SweepDescription {
    guard let bytes = try StoreFiles.read(file(path)) else { throw StoreError.noSweep(path: path) }
    do {
      let description = try JSONDecoder().decode(SweepDescription.self, from: Data(bytes))
      guard description.formatVersion == SweepDescription.formatVersion else {
        throw StoreError.damaged(
          path: file(path),
          reason: "format version \(description.formatVersion); this renorm reads version "
            + "\(SweepDescription.formatVersion)")
      }
      guard try description.agreesWithChecksum() else {
        throw StoreError.damaged(
          path: file(path),
          reason:
            "it was changed by hand; `renorm sweep extend` changes a sweep, `train` and the like say where data "
            + "are now")
      }
      return description.unchecked
    } catch is DecodingError {
      throw StoreError.damaged(path: file(path), reason: "it is not the description of a sweep")
    }
  }

  /// Puts a description in its place unless another process was first.
  private static func create(_ file: String, _ description: SweepDescription) throws {
    let own = StoreFiles.temporary(file, "tmp")
    defer { unlink(own) }
    try StoreFiles.write(description.encoded(), to: own)
    // A link cannot replace what is there; file systems without links rename.
    if link(own, file) != 0, errno != EEXIST, rename(own, file) != 0 {
      throw DataError.writingFailed(path: file, reason: StoreFiles.lastError)
    }
    if let end = file.lastIndex(of: "/") { try StoreFiles.sync(String(file[..<end])) }
  }
}

extension SweepStore {
  static func file(_ number: Int, in folder: String) -> String { "\(folder)/\(padded(number)).json" }
  private func file(ofPoint index: Int) -> String { Self.file(index, in: points) }
  private func file(ofUnit number: Int) -> String { Self.file(number, in: "\(path)/claims") }

  /// Where the table of all results is written.
  public var table: String { "\(path)/table.csv" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The record of a point; nil where it is not finished, or its file is damaged.
  ///
  /// - Throws: `DataError.readingFailed` where there is a file that cannot be read now.
  public func record(_ point: SweepPoint) throws(DataError) -> PointRecord? {
    try Self.record(of: point, in: points)
  }

  static func record(of point: SweepPoint, in folder: String) throws(DataError) -> PointRecord? {
    try StoreFiles.read(file(point.index, in: folder)).flatMap { PointRecord($0, of: point) }
  }

  /// All finished points, in the order of the specification.
  ///
  /// - Throws: `DataError.readingFailed` where there is a file that cannot be read now.
  public func records() throws(DataError) -> [PointRecord] {
    var records: [PointRecord] = []
    for index in 0..<description.pointCount {
      if let record = try record(ofPoint: index) { records.append(record) }
    }
    return records
  }

  /// The record of a point by its number alone; nil as for `record`.
  ///
  /// - Throws: `DataError.readingFailed` where there is a file that cannot be read now.
  func record(ofPoint index: Int) throws(DataError) -> PointRecord? {
    try StoreFiles.read(file(ofPoint: index)).flatMap { PointRecord($0) }
  }

  /// Indices of the points that have a file.
  package var pointsWithFile: [Int] { Self.points(in: points) }

  private static func points(in folder: String) -> [Int] {
    StoreFiles.names(in: folder).compactMap { $0.hasSuffix(".json") ? Int($0.dropLast(5)) : nil }
  }

  /// Makes a point durable.
  ///
  /// - Throws: `DataError.writingFailed`, `EncodingError` for numbers that are not finite.
  func write(_ record: PointRecord) throws {
    let bytes = try record.encoded()
    try gate.withLock { try StoreFiles.write(bytes, to: file(ofPoint: record.index)) }
  }

  /// Makes a point unfinished.
  func remove(_ point: SweepPoint) { unlink(file(ofPoint: point.index)) }

  func claim(_ unit: WorkUnit) throws(DataError) -> Claim? { try Claim.take(file(ofUnit: unit.number)) }

  /// Adds a line to this process's record of times; losing one is no loss.
  func note(_ line: String) {
    let file = "\(path)/timing/\(ProcessInfo.processInfo.hostName)-\(getpid()).csv"
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = Array("\(line)\n".utf8).withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
  }

  /// Waits for a file that is being written, lets no further one begin, and gives back what this process has
  /// claimed: before the process ends in the middle of work.
  package func leave() {
    _ = gate.lock(before: Date(timeIntervalSinceNow: 5))
    for name in StoreFiles.names(in: "\(path)/claims") where Claim.isOwn("\(path)/claims/\(name)") {
      unlink("\(path)/claims/\(name)")
    }
  }

  /// Seconds after which a temporary file of another machine belongs to a dead process.
  private static let temporaryLifetime = 60.0

  /// Removes what dead processes have left behind; of files that a store does not make, none.
  func clean() {
    func isNumbered(_ name: Substring) -> Bool { name.wholeMatch(of: /[0-9]{6,}\.json/) != nil }
    for folder in ["", "points", "claims"] {
      for name in StoreFiles.names(in: "\(path)/\(folder)") {
        let isClaim = folder == "claims" && (isNumbered(name[...]) || name == Self.extensionClaim)
        let isTemporary = StoreFiles.isTemporary(name) {
          folder.isEmpty ? ["sweep.json", "table.csv"].contains($0) : isNumbered($0)
        }
        guard isClaim || isTemporary else { continue }
        let file = "\(path)/\(folder)/\(name)"
        // A temporary file is in use for moments only, so its age tells where its process is not known.
        let isLeft =
          isTemporary
          ? TemporaryName.isAbandoned(name) || Claim.isOld(file, lifetime: Self.temporaryLifetime)
          : Claim.isDead(file)
        if isLeft { unlink(file) }
      }
    }
  }
}
