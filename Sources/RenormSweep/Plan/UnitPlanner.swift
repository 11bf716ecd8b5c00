internal import Renorm

/// Orders the points of groups into rows and cuts rows into units of work.
///
/// A row runs along lambda1, from low to high, at equal width and temperature (along the temperature, from high
/// to low, or the width where there is one value of lambda1): neighbours have nearly the same order parameter,
/// and the logarithm of the order parameter is nearly a line. Measured on MNIST 3/8 (CNN, n = 16, ten values in
/// a row, a curvature counted as 1.2), a search needs 12.7, 9.0 and 5.6 evaluations from nothing at N = P/10,
/// 2P/5 and 6P; in such rows 8.0, 6.2 and 4.9; in rows along the temperature 8.4, 6.5 and 4.8. Rows fill a unit
/// one after the other, and the first point of each starts from nothing: what a point starts from depends on
/// smaller values of its row alone, so a sweep that grows keeps its points.
struct UnitPlanner {
  private let points: [SweepPoint]
  /// The most points of a unit, so that several processes can share a group; more where points are cheap.
  private static let unitSize = 16
  private static let cheapUnitSize = 512

  init(_ points: [SweepPoint]) { self.points = points }

  func units(_ groups: [SweepGroup]) -> [WorkUnit] {
    var units: [WorkUnit] = []
    for group in groups {
      for steps in cut(rows(group), size: group.hasOneKernel ? Self.cheapUnitSize : Self.unitSize) {
        units.append(WorkUnit(number: units.count, group: group.number, steps: steps))
      }
    }
    return units
  }

  private func network(_ index: Int) -> NetworkDescription { points[index].parameters.network }

  /// What kernels do not depend on, but for the numbers along which rows may run.
  private static let others = Network.parameters.filter {
    !$0.isInKernels && ![.width, .temperature, .lambda1].contains($0)
  }

  /// The values of `others`, in words.
  private func other(_ index: Int) -> String {
    Self.others.map { network(index)[$0]?.text ?? "" }.joined(separator: " ")
  }

  /// Large widths first, infinite before all.
  private func width(_ index: Int) -> Double { -(network(index).width.units.map(Double.init) ?? .infinity) }
  private func lambda1(_ index: Int) -> Double { network(index).lambda1 }
  private func temperature(_ index: Int) -> Double { -network(index).temperature }

  private func rows(_ group: SweepGroup) -> [[Int]] {
    let indices = group.points
    let isVaried = { (value: (Int) -> Double) in Set(indices.map(value)).count > 1 }
    var keys = [width, temperature, lambda1]
    if !isVaried(lambda1) {
      keys = isVaried(temperature) ? [width, lambda1, temperature] : [temperature, lambda1, width]
    }
    let others = Dictionary(uniqueKeysWithValues: indices.map { ($0, other($0)) })
    let order = indices.sorted { a, b in
      if let first = others[a], let second = others[b], first != second { return first < second }
      for key in keys where key(a) != key(b) { return key(a) < key(b) }
      return a < b
    }
    var rows: [[Int]] = []
    for index in order {
      if let last = rows.last?.first, others[last] == others[index],
        keys.dropLast().allSatisfy({ $0(last) == $0(index) })
      {
        rows[rows.count - 1].append(index)
      } else {
        rows.append([index])
      }
    }
    return rows
  }

  private func cut(_ rows: [[Int]], size: Int) -> [[WorkUnit.Step]] {
    var units: [[WorkUnit.Step]] = []
    var unit: [WorkUnit.Step] = []
    for row in rows {
      for start in stride(from: 0, to: row.count, by: size) {
        let piece = row[start..<min(start + size, row.count)]
        if unit.count + piece.count > size, !unit.isEmpty {
          units.append(unit)
          unit = []
        }
        var (beforePrevious, previous): (Int?, Int?) = (nil, nil)
        for index in piece {
          unit.append(step(index, previous, beforePrevious))
          (beforePrevious, previous) = (previous, index)
        }
      }
    }
    return unit.isEmpty ? units : units + [unit]
  }

  /// At infinite width there is nothing to search, and its order parameter is where a search without start
  /// begins.
  private func step(_ index: Int, _ previous: Int?, _ beforePrevious: Int?) -> WorkUnit.Step {
    func start(_ previous: Int?) -> Int? { previous.flatMap { network($0).width == .infinite ? nil : $0 } }
    guard network(index).width != .infinite, let predecessor = start(previous) else {
      return WorkUnit.Step(point: index, predecessor: nil, beforePredecessor: nil)
    }
    return WorkUnit.Step(point: index, predecessor: predecessor, beforePredecessor: start(beforePrevious))
  }
}
