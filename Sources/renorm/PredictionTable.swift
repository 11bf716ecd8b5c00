import Renorm
import RenormData

/// An example of a file whose prediction is not a finite number.
struct UnusablePrediction: Error, CustomStringConvertible {
  let path: String
  /// Position in the file, from 0.
  let example: Int

  var description: String {
    "\(path): example \(example) (from 0): the prediction is not a finite number; rescale its inputs, or the targets "
      + "of the fit"
  }
}

extension Posterior {
  /// Predictions at examples that are at `indices` of a file.
  ///
  /// - Throws: `UnusablePrediction`, and as `predict`.
  func predict(_ inputs: Matrix, from path: String, _ indices: [Int]) throws -> Prediction {
    do {
      return try predict(inputs)
    } catch RenormError.notFinitePrediction(let point) {
      throw UnusablePrediction(path: path, example: indices[point])
    }
  }
}

/// Predictions as CSV: `index,target,mean,variance`, or `mean_0, ..., variance_0, ...` for several outputs, and then
/// further columns, each also for every output.
///
/// The target of several classes is the class label; it is empty where labels are unknown.
struct PredictionTable {
  let prediction: Prediction
  /// Targets, points x D; nil where unknown.
  let targets: Matrix?
  let classes: [Int]?
  /// Names and values, points x D, of further columns.
  var further: [(name: String, values: Matrix)] = []

  var csv: String {
    let outputs = prediction.mean.columns
    let suffixes = outputs == 1 ? [""] : (0..<outputs).map { "_\($0)" }
    let targetNames = targetColumns == 1 ? ["target"] : suffixes.map { "target" + $0 }
    let columns = [("mean", prediction.mean), ("variance", prediction.variance)] + further
    let names = columns.flatMap { name, _ in suffixes.map { name + $0 } }
    var text = (["index"] + targetNames + names).joined(separator: ",") + "\n"
    for point in 0..<prediction.count {
      let numbers = columns.flatMap { _, values in values.row(point) }.map { "\($0)" }
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
