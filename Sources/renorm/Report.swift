import Foundation
import Renorm
import RenormData

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
    @Nullable var classes: [Int]?
    let selection: DataSelection
    let shape: ImageShape
    let standardization: Standardization
    /// Positions of the held-out examples in their file, from 0, in the order of the predictions.
    @Nullable var testIndices: [Int]?
  }

  let reportVersion = 1
  let version = RenormVersion.current
  let architecture: String
  let activation: String
  @Nullable var width: Int?
  let infiniteWidth: Bool
  let temperature: Double
  let lambda0: Double
  let lambda1: Double
  let readout: String
  @Nullable var lengthScale: Double?
  @Nullable var mask: [Int]?
  @Nullable var stride: [Int]?
  let positions: Int
  let grid: [Int]
  let droppedRows: Int
  let droppedColumns: Int
  let trainCount: Int
  let outputs: Int
  let alpha: Double
  let formulation: Formulation
  let orderParameter: MatrixRows
  @Nullable var action: Double?
  let gradientNorm: Double
  let tolerance: Double
  let gradientRounding: Double
  let iterations: Int
  let evaluations: Int
  let curvatureEvaluations: Int
  let converged: Bool
  @Nullable var logEvidence: Double?
  let train: Train
  @Nullable var test: Test?
  let timing: Timing
  let memory: Memory
  @Nullable var data: DataRecord?
  let warnings: [String]

  init(
    _ posterior: Posterior, recipe: DataRecipe?, sources: [DataSource], test: Test?, testIndices: [Int]?,
    plan: MemoryPlan?, timing: Timing, warnings: [String]
  ) {
    let network = posterior.network.description
    let grid = posterior.grid
    let convergence = posterior.solution.convergence
    architecture = network.architecture
    activation = network.activation
    _width = Nullable(network.width)
    infiniteWidth = network.width == nil
    temperature = network.temperature
    lambda0 = network.lambda0
    lambda1 = network.lambda1
    readout = network.readout
    _lengthScale = Nullable(network.lengthScale)
    _mask = Nullable(network.window.map { [$0.mask.height, $0.mask.width] })
    _stride = Nullable(network.window.map { [$0.stride.height, $0.stride.width] })
    positions = grid.positions
    self.grid = [grid.rows, grid.columns]
    droppedRows = grid.droppedRows
    droppedColumns = grid.droppedColumns
    trainCount = posterior.training.count
    outputs = posterior.training.outputs
    alpha = posterior.load
    formulation = posterior.solution.formulation
    orderParameter = MatrixRows(matrix: posterior.orderParameter)
    _action = Nullable(posterior.solution.action)
    gradientNorm = convergence.gradientNorm
    tolerance = convergence.tolerance
    gradientRounding = convergence.rounding
    iterations = convergence.iterations
    evaluations = convergence.evaluations
    curvatureEvaluations = convergence.curvatureEvaluations
    converged = convergence.converged
    _logEvidence = Nullable(posterior.logEvidence)
    train = Train(error: posterior.trainingError, accuracy: Nullable(posterior.trainingAccuracy))
    _test = Nullable(test)
    self.timing = timing
    memory = Memory(
      plan: Nullable(plan?.storage), estimatedBytes: Nullable(plan?.bytes),
      peakResidentBytes: Nullable(ProcessInfo.processInfo.peakResidentBytes))
    _data = Nullable(
      recipe.map {
        DataRecord(
          sources: sources, classes: Nullable($0.classes), selection: $0.selection, shape: $0.shape,
          standardization: $0.standardization, testIndices: Nullable(testIndices))
      })
    self.warnings = warnings
  }

  /// The report as indented JSON.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  func json() throws -> String {
    try JSONText.of(self).replacing(MatrixRows.placeholder, with: orderParameter.json)
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

extension Report.Test {
  /// Scores where targets are known, else the mean variance alone.
  init(_ prediction: Prediction, targets: Matrix?, classes: [Int]?) {
    if let targets {
      self.init(prediction.scores(targets: targets, isClassification: classes != nil))
    } else {
      self.init(
        count: prediction.count, bias: Nullable(nil), variance: prediction.meanVariance,
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
      "    [" + matrix.row(i).map { $0 == $0.rounded() && abs($0) < 1e15 ? "\(Int($0))" : "\($0)" }.joined(separator: ", ") + "]"
    }
    return "[\n" + rows.joined(separator: ",\n") + "\n  ]"
  }
}
