internal import Foundation
internal import LinearAlgebra

/// The evaluations of a tuning in their order: made, or taken from an earlier run.
final class TuningPath {
  private(set) var evaluations: [TuningEvaluation] = []
  /// Whether nothing is evaluated any more.
  private(set) var isStopped = false
  /// Whether that is so because the most evaluations are made.
  private(set) var isExhausted = false
  private let tuning: Tuning
  private var fits: TuningFits
  private var known: ArraySlice<TuningEvaluation>
  private let evaluated: (TuningEvaluation) -> Bool
  /// The order parameters of the last fits that converged.
  private var coordinates: [Matrix] = []

  init(
    _ tuning: Tuning, _ fits: TuningFits, known: [TuningEvaluation],
    _ evaluated: @escaping (TuningEvaluation) -> Bool
  ) {
    (self.tuning, self.fits, self.known, self.evaluated) = (tuning, fits, known[...], evaluated)
  }

  /// The function that the search minimises, less the log evidence or the logarithm of the error; nil where a
  /// fit fails, and after the end.
  func point(_ x: [Double], _ stage: TuningEvaluation.Stage) throws(RenormError) -> BoxSearch.Point? {
    if let last = evaluations.last(where: { $0.logarithms == x }) { return point(last) }
    guard !isStopped, evaluations.count < tuning.options.maximumEvaluations else {
      isExhausted = isExhausted || !isStopped
      isStopped = true
      return nil
    }
    let evaluation: TuningEvaluation
    if let first = known.first, first.stage == stage, first.logarithms == x {
      evaluation = first
      known = known.dropFirst()
    } else {
      // What was kept belongs to another search.
      known = []
      evaluation = try self.evaluation(x, stage)
      if !evaluated(evaluation) { isStopped = true }
    }
    evaluations.append(evaluation)
    if !evaluation.coordinates.isEmpty { coordinates = evaluation.coordinates.map(Matrix.init(rowArrays:)) }
    return point(evaluation)
  }

  /// The criterion at a point of the search.
  func criterion(of point: BoxSearch.Point) -> Double {
    tuning.criterion.isMaximised ? -point.value : exp(point.value)
  }

  private func point(_ evaluation: TuningEvaluation) -> BoxSearch.Point? {
    guard let value = evaluation.value, let gradient = evaluation.gradient else { return nil }
    if tuning.criterion.isMaximised {
      return .init(x: evaluation.logarithms, value: -value, gradient: gradient.map { -$0 })
    }
    guard value > 0 else { return nil }
    return .init(x: evaluation.logarithms, value: log(value), gradient: gradient.map { $0 / value })
  }

  private func evaluation(_ x: [Double], _ stage: TuningEvaluation.Stage) throws(RenormError)
    -> TuningEvaluation
  {
    let index = evaluations.count
    do throws(RenormError) {
      let parameters = tuning.parameters.map(\.parameter)
      let own = try fits.value(tuning.network(x), from: coordinates, derivatives: parameters)
      var gradient: [Double] = []
      for (k, derivative) in own.derivatives.enumerated() {
        if let derivative { gradient.append(derivative) } else { gradient.append(try difference(k, x, own)) }
      }
      guard own.value.isFinite, gradient.allSatisfy(\.isFinite) else {
        return TuningEvaluation(index: index, stage: stage, logarithms: x, failure: "the value is not finite")
      }
      return TuningEvaluation(
        index: index, stage: stage, logarithms: x, value: own.value, gradient: gradient,
        coordinates: own.coordinates.map { m in (0..<m.rows).map(m.row) })
    } catch {
      switch error {
      case .numericalFailure, .notFinitePrediction:
        return TuningEvaluation(index: index, stage: stage, logarithms: x, failure: "\(error)")
      default: throw error
      }
    }
  }

  /// The step of differences of fits in a logarithm: their rounding, of 1e-8, is divided by it.
  private static let step = 1e-3

  /// A derivative from a second fit, on the side that is within the bounds.
  private func difference(_ k: Int, _ x: [Double], _ own: TuningFits.Value) throws(RenormError) -> Double {
    var x = x
    let step = x[k] + Self.step > tuning.parameters[k].logarithms.upperBound ? -Self.step : Self.step
    x[k] += step
    let other = try fits.value(tuning.network(x), from: own.coordinates, keepsKernels: false)
    return (other.value - own.value) / step
  }
}

extension Tuning {
  /// The network with the values of these logarithms.
  func network(_ logarithms: [Double]) throws(RenormError) -> Network {
    var network = network
    for (tuned, x) in zip(parameters, logarithms) {
      network = try network.with(tuned.parameter, tuned.value(x))
    }
    return network
  }
}

extension Matrix {
  init(rowArrays rows: [[Double]]) {
    self.init(rows: rows.count, columns: rows.first?.count ?? 0) { rows[$0][$1] }
  }
}
