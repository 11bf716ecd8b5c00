/// Splits the units of a plan into consecutive parts of about equal cost.
enum UnitShares {
  /// The part of each unit, from 0 to below `count`, in the order of units.
  ///
  /// The same for every process: it depends on the plan and the number of parts only.
  static func parts(_ plan: SweepPlan, _ costs: CostModel, count: Int) -> [Int] {
    let seconds = plan.units.map { costs.seconds(of: $0, plan) }
    let total = seconds.reduce(0, +)
    var done = 0.0
    return seconds.map { cost in
      // By the middle of the unit, so that equal units are split evenly.
      let part = total > 0 ? Int((done + cost / 2) / total * Double(count)) : 0
      done += cost
      return min(part, count - 1)
    }
  }
}
