import Renorm
import RenormData

/// Predictions as CSV: `index,target,mean,variance`, or `mean_0, ..., variance_0, ...` for several outputs.
///
/// The target of several classes is the class label; it is empty where labels are unknown.
struct PredictionTable {
  let prediction: Prediction
  /// Targets, points x D; nil where unknown.
  let targets: Matrix?
  let classes: [Int]?

  var csv: String {
    let outputs = prediction.mean.columns
    let suffixes = outputs == 1 ? [""] : (0..<outputs).map { "_\($0)" }
    let targetNames = targetColumns == 1 ? ["target"] : suffixes.map { "target" + $0 }
    var text = (["index"] + targetNames + suffixes.map { "mean" + $0 } + suffixes.map { "variance" + $0 })
      .joined(separator: ",") + "\n"
    for point in 0..<prediction.count {
      let numbers = (prediction.mean.row(point) + prediction.variance.row(point)).map { "\($0)" }
      text += (["\(point)"] + target(point) + numbers).joined(separator: ",") + "\n"
    }
    return text
  }

  /// Several classes have one label, several real-valued targets one column each.
  private var targetColumns: Int { classes == nil ? prediction.mean.columns : 1 }

  private func target(_ point: Int) -> [String] {
    guard let targets else { return [String](repeating: "", count: targetColumns) }
    let row = targets.row(point)
    guard row.count > 1, let classes else { return row.map { "\($0)" } }
    let label = row.indices.max { row[$0] < row[$1] }.map { "\(classes[$0])" }
    return [label ?? ""]
  }
}
