internal import Dispatch
internal import Foundation
internal import Renorm
public import RenormFiles

/// A part of the units of a sweep.
public struct SweepShare: Equatable, Sendable {
  /// Number of the part, from 0.
  public let index: Int
  /// Number of parts.
  public let count: Int
  /// Whether other parts are left alone; else they are worked at after this one.
  public let isExclusive: Bool

  /// All units.
  public static let whole = SweepShare(index: 0, count: 1, isExclusive: false)

  /// A part of several.
  public init(index: Int, count: Int, isExclusive: Bool) {
    precondition(count > 0 && (0..<count).contains(index), "share \(index) of \(count)")
    self.index = index
    self.count = count
    self.isExclusive = isExclusive
  }
}

/// Works at a store until the points of a share are finished.
///
/// Any number of runners, in any number of processes, may work at one store.
public struct SweepRunner {
  private let plan: SweepPlan
  private let data: SweepData
  private let store: SweepStore
  private let share: SweepShare
  private let retry: PointRecord.RetryLimits?

  /// A runner.
  ///
  /// - Parameter retry: limits under which failed points are computed again; points that have failed under the
  ///   same limits are not.
  public init(
    _ plan: SweepPlan, _ data: SweepData, _ store: SweepStore, share: SweepShare = .whole,
    retry: PointRecord.RetryLimits? = nil
  ) {
    self.retry = retry
    self.plan = plan
    self.data = data
    self.store = store
    self.share = share
  }

  /// Makes failed points unfinished, so that they are computed again; of an exclusive share its own only.
  ///
  /// - Throws: `DataError.readingFailed`.
  public func forgetFailures() throws(DataError) {
    for step in shareUnits.flatMap(\.steps) {
      let point = plan.points[step.point]
      if try store.record(point)?.failure != nil { store.remove(point) }
    }
  }

  /// Computes what is not finished. Points that fail are recorded with their reason.
  ///
  /// - Parameters:
  ///   - finished: called after each point that this runner made durable; returns false to stop.
  ///   - isStopped: asked after each point, and while others work at the rest; true to stop.
  /// - Throws: `DataError` where the store cannot be read or written; what is finished stays.
  public func run(
    finished: (PointRecord) -> Bool = { _ in true }, isStopped: () -> Bool = { false }
  ) throws {
    store.clean()
    var known = FinishedPoints(store, plan.points, retry)
    var session: KernelSession?
    var units = shareUnits
    func goesOn(_ record: PointRecord) -> Bool { finished(record) && !isStopped() }
    while true {
      try units.removeAll { unit in try unit.steps.allSatisfy { try known.contains($0.point) } }
      if units.isEmpty || isStopped() { return }
      var isIdle = true
      for unit in units {
        guard let claim = try store.claim(unit) else { continue }
        isIdle = false
        guard try work(unit, claim, &session, &known, goesOn) else { return }
      }
      // The rest is in the hands of others, who may die.
      if isIdle { Thread.sleep(forTimeInterval: 0.5) }
    }
  }

  /// The units of the share in the plan's order, then the others.
  private var shareUnits: [WorkUnit] {
    let parts = UnitShares.parts(plan, .nominal, count: share.count)
    let own = zip(plan.units, parts).filter { $0.1 == share.index }.map(\.0)
    if share.isExclusive { return own }
    // Parts are consecutive, so the units after the own ones come first, then those before.
    return own + zip(plan.units, parts).filter { $0.1 > share.index }.map(\.0)
      + zip(plan.units, parts).filter { $0.1 < share.index }.map(\.0)
  }

  private func work(
    _ unit: WorkUnit, _ claim: Claim, _ session: inout KernelSession?, _ known: inout FinishedPoints,
    _ finished: (PointRecord) -> Bool
  ) throws -> Bool {
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + 30, repeating: 30)
    timer.setEventHandler { claim.refresh() }
    timer.resume()
    defer {
      timer.cancel()
      claim.release()
    }
    store.note("unit,\(unit.number),\(Date().timeIntervalSince1970.rounded())")
    var latest: [PointRecord] = []
    func neighbour(_ index: Int?) throws(DataError) -> PointRecord? {
      guard let index else { return nil }
      if let record = latest.first(where: { $0.index == index }) { return record }
      return try store.record(plan.points[index])
    }
    for step in unit.steps {
      if try known.contains(step.point) { continue }
      // Other points than failed ones keep to the limits of the sweep.
      let limits = try store.record(plan.points[step.point]) == nil ? nil : retry
      if session?.group != unit.group || session?.retry != limits {
        // Frees the old kernels before the new ones are made.
        session = nil
        session = KernelSession(plan.groups[unit.group], plan.specification, data, store.description, limits)
      }
      guard let session else { continue }
      let clock = ContinuousClock()
      let begin = clock.now
      // Numbers come back from files as they were, so that an interrupted run takes the same ones.
      let record = session.record(
        plan.points[step.point], from: try neighbour(step.predecessor),
        before: try neighbour(step.beforePredecessor))
      try store.write(record)
      latest = latest.suffix(1) + [record]
      known.insert(step.point)
      store.note("\(step.point),\((clock.now - begin) / .seconds(1))")
      guard finished(record) else { return false }
    }
    return true
  }
}

/// The points that are known to have a complete record; others are looked up.
private struct FinishedPoints {
  private let store: SweepStore
  private let points: [SweepPoint]
  private let retry: PointRecord.RetryLimits?
  private var indices: Set<Int> = []

  init(_ store: SweepStore, _ points: [SweepPoint], _ retry: PointRecord.RetryLimits?) {
    self.retry = retry
    self.store = store
    self.points = points
  }

  mutating func insert(_ index: Int) { indices.insert(index) }

  mutating func contains(_ index: Int) throws(DataError) -> Bool {
    if indices.contains(index) { return true }
    guard let record = try store.record(points[index]) else { return false }
    // Failed under other limits than those to be tried now.
    if record.failure != nil, let retry, record.retry != retry { return false }
    indices.insert(index)
    return true
  }
}
