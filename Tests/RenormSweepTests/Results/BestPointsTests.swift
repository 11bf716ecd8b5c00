import Foundation
import Renorm
import RenormNextOrder
import Testing

@testable import RenormSweep

/// Tables and selection against records made by hand.
@Suite struct BestPointsTests {
  /// A record with a test error and a validation error.
  static func record(
    _ index: Int, _ architecture: String = "fc", width: Int?, temperature: Double = 1, lambda1: Double = 1,
    lambda0: Double = 1, lengthScale: Double? = nil, seed: UInt32? = nil,
    error: Double, validation: Double? = nil, evidence: Double? = nil, failure: String? = nil,
    trust: Trust? = nil
  ) -> PointRecord {
    func scores(_ error: Double) -> PointRecord.HeldOutScores {
      .init(
        count: 10, bias: error / 2, variance: error / 2, generalizationError: error, accuracy: 1 - error,
        nll: 3 * error, brier: 2 * error, expectedCalibrationError: nil)
    }
    var network = NetworkDescription([
      .architecture: .name(architecture), .activation: .name("erf"),
      .width: .width(width.map { .finite($0) } ?? .infinite),
      .temperature: .number(temperature), .lambda0: .number(lambda0), .lambda1: .number(lambda1),
      .nodePrior: .name("none"), .readout: .name(lengthScale == nil ? "independent" : "exponential"),
    ])
    network[.lengthScale] = lengthScale.map { .number($0) }
    let point = SweepPoint(
      index: index, identity: "\(index)",
      parameters: PointParameters(
        network: network,
        trainCount: 20, shuffleSeed: seed))
    return PointRecord(
      point, startedFrom: nil, solved: nil,
      scored: failure == nil
        ? .init(
          logEvidence: evidence, trainError: 0.1, trainAccuracy: 1, test: scores(error),
          validation: validation.map(scores),
          nextOrder: trust.map { trust in
            .init(
              summary: NextOrderSummary(
                order: .next, delta: 1, sigma: 0.1, trust: trust, biasShift: nil, varianceShift: 0,
                evidenceShift: 0, draws: 100, meanDraws: 100, standardErrors: nil, omitted: []),
              logEvidence: -1, test: nil, validation: nil)
          })
        : nil, failure: failure, warnings: [])
  }

  private let records = [
    record(0, width: 10, temperature: 0.1, error: 0.30, validation: 0.1, evidence: -5),
    record(1, width: 10, temperature: 1, error: 0.25, validation: 0.3, evidence: -3),
    record(2, width: 10, temperature: 10, error: 0.40, validation: 0.5, evidence: -4),
    record(3, width: 20, temperature: 1, error: 0.22, validation: 0.2, evidence: -9),
    record(4, width: nil, temperature: 1, error: 0.20, validation: 0.4, evidence: -8),
    record(5, width: nil, temperature: 10, error: 0.10, failure: "did not converge"),
    record(6, "cnn", width: 10, temperature: 1, error: 0.15, validation: 0.4, evidence: -7),
    record(7, "cnn", width: nil, temperature: 1, error: 0.20, validation: 0.5, evidence: -6),
  ]

  @Test func byTestError() throws {
    let best = try #require(BestPoints(records, by: .generalizationError, onValidation: false))
    #expect(best.overall.map(\.record.index) == [6])
    #expect(best.sections.map(\.architecture) == ["fc", "cnn"])
    #expect(best.sections[0].widths.map(\.record.index) == [1, 3, 4])
    #expect(best.sections[0].bestFinite(.generalizationError)?.record.index == 3)
    // The failed point does not count.
    #expect(best.sections[0].infinite?.record.index == 4)
    #expect(best.edges(best.sections[0].widths[0]).isEmpty)
  }

  /// A class of trust takes all repeats of its parameters with it; points without a class stay.
  @Test func byTrust() throws {
    let records = [
      Self.record(0, width: 10, seed: 1, error: 0.1, trust: .sample),
      Self.record(1, width: 10, seed: 2, error: 0.1, trust: .reliable),
      Self.record(2, width: 20, seed: 1, error: 0.2, trust: .check),
      Self.record(3, width: 20, seed: 2, error: 0.2, trust: .reliable),
      Self.record(4, width: nil, seed: 1, error: 0.3), Self.record(5, width: nil, seed: 2, error: 0.3),
    ]
    func best(_ excluded: Set<Trust>) -> Width? {
      BestPoints(records, by: .generalizationError, onValidation: false, excluding: excluded)?
        .overall.first?.record.parameters.network.width
    }
    #expect(best([]) == .finite(10))
    #expect(best([.sample]) == .finite(20))
    #expect(best([.sample, .check]) == .infinite)
  }

  /// Differences count beyond twice their error over repeats of the same training sets: the spread between
  /// training sets does not hide one, and one repeat shows none.
  @Test(arguments: [
    ([0.30, 0.50, 0.70], [0.29, 0.49, 0.691], PairedDifference.Verdict.worse),
    ([0.29, 0.49, 0.691], [0.30, 0.50, 0.70], .better), ([0.3, 0.5, 0.7], [0.31, 0.49, 0.71], .same),
    ([0.3, 0.5], [0.3, 0.5], .same), ([0.3], [0.2], .unknown),
  ])
  func pairedDifferences(finite: [Double], infinite: [Double], verdict: PairedDifference.Verdict) throws {
    let records = [(10, finite), (nil, infinite)].flatMap { (width: Int?, errors: [Double]) in
      errors.enumerated().map { Self.record($0, width: width, seed: UInt32($0), error: $1) }
    }
    let section = try #require(
      BestPoints(records, by: .generalizationError, onValidation: false)?.sections.first)
    let (a, b) = (try #require(section.bestFinite(.generalizationError)), try #require(section.infinite))
    let difference = try #require(a.difference(to: b, .generalizationError))
    #expect(difference.verdict == verdict && difference.repeats == finite.count)
  }

  @Test func byValidationError() throws {
    let best = try #require(BestPoints(records, by: .generalizationError, onValidation: true))
    #expect(best.overall.map(\.record.index) == [0])
    #expect(best.overall[0].testValue == 0.30 && best.overall[0].value == 0.1)
    #expect(best.edges(best.overall[0]) == [.temperature])
  }

  @Test func byEvidenceAndAccuracy() throws {
    #expect(BestPoints(records, by: .evidence, onValidation: false)?.overall.map(\.record.index) == [1])
    #expect(BestPoints(records, by: .accuracy, onValidation: false)?.overall.map(\.record.index) == [6])
    let none = [Self.record(0, width: 3, error: 1)]
    #expect(BestPoints(none, by: .evidence, onValidation: false) == nil)
    #expect(BestPoints(none, by: .generalizationError, onValidation: true) == nil)
  }

  /// An average of fewer repeats is not compared with those of more: the rest may have been the easier ones.
  @Test func repeatsThatFailed() throws {
    let records = [
      Self.record(0, width: 10, temperature: 1, seed: 1, error: 0.1),
      Self.record(1, width: 10, temperature: 1, seed: 2, error: 0.9, failure: "no"),
      Self.record(2, width: 10, temperature: 2, seed: 1, error: 0.2),
      Self.record(3, width: 10, temperature: 2, seed: 2, error: 0.6),
      Self.record(4, width: 20, temperature: 1, seed: 1, error: 0.15),
      Self.record(5, width: nil, temperature: 1, seed: 2, error: 0.5),
    ]
    let best = try #require(BestPoints(records, by: .generalizationError, onValidation: false))
    #expect(best.overall.map(\.record.index) == [2] && best.overall.map(\.repeats) == [2])
    #expect(best.sections[0].widths.map(\.record.index) == [2, 4, 5])
    #expect(best.sections[0].widths.map(\.repeats) == [2, 1, 1])
    #expect(best.sections[0].bestFinite(.generalizationError)?.record.index == 2)
    let accuracy = try #require(BestPoints(records, by: .accuracy, onValidation: false))
    #expect(accuracy.overall.map(\.record.index) == [2])
  }

  @Test func edgesOfAllContinuousParameters() throws {
    let records = [
      Self.record(0, width: 10, lambda0: 0.5, lengthScale: 1, error: 0.2),
      Self.record(1, width: 10, lambda0: 1, lengthScale: 2, error: 0.3),
      Self.record(2, width: 10, lambda0: 2, lengthScale: 3, error: 0.4),
      // Another width has a range of its own.
      Self.record(3, width: 20, lambda0: 0.1, error: 0.1),
    ]
    let best = try #require(BestPoints(records, by: .generalizationError, onValidation: false))
    let widths = best.sections[0].widths
    #expect(best.edges(widths[0]) == [.lengthScale, .lambda0] && best.edges(widths[1]).isEmpty)
  }

  /// Repeats count as one candidate with the mean of its values.
  @Test func repeats() throws {
    let records = [
      Self.record(0, width: 10, temperature: 1, seed: 1, error: 0.1),
      Self.record(1, width: 10, temperature: 1, seed: 2, error: 0.5),
      Self.record(2, width: 10, temperature: 2, seed: 1, error: 0.2),
      Self.record(3, width: 10, temperature: 2, seed: 2, error: 0.3),
    ]
    let best = try #require(BestPoints(records, by: .generalizationError, onValidation: false))
    #expect(best.overall[0].record.parameters.network.temperature == 2)
    #expect(abs(best.overall[0].value - 0.25) < 1e-15)
    #expect(abs((best.overall[0].error ?? 0) - 0.05) < 1e-15)

    let table = ResultTable.aggregated(
      records + [Self.record(4, width: 10, temperature: 2, seed: 3, error: 9, failure: "no")])
    #expect(table.rows.count == 2)
    func cell(_ row: Int, _ column: String) -> ResultTable.Cell? {
      table.columns.firstIndex(of: column).map { table.rows[row][$0] }
    }
    #expect(
      cell(0, "repeats") == .count(2) && cell(1, "repeats") == .count(2) && cell(1, "failed") == .count(1))
    #expect(abs((cell(0, "generalizationError")?.number ?? 0) - 0.3) < 1e-15)
    #expect(abs((cell(0, "generalizationErrorError")?.number ?? 0) - 0.2) < 1e-15)
    #expect(cell(0, "trainErrorError") == .number(0))
    #expect(!table.columns.contains("shuffleSeed"))
  }

  @Test func text() throws {
    let table = ResultTable([
      Self.record(0, width: nil, error: 0.5), Self.record(1, width: 3, error: 1, failure: "a, \"b\""),
    ])
    let lines = table.csv.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count == 4 && lines[3] == "")
    let names = lines[0].split(separator: ",").map(String.init)
    let cells = lines[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    #expect(names.prefix(2) == ["index", "architecture"] && cells.count >= names.count)
    for (name, value) in [
      ("index", "0"), ("architecture", "fc"), ("activation", "erf"), ("mask", ""), ("readout", "independent"),
      ("nodePrior", "none"), ("nodeParameter", ""), ("widths", ""), ("shuffleSeed", ""), ("trainCount", "20"),
      ("width", ""), ("infiniteWidth", "true"), ("alpha", "0.0"), ("temperature", "1.0"), ("lambda1", "1.0"),
    ] {
      let place = try #require(names.firstIndex(of: name))
      #expect(cells[place] == value, "\(name)")
    }
    #expect(lines[2].hasSuffix(",failed,,\"a, \"\"b\"\"\","))
    let json = try JSONSerialization.jsonObject(
      with: Data(ResultTable.json([Self.record(1, width: 3, error: 1, failure: "\"x\"\\\n")]).utf8))
    let row = try #require((json as? [[String: Any]])?.first)
    #expect(row["failure"] as? String == "\"x\"\\\n" && row["width"] as? Int == 3 && row["bias"] is NSNull)
    #expect(row["orderParameterMatrix"] is NSNull)
  }
}
