import Renorm
import RenormFiles

/// An example of a file whose prediction is not a finite number.
struct UnusablePrediction: Error, CustomStringConvertible {
  let path: String
  /// Position in the file, from 0.
  let example: Int

  var description: String {
    "\(path): example \(example) (from 0): the prediction is not a finite number; rescale its inputs, or the "
      + "targets of the fit"
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

/// Predictions as CSV: `index,target,mean,variance`, or `mean_0, ..., variance_0, ...` for several outputs, and
/// then further columns, each also for every output.
///
/// The target of several classes is the class label; it is empty where labels are unknown. Classes with names
/// have two more columns, `class` and `predictedClass`. A name with commas, quotes or ends of lines stands in
/// double quotes.
struct PredictionTable {
  let prediction: Prediction
  /// Targets, points x D; nil where unknown.
  let targets: Matrix?
  let classes: [ClassLabel]?
  /// Names and values, points x D, of further columns.
  var further: [(name: String, values: Matrix)] = []
  /// The shift and scale of the targets that the network has learnt, which is undone.
  var scaling: TargetScaling?

  var csv: String {
    let outputs = prediction.mean.columns
    let suffixes = outputs == 1 ? [""] : (0..<outputs).map { "_\($0)" }
    let targetNames = targetColumns == 1 ? ["target"] : suffixes.map { "target" + $0 }
    let restored = prediction.restored(by: scaling)
    let columns = [("mean", restored.mean), ("variance", restored.variance)] + further
    let names = columns.flatMap { name, _ in suffixes.map { name + $0 } }
    let hasNames = classes?.contains(where: \.isName) ?? false
    var text =
      (["index"] + targetNames + names + (hasNames ? ["class", "predictedClass"] : [])).joined(separator: ",")
      + "\n"
    let targets = targets.map { scaling?.restore($0) ?? $0 }
    for point in 0..<prediction.count {
      let numbers = columns.flatMap { _, values in values.row(point) }.map { "\($0)" }
      var fields = ["\(point)"] + target(targets?.row(point)) + numbers
      if hasNames { fields += [label(targets?.row(point)), label(restored.mean.row(point))] }
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  /// Several classes have one label, several real-valued targets one column each.
  private var targetColumns: Int { classes == nil ? prediction.mean.columns : 1 }

  private func target(_ row: [Double]?) -> [String] {
    guard let row else { return [String](repeating: "", count: targetColumns) }
    return row.count > 1 && classes != nil ? [label(row)] : row.map { "\($0)" }
  }

  /// The class of targets or means; empty where it is unknown.
  private func label(_ row: [Double]?) -> String {
    guard let row, let classes else { return "" }
    let place = row.count == 1 ? (row[0] > 0 ? 1 : 0) : row.indices.max { row[$0] < row[$1] } ?? 0
    return classes[place].csvField
  }
}

extension ClassLabel {
  /// The label as a field of a CSV file.
  fileprivate var csvField: String {
    let text = description
    guard text.contains(where: { ",;\t\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
