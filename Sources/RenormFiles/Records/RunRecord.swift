/// Seconds that the stages of a run took: the key `timing` of a report.
public struct TimingRecord: Codable, Equatable, Sendable {
  /// Reading the files.
  public package(set) var load = 0.0
  /// Computing kernels.
  public package(set) var kernels = 0.0
  /// Solving for the order parameter.
  public package(set) var solve = 0.0
  /// Predicting held-out examples.
  public package(set) var predict = 0.0
  /// Corrections past leading order; the key is left out where there are none.
  public package(set) var nextOrder: Double?
  /// Sampling; the key is left out where nothing was sampled.
  public package(set) var sample: Double?
  /// All of it.
  public package(set) var total = 0.0

  package init() {}
}

/// The memory of a fit: the key `memory` of its report.
public struct MemoryRecord: Codable, Equatable, Sendable {
  /// How kernels were held: `float64`, `float32` or `tiles`; null for a prediction.
  @Nullable public var plan: MemoryPlan.Storage?
  /// What they were estimated to take; null for a prediction.
  @Nullable public var estimatedBytes: Int?
  /// The largest resident memory of the process; null where the system does not tell.
  @Nullable public var peakResidentBytes: Int?

  package init(_ plan: MemoryPlan?, peakResidentBytes: Int?) {
    _plan = Nullable(plan?.storage)
    _estimatedBytes = Nullable(plan?.bytes)
    _peakResidentBytes = Nullable(peakResidentBytes)
  }
}
