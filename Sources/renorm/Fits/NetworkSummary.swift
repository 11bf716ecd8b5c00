import Renorm
import RenormFiles

extension NetworkRecord {
  /// What the network is.
  var title: String {
    keys.title
      + Self.later.compactMap { row in parameters[row].map { ", \(row.words) = \($0.text)" } }.joined()
  }
}

extension NetworkKeys {
  /// What the network is, as far as its first parameters go.
  fileprivate var title: String {
    let width =
      width.map { "N = \($0), alpha = P/N = \(Self.shown(alpha.map(fourDigits)))" } ?? "infinite width"
    return
      "network           \(architecture), \(Self.shown(activation)), \(width), T = \(Self.shown(temperature)), "
      + "lambda0 = \(Self.shown(lambda0)), lambda1 = \(Self.shown(lambda1))"
  }

  /// The pixels that no patch covers; nil where there are none.
  var dropped: String? {
    guard let droppedRows, let droppedColumns, droppedRows + droppedColumns > 0 else { return nil }
    return
      "dropped           the last \(droppedRows) rows and \(droppedColumns) columns of pixels, which the "
      + "stride does not reach"
  }

  /// What it was trained on.
  func data(_ record: DataRecord?) -> String {
    var text = "training set      P = \(Self.shown(trainCount)), "
    if let classes = record?.classes {
      text += "classes \(classes.map(\.description).joined(separator: ", "))"
    } else {
      text += "\(Self.shown(outputs)) real-valued output\(outputs == 1 ? "" : "s")"
    }
    if let scaling = record?.targetScaling {
      let shifts = scaling.shifts.prefix(4).map(fourDigits).joined(separator: ", ")
      text += " less \(shifts)\(scaling.shifts.count > 4 ? ", ..." : "")"
      if scaling.scale != 1 { text += ", divided by \(fourDigits(scaling.scale)), of which T is the noise" }
    }
    if let positions, positions > 1, let grid {
      text += ", n = \(positions) positions (\(grid.map { "\($0)" }.joined(separator: " x ")))"
    }
    return text
  }

  /// A key that reports of this program always have.
  private static func shown<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "unknown" }
}
