internal import Dispatch
internal import Foundation
internal import Renorm

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

  /// A runner.
  public init(_ plan: SweepPlan, _ data: SweepData, _ store: SweepStore, share: SweepShare = .whole) {
    self.plan = plan
    self.data = data
    self.store = store
    self.share = share
  }

  /// Makes failed points unfinished, so that they are computed again; of an exclusive share its own only.
  public func forgetFailures() {
    for point in shareUnits.flatMap(\.steps).map({ plan.points[$0.point] })
    where store.record(point)?.failure != nil {
      store.remove(point)
    }
  }

  /// Computes what is not finished. Points that fail are recorded with their reason.
  ///
  /// - Parameter finished: called after each point that this runner made durable; returns false to stop.
  /// - Throws: `DataError` where the store cannot be written; what is finished stays.
  public func run(finished: (PointRecord) -> Bool = { _ in true }) throws {
    store.clean()
    var known = FinishedPoints(store, plan.points)
    var session: KernelSession?
    var units = shareUnits
    while true {
      units.removeAll { unit in unit.steps.allSatisfy { known.contains($0.point) } }
      if units.isEmpty { return }
      var isIdle = true
      for unit in units {
        guard let claim = try store.claim(unit) else { continue }
        isIdle = false
        guard try work(unit, claim, &session, &known, finished) else { return }
      }
      // The rest is in the hands of others, who may die.
      if isIdle { Thread.sleep(forTimeInterval: 0.5) }
    }
  }

  /// The units of the share in the plan's order, then the others.
  private var shareUnits: [WorkUnit] {
    let parts = UnitShares.split(plan, .nominal, count: share.count)
    let own = parts[share.index]
    if share.isExclusive { return own }
    return own + (1..<share.count).flatMap { parts[(share.index + $0) % share.count] }
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
    for step in unit.steps where !known.contains(step.point) {
      if session?.group != unit.group {
        // Frees the old kernels before the new ones are made.
        session = nil
        session = KernelSession(plan.groups[unit.group], plan.specification, data, store.description)
      }
      guard let session else { continue }
      let clock = ContinuousClock()
      let begin = clock.now
      // From files, also where they were just written: an interrupted run takes the same numbers.
      let neighbours = [step.predecessor, step.beforePredecessor].map {
        $0.flatMap { store.record(plan.points[$0]) }
      }
      let record = session.record(plan.points[step.point], from: neighbours[0], before: neighbours[1])
      try store.write(record)
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
  private var indices: Set<Int> = []

  init(_ store: SweepStore, _ points: [SweepPoint]) {
    self.store = store
    self.points = points
  }

  mutating func insert(_ index: Int) { indices.insert(index) }

  mutating func contains(_ index: Int) -> Bool {
    if indices.contains(index) { return true }
    guard store.record(points[index]) != nil else { return false }
    indices.insert(index)
    return true
  }
}
