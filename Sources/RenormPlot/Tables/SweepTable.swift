internal import Foundation
public import RenormFiles

/// One usable point of a sweep.
struct SweepPoint: Sendable {
  /// The parameters that have a value here.
  let parameters: [SweepParameter: SweepValue]
  /// P/N, 0 at infinite width; nil where the table does not tell.
  let alpha: Double?
  /// The result that is drawn.
  let y: Double
  /// The same past leading order; nil where the table has none, or the expansion does not hold.
  var corrected: Double?

  var isInfinite: Bool { parameters[.width] == .number(.infinity) }
}

/// The table of a sweep: a row for every point, with columns named after parameters and results.
///
/// Columns are found by their headings, and unknown ones are ignored. At infinite width `infiniteWidth` is
/// true, or `width` is empty.
public struct SweepTable: Sendable {
  private let table: TextTable

  /// Reads a CSV file, or `table.csv` in a folder.
  ///
  /// - Throws: `DataError` for a file that cannot be read or is not a table.
  public init(path: String) throws(DataError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let isSweep = exists && isFolder.boolValue
    table = try TextTable(path: isSweep ? (path.hasSuffix("/") ? path : path + "/") + "table.csv" : path)
  }

  /// The file, for messages.
  var path: String { table.path }

  /// - Throws: `DataError.unknownColumn`.
  func require(_ column: String) throws(DataError) { _ = try table.column(column) }

  /// The points that can be drawn, and a line on those that cannot.
  ///
  /// - Throws: `DataError` for a missing column or a field that is not a number, `PlotError.nothingToDraw`.
  func points(_ result: SweepResult, _ filters: [SweepFilter]) throws -> (
    points: [SweepPoint], warnings: [String]
  ) {
    let y = try table.column(result.column.rawValue)
    for filter in filters { try require(filter.parameter.column) }
    let columns = try parameterColumns()
    let infinite = try optionalColumn(ResultColumn.infiniteWidth.rawValue)
    let alpha = try optionalColumn(ResultColumn.alpha.rawValue)
    let status = try optionalColumn(ResultColumn.status.rawValue)
    let converged = try optionalColumn(ResultColumn.converged.rawValue)
    let trust = try optionalColumn(ResultColumn.trust.rawValue)
    let corrected = try result.correctedColumn.flatMap { (column) throws(DataError) in
      try optionalColumn(column.rawValue)
    }
    let wanted = Dictionary(grouping: filters, by: \.parameter).mapValues { Set($0.map(\.value)) }

    var points: [SweepPoint] = []
    var seen: [SweepParameter: Set<SweepValue>] = [:]
    var (failed, unconverged, empty, total) = (0, 0, 0, 0)
    for row in table.rows.indices {
      let fields = table.rows[row]
      let isInfinite = infinite.map { ["true", "1"].contains(fields[$0].lowercased()) }
      let parameters = try parameters(row, columns, isInfinite: isInfinite)
      for filter in filters {
        parameters[filter.parameter].map { _ = seen[filter.parameter, default: []].insert($0) }
      }
      guard wanted.allSatisfy({ key, values in parameters[key].map { values.contains($0) } ?? false }) else {
        continue
      }
      total += 1
      if let status, fields[status].lowercased() != "ok" {
        failed += 1
      } else if let converged, fields[converged].lowercased() != "true" {
        unconverged += 1
      } else if let value = try table.number(row: row, column: y) {
        let load = try alpha.flatMap { (column) throws(DataError) in try table.number(row: row, column: column)
        }
        let holds = trust.map { fields[$0].lowercased() != Self.untrusted } ?? true
        let next = try corrected.flatMap { (column) throws(DataError) in
          holds ? try table.number(row: row, column: column) : nil
        }
        points.append(SweepPoint(parameters: parameters, alpha: load, y: value, corrected: next))
      } else {
        empty += 1
      }
    }
    let reasons = [
      (failed, "failed"), (unconverged, "did not converge"), (empty, "without \(result.option)"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    guard !points.isEmpty else {
      throw PlotError.nothingToDraw(
        path: path, reason: total > 0 ? "no point can be drawn: \(reasons)" : Self.noMatch(filters, seen))
    }
    let left = total - points.count
    return (points, left > 0 ? ["\(left) of \(total) points are left out: \(reasons)"] : [])
  }

  /// The class of points whose corrected results mean nothing.
  private static let untrusted = "sample"

  private static func noMatch(_ filters: [SweepFilter], _ seen: [SweepParameter: Set<SweepValue>]) -> String {
    guard !filters.isEmpty else { return "the table has no rows" }
    let asked = filters.map { "\($0.parameter.option)=\($0.value.plain)" }.joined(separator: ", ")
    let there = SweepParameter.allCases.compactMap { parameter in
      seen[parameter].map { "\(parameter.option) is \(listed($0.sorted()))" }
    }
    return "no point has \(asked); there, \(there.joined(separator: "; "))"
  }

  private func optionalColumn(_ name: String) throws(DataError) -> Int? {
    table.header.contains(name) ? try table.column(name) : nil
  }

  private func parameterColumns() throws(DataError) -> [(SweepParameter, Int)] {
    var columns: [(SweepParameter, Int)] = []
    for parameter in SweepParameter.allCases {
      if let column = try optionalColumn(parameter.column) { columns.append((parameter, column)) }
    }
    return columns
  }

  /// - Parameter isInfinite: nil where the table has no column for it.
  private func parameters(
    _ row: Int, _ columns: [(SweepParameter, Int)], isInfinite: Bool?
  ) throws(DataError) -> [SweepParameter: SweepValue] {
    var result: [SweepParameter: SweepValue] = [:]
    for (parameter, column) in columns {
      if parameter == .width, isInfinite ?? table.rows[row][column].isEmpty {
        result[parameter] = .number(.infinity)
      } else if parameter.isNumber {
        result[parameter] = try table.number(row: row, column: column).map { .number($0) }
      } else if !table.rows[row][column].isEmpty {
        result[parameter] = .text(table.rows[row][column].lowercased())
      }
    }
    return result
  }
}

/// The values separated by commas, at most twelve of them.
func listed(_ values: [SweepValue]) -> String {
  values.prefix(12).map(\.plain).joined(separator: ", ") + (values.count > 12 ? ", ..." : "")
}
