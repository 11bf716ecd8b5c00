extension Inspection: CustomStringConvertible {
  /// A few lines for a reader, without a newline at the end.
  package var description: String {
    var lines = ["\(path): \(format)\(isGzipped ? ", gzipped" : ""), \(byteCount) bytes, CRC-32 \(crc32)"]
    for array in arrays {
      let name = array.name.map { " \($0)" } ?? ""
      lines.append(
        "  array\(name): \(TypedArray.describe(shape: array.shape)) of "
          + "\(array.type)\(array.role.map { ", taken as \($0)" } ?? "")"
      )
    }
    if let columns {
      lines.append("  columns: \(DataError.listed(columns.map { $0.isEmpty ? "(no heading)" : $0 }))")
    }
    if let targetColumn { lines.append("  target column: \(targetColumn)") }
    if !droppedColumns.isEmpty { lines.append("  left out: \(DataError.listed(droppedColumns))") }
    if let exampleCount {
      let heldOut = heldOutCount.map { " and \($0) held out" } ?? ""
      lines.append("  examples: \(exampleCount)\(heldOut)")
    }
    if let imageShape { lines.append("  shape of one example: \(imageShape)") }
    if let classes {
      let counts = classes.prefix(20).map { "\($0.label) (\($0.count))" }.joined(separator: ", ")
      lines.append("  labels (count): \(counts)\(classes.count > 20 ? ", ..." : "")")
    }
    if let values { lines.append("  values: \(values)") }
    if let targets { lines.append("  targets: \(targets)") }
    lines += warnings.map { "  warning: \($0)" }
    return lines.joined(separator: "\n")
  }
}

extension ValueStatistics: CustomStringConvertible {
  package var description: String {
    var text = "none"
    if let minimum, let maximum, let mean { text = "\(minimum) to \(maximum), mean \(mean)" }
    text += ", \(nanCount) NaN"
    return infiniteCount > 0 ? text + ", \(infiniteCount) infinite" : text
  }
}
