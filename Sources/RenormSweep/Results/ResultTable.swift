internal import Renorm
internal import RenormFiles

/// The results of a sweep as a tidy table: one row for each point, all parameters, all results.
public struct ResultTable: Sendable {
  /// An element of the table.
  public enum Cell: Equatable, Sendable {
    case text(String)
    case number(Double)
    case count(Int)
    case flag(Bool)
    case none
  }

  /// The headings.
  public let columns: [String]
  /// A row for each point, or for each set of repeats.
  public let rows: [[Cell]]

  /// A row for each record.
  public init(_ records: [PointRecord]) {
    let all = [Column.index] + Column.parameters + Column.results + Column.remarks
    columns = all.map(\.name)
    rows = records.map { record in all.map { $0.cell(record) } }
  }

  /// A table of other columns.
  package init(columns: [String], rows: [[Cell]]) {
    self.columns = columns
    self.rows = rows
  }

  /// A column of the table of points.
  struct Column: Sendable {
    let name: String
    let cell: @Sendable (PointRecord) -> Cell

    init(_ name: String, _ cell: @escaping @Sendable (PointRecord) -> Cell) {
      self.name = name
      self.cell = cell
    }

    init(_ column: ResultColumn, _ cell: @escaping @Sendable (PointRecord) -> Cell) {
      self.init(column.rawValue, cell)
    }

    static let index = Column(.index) { .count($0.index) }

    static let shuffleSeed = Column(.shuffleSeed) { Cell($0.parameters.shuffleSeed.map { Int($0) }) }

    /// Of the table of parameters, with the training set between the components of a network and its numbers.
    static let parameters: [Column] = {
      let numbers = Set(Network.numbers)
      return Network.parameters.filter { !numbers.contains($0) }.map(column)
        + [shuffleSeed, Column(.trainCount) { .count($0.parameters.trainCount) }]
        + Network.numbers.flatMap { parameter in
          parameter == .width ? [column(parameter)] + load : [column(parameter)]
        }
    }()

    private static let load = [
      Column(.infiniteWidth) { .flag($0.parameters.network.width == .infinite) },
      Column(.alpha) { .number($0.alpha) },
    ]

    private static func column(_ parameter: NetworkParameter) -> Column {
      Column(parameter.column) { record in Cell(record.parameters.network[parameter]) }
    }

    static let results =
      [
        Column(.trainError) { Cell($0.scored?.trainError) },
        Column(.trainAccuracy) { Cell($0.scored?.trainAccuracy) },
      ]
      + scores([
        .testCount, .generalizationError, .bias, .variance, .accuracy, .nll, .brier, .expectedCalibrationError,
      ]) { $0.scored?.test }
      + scores([
        .validationCount, .validationGeneralizationError, .validationBias, .validationVariance,
        .validationAccuracy, .validationNLL, .validationBrier, .validationExpectedCalibrationError,
      ]) { $0.scored?.validation }
      + [
        Column(.logEvidence) { Cell($0.scored?.logEvidence) },
        Column(.delta) { Cell($0.scored?.nextOrder?.summary?.delta) },
        Column(.sigma) { Cell($0.scored?.nextOrder?.summary?.sigma) },
        Column(.correctedGeneralizationError) { Cell($0.scored?.nextOrder?.test?.generalizationError) },
        Column(.correctedBias) { Cell($0.scored?.nextOrder?.test?.bias) },
        Column(.correctedVariance) { Cell($0.scored?.nextOrder?.test?.variance) },
        Column(.correctedAccuracy) { Cell($0.scored?.nextOrder?.test?.accuracy) },
        Column(.correctedLogEvidence) { Cell($0.scored?.nextOrder?.logEvidence) },
        Column(.action) { Cell($0.solved?.action) },
        // Of the diagonal; the whole matrix is in the point's file.
        Column(.orderParameter) { Cell($0.diagonal.map { $0.reduce(0, +) / Double($0.count) }) },
        Column(.orderParameterMin) { Cell($0.diagonal?.min()) },
        Column(.orderParameterMax) { Cell($0.diagonal?.max()) },
        Column(.gradientNorm) { Cell($0.solved?.convergence.gradientNorm) },
        Column(.orderParameterError) { Cell($0.solved?.convergence.orderParameterError) },
        Column(.iterations) { Cell($0.solved?.search.iterations) },
        Column(.evaluations) { Cell($0.solved?.search.evaluations) },
        Column(.curvatureEvaluations) { Cell($0.solved?.search.curvatureEvaluations) },
      ]

    static let remarks = [
      Column(.trust) { Cell($0.scored?.nextOrder?.summary?.trust?.rawValue) },
      Column(.status) { .text($0.failure == nil ? "ok" : "failed") },
      Column(.converged) { Cell($0.solved?.convergence.converged) },
      Column(.failure) { Cell($0.failure) },
      Column(.warnings) { Cell($0.warnings.isEmpty ? nil : $0.warnings.joined(separator: "; ")) },
    ]

    /// - Parameter columns: count, generalization error, bias, variance, accuracy, -log p, Brier's score,
    ///   calibration
    ///   error.
    private static func scores(
      _ columns: [ResultColumn], _ scores: @escaping @Sendable (PointRecord) -> PointRecord.HeldOutScores?
    ) -> [Column] {
      let cells: [@Sendable (PointRecord.HeldOutScores?) -> Cell] = [
        { Cell($0?.count) }, { Cell($0?.generalizationError) }, { Cell($0?.bias) }, { Cell($0?.variance) },
        { Cell($0?.accuracy) }, { Cell($0?.nll) }, { Cell($0?.brier) }, { Cell($0?.expectedCalibrationError) },
      ]
      return zip(columns, cells).map { column, cell in Column(column) { cell(scores($0)) } }
    }
  }
}

extension ResultTable.Cell {
  init(_ value: ParameterValue?) {
    self =
      switch value {
      case .name(let name): .text(name)
      case .number(let number): .number(number)
      case .count(let count): .count(count)
      case .extent(let extent): .text("\(extent)")
      case .list: .text(value?.text ?? "")
      case .width(let width): width.units.map { .count($0) } ?? .none
      case .padding(let padding): .text("\(padding)")
      case .matrix(let matrix): .text(matrix.source)
      case nil: .none
      }
  }
  init(_ value: Double?) { self = value.map { .number($0) } ?? .none }
  init(_ value: Int?) { self = value.map { .count($0) } ?? .none }
  init(_ value: String?) { self = value.map { .text($0) } ?? .none }
  init(_ value: Bool?) { self = value.map { .flag($0) } ?? .none }

  /// The value as a number, for averages.
  var number: Double? {
    switch self {
    case .number(let value): value
    case .count(let value): Double(value)
    default: nil
    }
  }
}

extension PointRecord {
  /// The diagonal of the order parameter.
  fileprivate var diagonal: [Double]? {
    guard let rows = solved?.orderParameter, !rows.isEmpty else { return nil }
    return rows.indices.map { rows[$0][$0] }
  }
}
