/// The columns of a fit, by which those of other tables are found.
struct FittedColumns: Equatable {
  /// Number of inputs.
  var inputCount: Int
  /// The headings of the inputs in their order; nil where there were none.
  var inputHeadings: [String]?
  /// The heading of the target; nil where there was none.
  var targetHeading: String?
  /// The column of the targets as it was asked for; nil for the last.
  var targetColumn: String?
  /// Columns that were left out, by number; where a table without headings has as many columns as that of the
  /// fit, they are left out of it too.
  var dropped: [Int] = []
  /// Whether the targets are in another file, so that a column of targets is of no use.
  var hasLabelsElsewhere = false
  /// The file of the fit, for messages.
  var path: String
}

/// The part that every column of a text table plays.
struct ColumnRoles: Equatable {
  var inputs: [Int] = []
  var target: Int?
  /// Columns that are left out.
  var dropped: [Int] = []
  /// What a user should know; each is one line, without the path.
  var remarks: [String] = []

  init(_ table: CSVTable, _ request: ReadingRequest, path: String) throws(DataError) {
    let asked = try request.droppedColumns.map { (name) throws(DataError) in
      try Self.column(name, of: table, path: path)
    }
    switch request.targets {
    case .none, .column:
      let wantedTarget: Int? =
        if case .column(let wanted?) = request.targets { try Self.column(wanted, of: table, path: path) } else {
          nil
        }
      let index = IndexColumns(table, except: Set(asked).union(wantedTarget.map { [$0] } ?? []))
      remarks = index.remarks
      let leftOut = Set(asked + index.columns + (table.hasEmptyEnd ? [table.columns - 1] : []))
      dropped = leftOut.sorted()
      let left = (0..<table.columns).filter { !leftOut.contains($0) }
      if case .column = request.targets {
        if let wantedTarget, asked.contains(wantedTarget) {
          throw .contradiction(
            "\(path): column '\(table.name(wantedTarget))' is the target and is to be dropped")
        }
        target = wantedTarget ?? left.last
        let end = table.columns - (table.hasEmptyEnd ? 2 : 1)
        if wantedTarget == nil, asked.contains(end), let target {
          remarks.append(
            "column '\(table.name(end))', the last, is dropped, so the target is column "
              + "'\(table.name(target))'; `target-column` names another")
        }
      }
      inputs = left.filter { $0 != target }
      if let twice = Self.repeated(inputs, table) {
        remarks.append("several input columns are called '\(DataError.shown(twice))'; all of them are inputs")
      }
    case .fitted(let fitted):
      if let headings = fitted.inputHeadings, let header = table.header {
        try find(headings, in: header, fitted, path: path)
      } else {
        try findByPosition(table, fitted, asked, path: path)
      }
      if target != nil, fitted.hasLabelsElsewhere {
        dropped = (dropped + [target].compactMap(\.self)).sorted()
        target = nil
      }
    }
  }

  /// The first heading that several of the columns have; nil where all differ.
  private static func repeated(_ columns: [Int], _ table: CSVTable) -> String? {
    guard let header = table.header else { return nil }
    var seen: Set<String> = []
    return columns.lazy.map { header[$0] }.first { !$0.isEmpty && !seen.insert($0).inserted }
  }

  /// The column that is wanted: by heading, else by index from 0, or from the end with -1 the last.
  static func column(
    _ wanted: String, of table: CSVTable, path: String
  ) throws(DataError) -> Int {
    let named = table.header?.indices.filter { table.header?[$0] == wanted } ?? []
    if named.count > 1 {
      throw .malformed(
        path: path, place: .row(1), reason: "\(named.count) columns are called '\(DataError.shown(wanted))'")
    }
    if let column = named.first { return column }
    if let index = Int(wanted) {
      let column = index < 0 ? index + table.columns : index
      if column >= 0 && column < table.columns { return column }
    }
    let columns = table.header ?? (0..<table.columns).map(String.init)
    throw .unknownColumn(path: path, column: wanted, columns: columns)
  }

  /// Inputs and targets by the headings of a fit; other columns are of no use.
  private mutating func find(
    _ headings: [String], in header: [String], _ fitted: FittedColumns, path: String
  ) throws(DataError) {
    func mismatch(_ reason: String) -> DataError { .malformed(path: path, place: .row(1), reason: reason) }
    // Tables have up to millions of columns, so nothing here searches all headings for each.
    var places: [String: (first: Int, count: Int)] = [:]
    for (column, heading) in header.enumerated() { places[heading, default: (column, 0)].count += 1 }
    if let missing = headings.first(where: { places[$0] == nil }) {
      throw mismatch("no input column is called '\(DataError.shown(missing))' as one in \(fitted.path)")
    }
    let wanted = Set(headings)
    if wanted.count == headings.count {
      inputs = try headings.map { (heading) throws(DataError) in
        guard let place = places[heading], place.count == 1 else {
          throw mismatch("\(places[heading]?.count ?? 0) columns are called '\(DataError.shown(heading))'")
        }
        return place.first
      }
    } else {
      inputs = header.indices.filter { wanted.contains(header[$0]) }
      guard inputs.map({ header[$0] }) == headings else {
        throw mismatch("input columns of the same heading, in another order than in \(fitted.path)")
      }
    }
    let others = header.indices.filter { !wanted.contains(header[$0]) }
    if let heading = fitted.targetHeading {
      let found = others.filter { header[$0] == heading }
      guard found.count < 2 else {
        throw mismatch("\(found.count) columns are called '\(DataError.shown(heading))'")
      }
      target = found.first
    } else {
      // Nothing was written down: the column that was asked for, else the only one that is left.
      target = others.first { header[$0] == fitted.targetColumn }
      let possible = others.filter { !IndexColumns.isIndexHeading(header[$0]) }
      if target == nil, possible.count == 1 { target = possible[0] }
    }
    dropped = others.filter { $0 != target }
    let ignored = dropped.filter { !header[$0].isEmpty }.map { "'\(DataError.shown(header[$0]))'" }
    if !ignored.isEmpty {
      remarks.append(
        "\(DataError.counted(ignored.count, "column")) not in \(fitted.path) "
          + "\(ignored.count == 1 ? "is" : "are") ignored: \(DataError.listed(ignored))")
    }
  }

  /// Inputs and targets by their places: the inputs alone, or with the target where the fit had it; an index
  /// before them is left out.
  private mutating func findByPosition(
    _ table: CSVTable, _ fitted: FittedColumns, _ asked: [Int], path: String
  ) throws(DataError) {
    let askedColumns = Set(asked)
    var left = (0..<table.columns).filter { !askedColumns.contains($0) || table.columns == fitted.inputCount }
    if !fitted.dropped.isEmpty, table.columns == fitted.inputCount + fitted.dropped.count + 1 {
      let fittedDropped = Set(fitted.dropped)
      left = (0..<table.columns).filter { !fittedDropped.contains($0) }
    } else if left.count > fitted.inputCount {
      let index = IndexColumns(table, except: askedColumns, leaving: fitted.inputCount)
      let counting = Set(index.columns)
      left.removeAll { counting.contains($0) }
      remarks += index.remarks
    }
    // With any other number the shape is refused, as that of a table with targets.
    if left.count != fitted.inputCount, left.count > 1 {
      target =
        if let wanted = fitted.targetColumn ?? fitted.targetHeading,
          let column = try? Self.column(wanted, of: table, path: path), left.contains(column)
        { column } else { left.last }
    }
    inputs = left.filter { $0 != target }
    let kept = Set(left)
    dropped = (0..<table.columns).filter { !kept.contains($0) }
  }
}
