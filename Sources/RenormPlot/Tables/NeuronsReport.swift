internal import Renorm
internal import RenormFiles
internal import RenormNextOrder

/// The laws of readouts in a report (JSON) of `renorm fit`, `renorm compare` or `renorm sample`.
struct NeuronsReport: Sendable {
  let path: String
  let network: NetworkRecord
  /// Of the theory with an explicit neuron; nil in a report without it.
  let theory: ReadoutLaw?
  /// Of sampled networks; nil in a report without them.
  let sampled: ReadoutHistogramRecord?

  static let accepted =
    "a report (JSON) of `renorm compare --order condensed`, `renorm fit --order condensed` or `renorm sample`"

  /// - Throws: `DataError` for a file that is no such report, or has no readouts.
  init(path: String) throws(DataError) {
    let report = try RecordReader.read(Both<NetworkRecord, Keys>.self, path: path, accepted: Self.accepted)
    let keys = report.second
    self.path = path
    network = report.first
    theory = (keys.condensed ?? keys.theory?.condensed)?.law
    sampled = keys.readoutHistogram ?? keys.sampled?.readoutHistogram
    guard theory != nil || sampled != nil else {
      throw .malformed(
        path: path, place: nil,
        reason: "has no laws of readouts, which samples of many units do not keep; accepted is "
          + Self.accepted)
    }
    guard sampled.map(\.isDrawable) ?? true, theory.map(\.isDrawable) ?? true else {
      throw .malformed(path: path, place: nil, reason: "has densities of readouts that are no densities")
    }
  }

  /// The keys of all three kinds of report.
  private struct Keys: Decodable {
    struct Theory: Decodable { let condensed: Neuron? }
    struct Sampled: Decodable { let readoutHistogram: ReadoutHistogramRecord? }
    struct Neuron: Decodable { let law: ReadoutLaw? }

    let condensed: Neuron?
    let theory: Theory?
    let sampled: Sampled?
    let readoutHistogram: ReadoutHistogramRecord?
  }
}

extension ReadoutHistogramRecord {
  fileprivate var isDrawable: Bool {
    width > 0 && width.isFinite && !largest.isEmpty && (others + largest).allSatisfy { $0 >= 0 }
  }
}

extension ReadoutLaw {
  fileprivate var isDrawable: Bool {
    !largest.isEmpty && bulk.count > 1
      && (largest + bulk + (second ?? [])).allSatisfy { $0.density >= 0 && $0.readout >= 0 }
  }
}
