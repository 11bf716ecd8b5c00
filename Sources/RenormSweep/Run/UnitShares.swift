/// Splits the units of a plan into consecutive parts of about equal cost.
enum UnitShares {
  /// The same split for every process: it depends on the plan and the number of parts only.
  static func split(_ plan: SweepPlan, _ costs: CostModel, count: Int) -> [[WorkUnit]] {
    let seconds = plan.units.map { costs.seconds(of: $0, plan) }
    let total = seconds.reduce(0, +)
    var parts = [[WorkUnit]](repeating: [], count: count)
    var done = 0.0
    for (unit, cost) in zip(plan.units, seconds) {
      // By the middle of the unit, so that equal units are split evenly.
      let part = total > 0 ? Int((done + cost / 2) / total * Double(count)) : 0
      parts[min(part, count - 1)].append(unit)
      done += cost
    }
    return parts
  }
}
