import Foundation
import Renorm
import RenormFiles

/// The report of a fit or a prediction, written as JSON. Its keys are an interface: other programs read them.
struct Report: Encodable {
  struct Train: Encodable {
    let error: Double
    @Nullable var accuracy: Double?
  }

  struct Test: Encodable {
    let count: Int
    @Nullable var bias: Double?
    let variance: Double
    @Nullable var generalizationError: Double?
    @Nullable var accuracy: Double?
  }

  struct Timing: Encodable {
    var load = 0.0
    var kernels = 0.0
    var solve = 0.0
    var predict = 0.0
    /// Only where a network was sampled.
    var sample: Double?
    var total = 0.0
  }

  struct Memory: Encodable {
    /// How kernels were held: float64, float32 or tiles; null for a prediction.
    @Nullable var plan: MemoryPlan.Storage?
    @Nullable var estimatedBytes: Int?
    @Nullable var peakResidentBytes: Int?
  }

  struct DataRecord: Encodable {
    let sources: [DataSource]
    @Nullable var classes: [ClassLabel]?
    let selection: DataSelection
    let shape: ImageShape
    let standardization: Standardization
    /// The shift and scale of real-valued targets; the key is left out where there is none.
    var targetScaling: TargetScaling?
    /// The heading of the targets; the key is left out where there is none.
    var targetHeading: String?
    /// Positions of the held-out examples in their file, from 0, in the order of the predictions.
    @Nullable var testIndices: [Int]?
  }

  let network: NetworkRecord
  let result: FitRecord
  let timing: Timing
  let memory: Memory
  @Nullable var data: DataRecord?
  let warnings: [String]

  init(
    _ posterior: Posterior, recipe: DataRecipe?, sources: [DataSource], test: Test?, testIndices: [Int]?,
    plan: MemoryPlan?, timing: Timing, warnings: [String]
  ) {
    network = NetworkRecord(posterior)
    result = FitRecord(posterior, test: test, scaling: recipe?.targetScaling)
    self.timing = timing
    memory = Memory(
      plan: Nullable(plan?.storage), estimatedBytes: Nullable(plan?.bytes),
      peakResidentBytes: Nullable(ProcessInfo.processInfo.peakResidentBytes))
    _data = Nullable(
      recipe.map {
        DataRecord(
          sources: sources, classes: Nullable($0.classes), selection: $0.selection, shape: $0.shape,
          standardization: $0.standardization, targetScaling: $0.targetScaling,
          targetHeading: $0.targetHeading, testIndices: Nullable(testIndices))
      })
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey { case timing, memory, data, warnings }

  /// The network's and the result's keys are those of the report itself.
  func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    try result.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(timing, forKey: .timing)
    try container.encode(memory, forKey: .memory)
    try container.encode(_data, forKey: .data)
    try container.encode(warnings, forKey: .warnings)
  }

  /// The report as indented JSON.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  func json() throws -> String {
    try JSONText.of(self).replacing(MatrixRows.placeholder, with: result.orderParameter.json)
  }
}

/// What a fit has found.
struct FitRecord: Encodable {
  let formulation: Formulation
  let orderParameter: MatrixRows
  @Nullable var action: Double?
  let gradientNorm: Double
  let tolerance: Double
  let gradientRounding: Double
  let orderParameterError: Double
  let iterations: Int
  let evaluations: Int
  let curvatureEvaluations: Int
  let converged: Bool
  @Nullable var logEvidence: Double?
  let train: Report.Train
  @Nullable var test: Report.Test?

  /// - Parameter scaling: of the targets that the network has learnt; errors and evidence are in the units of
  ///   the targets.
  init(_ posterior: Posterior, test: Report.Test?, scaling: TargetScaling?) {
    let convergence = posterior.solution.convergence
    formulation = posterior.solution.formulation
    orderParameter = MatrixRows(matrix: posterior.orderParameter)
    _action = Nullable(posterior.solution.action)
    gradientNorm = convergence.gradientNorm
    tolerance = convergence.tolerance
    gradientRounding = convergence.rounding
    orderParameterError = convergence.orderParameterError
    iterations = convergence.iterations
    evaluations = convergence.evaluations
    curvatureEvaluations = convergence.curvatureEvaluations
    converged = convergence.converged
    _logEvidence = Nullable(posterior.logEvidence(in: scaling))
    train = Report.Train(
      error: posterior.trainingError * (scaling?.squaredScale ?? 1),
      accuracy: Nullable(posterior.trainingAccuracy))
    _test = Nullable(test)
  }
}

/// JSON for people and programs: indented, keys in order.
enum JSONText {
  /// - Throws: `EncodingError` where a number is not finite.
  static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return joiningInnermostArrays(String(decoding: try encoder.encode(value), as: UTF8.self)) + "\n"
  }

  /// Puts every array of plain numbers on one line, so that a matrix reads as rows.
  private static func joiningInnermostArrays(_ json: String) -> String {
    var lines: [String] = []
    // The lines of an array that has only plain values so far.
    var open: [String] = []
    for line in json.split(separator: "\n", omittingEmptySubsequences: true).map(String.init) {
      let content = String(line.drop { $0 == " " })
      if line.hasSuffix("[") {
        lines += open
        open = [line]
      } else if open.isEmpty {
        lines.append(line)
      } else if line.hasSuffix("{") {
        lines += open + [line]
        open = []
      } else if content.hasPrefix("]") {
        lines.append(open[0] + open.dropFirst().joined(separator: " ") + content)
        open = []
      } else {
        open.append(content)
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension Posterior {
  /// The log evidence in the units of the targets.
  func logEvidence(in scaling: TargetScaling?) -> Double? {
    logEvidence.map { $0 + (scaling?.logJacobian(count: training.count) ?? 0) }
  }
}

extension Report.Test {
  /// Scores where targets are known, else the mean variance alone; in the units of the targets, where
  /// prediction and targets are those of the network.
  init(_ prediction: Prediction, targets: Matrix?, classes: [ClassLabel]?, scaling: TargetScaling?) {
    if let targets {
      self.init(
        prediction.scores(targets: targets, isClassification: classes != nil).restored(by: scaling))
    } else {
      self.init(
        count: prediction.count, bias: Nullable(nil),
        variance: prediction.meanVariance * (scaling?.squaredScale ?? 1),
        generalizationError: Nullable(nil), accuracy: Nullable(nil))
    }
  }

  init(_ scores: Scores) {
    self.init(
      count: scores.count, bias: Nullable(scores.bias), variance: scores.variance,
      generalizationError: Nullable(scores.generalizationError), accuracy: Nullable(scores.accuracy))
  }
}

/// An optional that is written as null rather than left out.
@propertyWrapper
struct Nullable<Value: Encodable>: Encodable {
  var wrappedValue: Value?

  init(_ value: Value?) { wrappedValue = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}

/// A matrix as an array of rows, one on a line.
///
/// An encoder would need seconds for a thousand positions, so the text is put in the place of a mark.
struct MatrixRows: Encodable {
  let matrix: Matrix

  fileprivate static let placeholder = "\"<matrix>\""

  /// - Throws: `EncodingError` where an element is not finite.
  func encode(to encoder: any Encoder) throws {
    if let element = matrix.elements.first(where: { !$0.isFinite }) {
      throw EncodingError.invalidValue(
        element, .init(codingPath: encoder.codingPath, debugDescription: "an element is not finite"))
    }
    var container = encoder.singleValueContainer()
    try container.encode("<matrix>")
  }

  fileprivate var json: String {
    let rows = (0..<matrix.rows).map { i in
      // Whole numbers are written as integers, as the encoder does.
      "    ["
        + matrix.row(i).map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }.joined(
          separator: ", ") + "]"
    }
    return "[\n" + rows.joined(separator: ",\n") + "\n  ]"
  }
}
