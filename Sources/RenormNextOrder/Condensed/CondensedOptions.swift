internal import LinearAlgebra
internal import RenormKernels

/// How the theory of a condensed neuron is computed.
public struct CondensedOptions: Equatable, Sendable {
  /// The change of the log evidence, of the order parameter (relative), and of the means (in posterior standard
  /// deviations, root mean square over points) by half of the steps in the readout, at which halving ends.
  public var accuracy: Double
  /// Explicit units: 1, or 2 where two condense. The bulk is that of the rest.
  public var neurons: Int
  /// Importance draws of the explicit unit's weights at every readout, which restore what the Gaussian law
  /// loses (some percent of the variance); nil takes the Gaussian law itself. Some thousands; fewer add more
  /// noise than they restore.
  public var draws: Int?
  /// Draws of a hidden unit for the fourth cumulant of the bulk, with which its units are no longer Gaussian;
  /// nil leaves them so. 1e5 or more: fewer add more noise than they remove, and are not added.
  public var bulkDraws: Int?
  /// Random laws from which searches begin at the readout of largest weight, beside annealing.
  public var starts: Int
  /// Seed of the draws and starts.
  public var seed: UInt32
  /// The number of cores; nil takes all.
  public var threads: Int?
  /// Bytes that may be taken; nil takes 70 percent of what is available.
  public var memoryLimit: Int?

  /// Options; the defaults leave an error far below that of the theory.
  public init(
    accuracy: Double = 0.005, neurons: Int = 1, draws: Int? = nil, bulkDraws: Int? = nil, starts: Int = 8,
    seed: UInt32 = 1, threads: Int? = nil, memoryLimit: Int? = nil
  ) {
    self.accuracy = accuracy
    self.neurons = neurons
    self.draws = draws
    self.bulkDraws = bulkDraws
    self.starts = starts
    self.seed = seed
    self.threads = threads
    self.memoryLimit = memoryLimit
  }

  /// The same within other means.
  package func with(threads: Int?, memoryLimit: Int?) -> CondensedOptions {
    var options = self
    (options.threads, options.memoryLimit) = (threads, memoryLimit)
    return options
  }

  var cores: Int { threads ?? Parallel.availableCores }

  package func validate() throws(RenormError) {
    _ = try positive(accuracy, "accuracy")
    if let draws, !(100...1_000_000).contains(draws) {
      throw .invalidParameter(name: "draws", value: "\(draws)", accepted: "100 to 1000000")
    }
    if !(1...2).contains(neurons) {
      throw .invalidParameter(name: "neurons", value: "\(neurons)", accepted: "1 or 2")
    }
    if let bulkDraws, !(1000...100_000_000).contains(bulkDraws) {
      throw .invalidParameter(name: "bulk-draws", value: "\(bulkDraws)", accepted: "1000 to 100000000")
    }
    if neurons > 1, bulkDraws != nil {
      throw .unsupported(what: "the bulk's cumulant beside two explicit neurons", instead: "take one of both")
    }
    if neurons > 1, draws != nil {
      throw .unsupported(what: "importance draws with two explicit neurons", instead: "take one of both")
    }
    if !(0...1000).contains(starts) {
      throw .invalidParameter(name: "starts", value: "\(starts)", accepted: "0 to 1000")
    }
    if let threads, !(1...1024).contains(threads) {
      throw .invalidParameter(name: "threads", value: "\(threads)", accepted: "1 to 1024")
    }
    if let memoryLimit, memoryLimit < 1 {
      throw .invalidParameter(
        name: "memory-limit", value: "\(memoryLimit)", accepted: "a positive number of bytes")
    }
  }
}

extension Network {
  /// Refuses what the theory of a condensed neuron does not cover, before any work.
  ///
  /// - Throws: `RenormError.unsupported` as the next order does, and for other architectures than FC and other
  ///   activations than smooth odd ones.
  package func checkCondensed(
    outputs: Int, _ options: CondensedOptions = CondensedOptions()
  ) throws(RenormError) {
    let (what, neurons) = ("the theory of a condensed neuron", options.neurons)
    guard depth == 1 else {
      throw .unsupported(what: "\(what) with depth \(depth)", instead: "take depth 1")
    }
    guard architecture is FullyConnected else {
      throw .unsupported(what: "\(what) with the architecture '\(architecture.name)'", instead: "take fc")
    }
    guard activation.unitFunction != nil || activation.isLinear else {
      throw .unsupported(
        what: "\(what) with the activation '\(activation.name)'", instead: "take erf, tanh or linear")
    }
    guard options.bulkDraws == nil || !activation.isLinear else {
      throw .unsupported(
        what: "the bulk's cumulant of linear units, which is zero", instead: "leave the draws for it out")
    }
    // The law of a bulk of fewer units is not that of Cramer's theorem: Q is off by .3 at N = 2, .001 at 4.
    let least = activation.isLinear ? 2 : 3 + neurons
    if case .finite(let units) = width, units < least {
      let whose = neurons == 1 ? "" : " and \(neurons) explicit neurons"
      throw .unsupported(
        what: "\(what) at width \(units)\(whose)", instead: "take at least \(least) hidden units")
    }
    try checkNextOrder(outputs: outputs, order: .condensed)
  }
}
