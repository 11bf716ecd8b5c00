internal import Foundation

extension ResultTable {
  /// Means and standard errors over repeats: points that differ in `shuffle-seed` alone make one row.
  ///
  /// Every result x is followed by xError, the standard deviation between repeats over the square root of their
  /// number, empty for one repeat. Failed points do not count; `failed` says how many there are.
  public static func aggregated(_ records: [PointRecord]) -> ResultTable {
    let parameters = Column.parameters.filter { $0.name != Column.shuffleSeed.name }
    let results = Column.results
    var order: [String] = []
    var repeats: [String: [PointRecord]] = [:]
    for record in records {
      let key = parameters.map { "\($0.cell(record))" }.joined(separator: ";")
      if repeats[key] == nil { order.append(key) }
      repeats[key, default: []].append(record)
    }
    let rows = order.compactMap { repeats[$0] }.map { group -> [Cell] in
      let good = group.filter { $0.failure == nil }
      let own = parameters.map { $0.cell(group[0]) }
      let statistics = results.flatMap { column -> [Cell] in
        let average = Average(good.compactMap { column.cell($0).number })
        return [Cell(average.mean), Cell(average.error)]
      }
      return own + [.count(good.count), .count(group.count - good.count)] + statistics
    }
    return ResultTable(
      columns: parameters.map(\.name) + ["repeats", "failed"]
        + results.flatMap { [$0.name, "\($0.name)Error"] },
      rows: rows)
  }
}

/// The mean of some numbers, and its standard error.
struct Average: Equatable {
  let count: Int
  /// nil for no numbers.
  let mean: Double?
  /// s / sqrt(n) with the unbiased variance s^2; nil for fewer than two numbers.
  let error: Double?

  init(_ values: [Double]) {
    count = values.count
    guard !values.isEmpty else { (mean, error) = (nil, nil); return }
    let number = Double(values.count)
    let mean = values.reduce(0, +) / number
    self.mean = mean
    guard values.count > 1 else { error = nil; return }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    error = (squares / (number - 1) / number).squareRoot()
  }
}
