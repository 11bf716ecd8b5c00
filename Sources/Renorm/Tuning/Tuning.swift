internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The best values of temperature, precisions, length scales and slopes for a training set: those of the
/// largest log evidence, or of the least generalization error on held-out parts of it (docs/theory.md, section
/// 12).
///
///     let tuning = try Tuning(
///       network, [TunedParameter(.temperature, from: 1e-3, to: 1), TunedParameter(.lambda1, from: 0.1, to: 10)])
///     let best = try tuning.run(on: data)
///     let posterior = try best.network.fit(data)
///
/// The search goes in logarithms, from several starts, by quasi-Newton steps (`BoxSearch`). Gradients of the
/// evidence need no further fit (`EvidencePoint`); those of held-out errors are differences of fits. Every fit
/// starts from the order parameter of the one before, on the same kernels where these do not change.
public struct Tuning: Sendable {
  /// The network whose parameters are tuned; its own values are the first start.
  public let network: Network
  /// What is tuned, between which bounds.
  public let parameters: [TunedParameter]
  /// What decides.
  public let criterion: TuningCriterion
  /// How far the search goes.
  public let options: TuningOptions

  /// - Throws: `RenormError.invalidParameter` for a parameter that the network does not have, that is named
  ///   twice, or whose value is not within its bounds, and for options out of their domain, `.unsupported` for
  ///   the
  ///   temperature by the evidence with a likelihood that is not Gaussian.
  public init(
    _ network: Network, _ parameters: [TunedParameter], by criterion: TuningCriterion = .evidence,
    options: TuningOptions = TuningOptions()
  ) throws(RenormError) {
    try options.validate()
    guard !parameters.isEmpty else {
      throw .invalidParameter(
        name: "tuned parameters", value: "none", accepted: network.numbers.map(\.key).joined(separator: ", "))
    }
    if criterion == .evidence, parameters.contains(where: { $0.parameter == .temperature }) {
      // It falls with 1/T whatever the data, as other likelihoods are normalised over labels at T = 1 only.
      try network.requireGaussianNoise("tuning the temperature by the evidence")
    }
    for (k, tuned) in parameters.enumerated() {
      let key = tuned.parameter.key
      if parameters[..<k].contains(where: { $0.parameter == tuned.parameter }) {
        throw .invalidParameter(name: "tuned parameters", value: "\(key) twice", accepted: "each once")
      }
      guard let value = network.number(tuned.parameter) else {
        throw .invalidParameter(
          name: "tuned parameter", value: "'\(key)', which this network does not have",
          accepted: network.numbers.map(\.key).joined(separator: ", "))
      }
      guard tuned.bounds.contains(value) else {
        throw .invalidParameter(
          name: key, value: "\(value)",
          accepted: "the first start, within its range \(tuned.bounds.lowerBound) to \(tuned.bounds.upperBound)"
        )
      }
      _ = try network.with(tuned.parameter, tuned.bounds.lowerBound)
      _ = try network.with(tuned.parameter, tuned.bounds.upperBound)
    }
    (self.network, self.parameters, self.criterion, self.options) = (network, parameters, criterion, options)
  }

  /// Searches.
  ///
  /// - Parameters:
  ///   - known: evaluations of an earlier run of the same tuning on the same data, in their order, which are
  ///     not
  ///     made again; the result is that of an undisturbed run.
  ///   - progress: called as fits go on.
  ///   - evaluated: called with each new evaluation; returns false to stop.
  /// - Throws: `RenormError`: as fits throw, but for fits that fail numerically, which count as points without
  ///   a
  ///   value; `.numericalFailure` where no start has a value.
  public func run(
    on data: Dataset, known: [TuningEvaluation] = [], progress: @escaping (FitEvent) -> Void = { _ in },
    evaluated: @escaping (TuningEvaluation) -> Bool = { _ in true }
  ) throws(RenormError) -> TuningResult {
    let fits = try TuningFits(criterion, data, seed: options.seed, options.fit, progress)
    let path = TuningPath(self, fits, known: known, evaluated)
    var found: [BoxSearch.Outcome] = []
    var ends: [BoxSearch.Outcome?] = []
    for (k, start) in starts.enumerated() where !path.isStopped {
      let best = found.min { $0.point.value < $1.point.value }
      let outcome = try search().minimum(from: start, curvature: best?.curvature, known: found) {
        (x) throws(RenormError) in try path.point(x, .start(k))
      }
      ends.append(outcome)
      if let outcome { found.append(outcome) }
    }
    guard let best = found.min(by: { $0.point.value < $1.point.value }) else {
      if let failure = path.evaluations.compactMap(\.failure).first {
        throw .numericalFailure(
          what: "no start of the tuning has a \(criterion.words); the first: \(failure)",
          advice: "take other bounds or values to start from")
      }
      throw .numericalFailure(
        what: "the tuning was stopped before its first evaluation", advice: "run it again")
    }
    var profiles: [TuningResult.Profile] = []
    if options.profilePoints > 1 {
      for k in parameters.indices { profiles.append(try profile(k, around: best, path)) }
    }
    return try TuningResult(self, best, ends, profiles, path)
  }

  /// A decrease that is not worth a fit: of the log evidence, or of the logarithm of the error. Both are far
  /// below what another training set would change.
  private var tolerance: Double { criterion.isMaximised ? 1e-2 : 1e-5 }
  /// The difference from which optima are told apart by their basins.
  private var margin: Double { criterion.isMaximised ? 10 : 0.03 }

  private func search(holding held: Set<Int> = []) -> BoxSearch {
    BoxSearch(
      bounds: parameters.map(\.logarithms), held: held, tolerance: tolerance,
      margin: margin)
  }

  /// The network's own values, then a Latin hypercube.
  private var starts: [[Double]] {
    let random = RandomGenerator(seed: options.seed, stream: 0)
    let own = parameters.map { log(network.number($0.parameter) ?? $0.bounds.lowerBound) }
    let count = options.starts - 1
    let columns = parameters.map { tuned in
      let range = tuned.logarithms
      return random.permutation(of: count).map { layer in
        range.lowerBound + (Double(layer) + random.uniform()) / Double(count)
          * (range.upperBound - range.lowerBound)
      }
    }
    return [own] + (0..<count).map { k in columns.map { $0[k] } }
  }

  /// The best value where one parameter is held at points of its range, from the optimum outwards.
  private func profile(
    _ k: Int, around best: BoxSearch.Outcome, _ path: TuningPath
  ) throws(RenormError) -> TuningResult.Profile {
    let range = parameters[k].logarithms
    let count = options.profilePoints
    let grid = (0..<count).map { point in
      range.lowerBound + Double(point) / Double(count - 1) * (range.upperBound - range.lowerBound)
    }
    let middle = grid.indices.min { abs(grid[$0] - best.point.x[k]) < abs(grid[$1] - best.point.x[k]) } ?? 0
    var points: [TuningResult.Profile.Point] = []
    for side in [Array(middle..<count), Array((0..<middle).reversed())] {
      var (x, curvature) = (best.point.x, best.curvature)
      for place in side where !path.isStopped {
        x[k] = grid[place]
        let outcome = try search(holding: [k]).minimum(from: x, curvature: curvature) {
          (x) throws(RenormError) in try path.point(x, .profile(parameter: k, point: place))
        }
        guard let outcome else { continue }
        (x, curvature) = (outcome.point.x, outcome.curvature)
        points.append(
          .init(values: zip(parameters, x).map { $0.value($1) }, criterion: path.criterion(of: outcome.point)))
      }
    }
    return .init(
      parameter: parameters[k].parameter, points: points.sorted { $0.values[k] < $1.values[k] })
  }
}
