/// The criterion at one point of a search.
public struct TuningEvaluation: Codable, Equatable, Sendable {
  /// Which part of the search has asked for the point.
  public enum Stage: Codable, Hashable, Sendable {
    /// The search from a start, counted from 0.
    case start(Int)
    /// The profile of a parameter, at one of its points.
    case profile(parameter: Int, point: Int)
  }

  /// Its number, from 0.
  public let index: Int
  /// Which part of the search has asked for it.
  public let stage: Stage
  /// The logarithms of the tuned parameters, in their order.
  public let logarithms: [Double]
  /// The log evidence, or the generalization error; nil where a fit failed.
  public let value: Double?
  /// The derivatives of the value by the logarithms; nil where a fit failed.
  public let gradient: [Double]?
  /// Why a fit failed; nil where none did.
  public let failure: String?
  /// The order parameters of the fits in the solver's coordinates, one for each part, from which neighbours
  /// start; empty where a fit failed.
  public let coordinates: [[[Double]]]

  init(
    index: Int, stage: Stage, logarithms: [Double], value: Double? = nil, gradient: [Double]? = nil,
    failure: String? = nil, coordinates: [[[Double]]] = []
  ) {
    (self.index, self.stage, self.logarithms) = (index, stage, logarithms)
    (self.value, self.gradient, self.failure, self.coordinates) = (value, gradient, failure, coordinates)
  }

  /// The values of the tuned parameters.
  public func values(of parameters: [TunedParameter]) -> [Double] {
    zip(parameters, logarithms).map { $0.value($1) }
  }
}
