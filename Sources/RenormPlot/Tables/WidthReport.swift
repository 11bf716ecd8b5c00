internal import RenormFiles

/// Slopes in the width with their predictions, from a report (JSON) of `renorm width measure` or `renorm width
/// table`.
struct WidthReport: Sendable {
  struct Slope: Equatable, Sendable {
    let network: String
    let predicted: Double
    let slope: Double
    /// NaN where not known.
    let standardError: Double
  }

  /// The estimates of one measurement.
  struct Measurement: Sendable {
    let name: String
    let predicted: Double
    let slope: Double?
    let points: [(width: Double, estimate: Double, standardError: Double)]
  }

  let slopes: [Slope]
  /// Nil for a table.
  let measurement: Measurement?

  /// - Throws: `DataError` for a file that is no such report.
  init(path: String) throws(DataError) {
    let file = try RecordReader.read(
      File.self, path: path, accepted: "a report (JSON) of `renorm width measure` or `renorm width table`")
    switch file {
    case .table(let table):
      slopes = table.rows.flatMap { row in
        row.exponent.map { exponent in
          row.recorded.sorted { $0.key < $1.key }.map {
            Slope(network: $0.key, predicted: Double(exponent), slope: $0.value, standardError: .nan)
          }
        } ?? []
      }
      measurement = nil
    case .measured(let measured):
      slopes =
        measured.slope.map {
          [
            Slope(
              network: measured.architecture, predicted: Double(measured.predicted), slope: $0,
              standardError: measured.standardError ?? .nan)
          ]
        } ?? []
      measurement = Measurement(
        name: "\(measured.quantity), \(measured.architecture)", predicted: Double(measured.predicted),
        slope: measured.slope,
        points: measured.estimates.map { (Double($0.width), $0.estimate, $0.standardError ?? .nan) })
    }
  }

  private enum File: Decodable {
    struct Table: Decodable {
      struct Row: Decodable {
        let exponent: Int?
        let recorded: [String: Double]
      }

      let rows: [Row]
    }

    struct Measured: Decodable {
      struct Estimate: Decodable {
        let width: Int
        let estimate: Double
        let standardError: Double?
      }

      let quantity, architecture: String
      let slope, standardError: Double?
      let predicted: Int
      let estimates: [Estimate]
    }

    case table(Table)
    case measured(Measured)

    private enum CodingKeys: String, CodingKey { case rows }

    init(from decoder: any Decoder) throws {
      let isTable = try decoder.container(keyedBy: CodingKeys.self).contains(.rows)
      self = try isTable ? .table(Table(from: decoder)) : .measured(Measured(from: decoder))
    }
  }
}
