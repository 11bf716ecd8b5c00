internal import Renorm
internal import RenormFiles

/// What is lost when units of a network are dropped, from a report (JSON) of `renorm mogp prune`, or of `renorm
/// sample` or `renorm compare` with `--kept`.
struct PruningReport: Sendable {
  enum Axis: Equatable, Sendable {
    /// Dropped are variances up to eps.
    case threshold
    /// A part of the units is kept.
    case kept
  }

  struct Point: Equatable, Sendable {
    let x: Double
    let sampled: Double
    /// NaN where not known.
    let standardError: Double
    let theory: Double?
  }

  let name: GnuplotText
  let axis: Axis
  /// Whether losses are divided by the variance of the output.
  let isRelative: Bool
  /// Whether losses are errors on held-out examples.
  let isError: Bool
  let points: [Point]
  /// Of log loss against log eps, sampled and in theory.
  let slopes: (sampled: Double, theory: Double?)?

  /// One for every point of `renorm mogp prune` with lists of values, else a single one.
  ///
  /// - Throws: `DataError` for a file that is no such report.
  static func read(path: String) throws(DataError) -> [PruningReport] {
    let accepted =
      "a report (JSON) of `renorm mogp prune`, or of `renorm sample` or `renorm compare` with --kept"
    let file = try RecordReader.read(File.self, path: path, accepted: accepted)
    if !file.priors.isEmpty {
      // Names of points have what varies between them: all of it would not fit.
      let names = Set(file.priors.flatMap(\.numbers.keys)).filter { name in
        file.priors.count == 1 ? name != "p" : Set(file.priors.map { $0.numbers[name] }).count > 1
      }
      return file.priors.map { PruningReport($0, naming: names) }
    }
    let sampled = file.network?.sampled?.pruning ?? file.network?.pruning?.filter { $0.error != nil }
    guard let sampled else {
      throw .malformed(
        path: path, place: nil, reason: "has no errors of pruned networks; accepted is \(accepted)")
    }
    let record = try RecordReader.read(NetworkRecord.self, path: path, accepted: accepted)
    return [PruningReport(record, sampled, theory: file.network?.pruning ?? [])]
  }

  private init(_ network: NetworkRecord, _ sampled: [File.Kept], theory: [File.Kept]) {
    name = Self.name(network)
    axis = .kept
    isRelative = false
    isError = true
    slopes = nil
    points = sampled.compactMap { row in
      guard let error = row.error, let mean = error.mean else { return nil }
      return Point(
        x: row.kept, sampled: mean, standardError: error.standardError ?? .nan,
        theory: theory.first { $0.kept == row.kept }?.theory)
    }
  }

  /// - Parameter names: the parameters in the name of the curve.
  private init(_ prior: File.Prior, naming names: Set<String>) {
    let parameters = prior.numbers.filter { names.contains($0.key) }.sorted { $0.key < $1.key }
    name = GnuplotText(
      markup: ([GnuplotText.plain(prior.law).markup]
        + parameters.map { "\(GnuplotText.plain($0.key).markup) \(shortNumber($0.value))" })
        .joined(separator: " "))
    axis = prior.errors.contains { $0.eps != nil } ? .threshold : .kept
    isRelative = prior.errors.allSatisfy { $0.relativeSampled != nil }
    isError = false
    slopes = prior.slope.map { ($0, prior.predictedSlope) }
    let isRelative = isRelative
    points = prior.errors.compactMap { row in
      guard let x = row.eps ?? row.kappa.map({ 1 - $0 }) else { return nil }
      let unit = isRelative && row.sampled != 0 ? (row.relativeSampled ?? 1) / row.sampled : 1
      return Point(
        x: x, sampled: row.sampled * unit, standardError: (row.standardError ?? .nan) * unit,
        theory: isRelative ? row.relativeTheory : row.theory)
    }
  }

  /// The node prior, or Gaussian.
  private static func name(_ record: NetworkRecord) -> GnuplotText {
    guard let prior = record.parameters[.nodePrior]?.name, prior != "none" else { return "Gaussian" }
    let parameter = record.parameters[.nodeParameter]?.number.map { " \(shortNumber($0))" } ?? ""
    return .plain(prior) + GnuplotText(markup: parameter)
  }

  /// The keys of either kind of report.
  private struct File: Decodable {
    struct Prior: Decodable {
      struct Loss: Decodable {
        let eps, kappa, theory, standardError, relativeTheory, relativeSampled: Double?
        let sampled: Double
      }

      let law: String
      let p: Double?
      let parameters: [String: Double]?
      let errors: [Loss]
      let slope, predictedSlope: Double?

      /// Parameters of the law, and the width p.
      var numbers: [String: Double] {
        (parameters ?? [:]).merging(p.map { ["p": $0] } ?? [:]) { $1 }
      }
    }

    struct Kept: Decodable {
      let kept: Double
      let error: EstimateRecord?
      let theory: Double?
    }

    struct Sampled: Decodable { let pruning: [Kept]? }

    struct Pruned: Decodable {
      let pruning: [Kept]?
      let sampled: Sampled?
    }

    let priors: [Prior]
    let network: Pruned?

    private enum CodingKeys: String, CodingKey { case law, points, architecture }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      priors =
        container.contains(.law)
        ? [try Prior(from: decoder)] : try container.decodeIfPresent([Prior].self, forKey: .points) ?? []
      network = container.contains(.architecture) ? try Pruned(from: decoder) : nil
    }
  }
}
