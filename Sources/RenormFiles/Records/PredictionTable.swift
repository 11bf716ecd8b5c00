package import Renorm

/// Predictions at examples, written and read as CSV with a row for each. Columns are found by their names:
///
/// | column | content |
/// |---|---|
/// | `index` | the example, from 0 |
/// | `target` | the real target, -1 or +1 for two classes, the label for more; empty where it is not known |
/// | `mean`, `variance` | of f(x), in the units of the targets |
/// | `probability_NAME` | the probability of each class, by name and in the order of classes |
/// | further names | numbers for every output |
/// | `class`, `predictedClass` | names of classes, where there are names |
///
/// For D > 1 outputs every column of numbers has D of itself: `mean_0, ..., mean_{D-1}`; so have real targets.
/// `mean` and `variance` are those of latents where the likelihood is one of classes (docs/classification.md).
/// A name with commas, quotes or ends of lines stands in double quotes.
public struct PredictionTable: Equatable, Sendable {
  /// What is known of the true values.
  public enum Targets: Equatable, Sendable {
    /// Real values, or -1 and +1: D numbers for every point, nil where not all are known.
    case values([[Double]?])
    /// The label of one of several classes for every point, nil where it is not known.
    case labels([ClassLabel?])
  }

  /// A group of further columns.
  public struct Column: Equatable, Sendable {
    /// The heading, for several outputs without its number.
    public let name: String
    /// Points x D; some may be NaN.
    public let values: Matrix

    package init(_ name: String, _ values: Matrix) { (self.name, self.values) = (name, values) }
  }

  /// The class of every point and the one that the mean predicts, by name.
  public struct Classes: Equatable, Sendable {
    /// Nil where it is not known.
    public let classes: [ClassLabel?]
    /// Nil only in files of other programs.
    public let predicted: [ClassLabel?]
  }

  /// The probabilities of classes.
  public struct Probabilities: Equatable, Sendable {
    /// In the order of outputs.
    public let classes: [ClassLabel]
    /// Points x classes.
    public let values: Matrix
  }

  /// Posterior means, points x D.
  public let means: Matrix
  /// Posterior variances, points x D.
  public let variances: Matrix
  /// True values.
  public let targets: Targets
  /// What stands in further columns.
  public let further: [Column]
  /// Names of classes; nil where there are none.
  public let classes: Classes?
  /// The probability of each class, points x classes; nil where the file has none.
  public let probabilities: Probabilities?

  /// Number of points.
  public var count: Int { means.rows }
  /// D.
  public var outputs: Int { means.columns }

  init(
    means: Matrix, variances: Matrix, targets: Targets, further: [Column], classes: Classes?,
    probabilities: Probabilities? = nil
  ) {
    self.probabilities = probabilities
    self.means = means
    self.variances = variances
    self.targets = targets
    self.further = further
    self.classes = classes
  }

  /// A table of predictions.
  ///
  /// - Parameters:
  ///   - targets: points x D as the network learns them; nil where they are not known.
  ///   - classes: labels in the order of the outputs; nil for regression.
  ///   - temperature: T of the network, for the probabilities of classes; nil leaves them out.
  ///   - scaling: of the targets that the network has learnt, which is undone.
  package init(
    _ prediction: Prediction, targets: Matrix?, classes: [ClassLabel]?, temperature: Double? = nil,
    further: [Column] = [], scaling: TargetScaling? = nil
  ) {
    let restored = prediction.restored(by: scaling)
    let targets = targets.map { scaling?.restore($0) ?? $0 }
    let points = 0..<prediction.count
    let labels = points.map { point in targets.flatMap { row in classes.map { $0[row.classIndex(row: point)] } }
    }
    self.init(
      means: restored.mean, variances: restored.variance,
      targets: classes != nil && restored.mean.columns > 1
        ? .labels(labels) : .values(points.map { point in targets.map { $0.row(point) } }),
      further: further,
      classes: classes?.contains(where: \.isName) ?? false
        ? Classes(
          classes: labels, predicted: points.map { point in classes?[restored.predictedClass(point)] }) : nil,
      probabilities: classes.flatMap { classes in
        temperature.map {
          Probabilities(classes: classes, values: prediction.classProbabilities(temperature: $0))
        }
      })
  }

  /// The names of the columns of one quantity.
  static func names(_ name: String, outputs: Int) -> [String] {
    outputs == 1 ? [name] : (0..<outputs).map { "\(name)_\($0)" }
  }
}

extension PredictionTable {
  /// The text of the file.
  public var csv: String {
    let columns = [Column("mean", means), Column("variance", variances)] + further
    let names = columns.flatMap { Self.names($0.name, outputs: outputs) }
    let header =
      ["index"] + targetNames + names + (probabilities?.classes.map(Self.probabilityName) ?? [])
      + (classes == nil ? [] : ["class", "predictedClass"])
    var text = header.joined(separator: ",") + "\n"
    for point in 0..<count {
      var fields = ["\(point)"] + target(point) + columns.flatMap { $0.values.row(point) }.map { "\($0)" }
      if let probabilities { fields += probabilities.values.row(point).map { "\($0)" } }
      if let classes {
        fields += [classes.classes[point], classes.predicted[point]].map { $0?.csvField ?? "" }
      }
      text += fields.joined(separator: ",") + "\n"
    }
    return text
  }

  private var targetNames: [String] {
    switch targets {
    case .values: Self.names("target", outputs: outputs)
    case .labels: ["target"]
    }
  }

  private func target(_ point: Int) -> [String] {
    switch targets {
    case .values(let rows): rows[point].map { $0.map { "\($0)" } } ?? [String](repeating: "", count: outputs)
    case .labels(let labels): [labels[point]?.csvField ?? ""]
    }
  }
}

extension PredictionTable {
  /// What the names of columns of probabilities begin with.
  static let probabilityPrefix = "probability_"

  private static func probabilityName(_ label: ClassLabel) -> String {
    csvField(probabilityPrefix + label.description)
  }

  fileprivate static func csvField(_ text: String) -> String {
    guard text.contains(where: { ",;\t\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}

extension ClassLabel {
  /// The label as a field of a CSV file.
  fileprivate var csvField: String { PredictionTable.csvField(description) }
}
