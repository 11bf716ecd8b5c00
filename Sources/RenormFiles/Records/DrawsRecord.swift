/// All draws from a network's posterior, in an NPZ archive that `numpy.load` opens. The axes of every array are
/// chains, draws, and those of the quantity.
///
/// | array | further axes | content |
/// |---|---|---|
/// | `logDensity` | | log p up to a constant |
/// | `weightNorm` | | lambda0 abs(w)^2 per hidden weight |
/// | `trainingLoss` | | mean of (y - f(x))^2 over the training set |
/// | `orderParameter` | n x n, or D x D | lambda1 v v^T / N; NaN where it is not recorded |
/// | `mean` | points, and D for several outputs | f(x) at the held-out examples, or its mean given the hidden
/// weights |
/// | `variance` | points | its variance given the hidden weights; only where the sampler integrates out the
/// readout |
public struct DrawsRecord: Equatable, Sendable {
  /// The draws of one quantity.
  public struct Quantity: Equatable, Sendable {
    /// Length of every axis behind chains and draws; empty for a number.
    public let shape: [Int]
    /// Chain by chain, draw by draw, in C order.
    public let values: [Double]

    package init(shape: [Int] = [], values: [Double]) { (self.shape, self.values) = (shape, values) }
  }

  /// Number of chains.
  public let chains: Int
  /// Number of draws of every chain.
  public let samples: Int
  public let logDensity: Quantity
  public let weightNorm: Quantity
  public let trainingLoss: Quantity
  public let orderParameter: Quantity
  /// Nil without held-out examples.
  public let mean: Quantity?
  public let variance: Quantity?

  package init(
    chains: Int, samples: Int, logDensity: Quantity, weightNorm: Quantity, trainingLoss: Quantity,
    orderParameter: Quantity, mean: Quantity?, variance: Quantity?
  ) {
    (self.chains, self.samples) = (chains, samples)
    self.logDensity = logDensity
    self.weightNorm = weightNorm
    self.trainingLoss = trainingLoss
    self.orderParameter = orderParameter
    (self.mean, self.variance) = (mean, variance)
  }
}

extension DrawsRecord {
  /// Writes the file at once: afterwards it is complete, or as it was before.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws(DataError) {
    var archive = NPZWriter()
    let quantities = [
      ("logDensity", logDensity), ("weightNorm", weightNorm), ("trainingLoss", trainingLoss),
      ("orderParameter", orderParameter), ("mean", mean), ("variance", variance),
    ]
    for case (let name, let quantity?) in quantities {
      archive.add(name, quantity.values, shape: [chains, samples] + quantity.shape)
    }
    try archive.write(to: path)
  }

  /// Reads a file.
  ///
  /// - Throws: `DataError` for a file that cannot be read or lacks an array, `.unusableArray` for one with
  /// other chains
  ///   and draws than the first.
  public init(path: String) throws(DataError) {
    let archive = try NPZArchive.read(path)
    let axes = try archive.array("logDensity").shape
    func quantity(_ name: String, rank: ClosedRange<Int>) throws(DataError) -> Quantity {
      let array = try archive.array(name)
      guard axes.count == 2, array.shape.prefix(2) == axes[...], rank.contains(array.shape.count - 2) else {
        throw .unusableArray(
          path: path, array: name, shape: array.shape, use: "draws",
          accepted: "chains x draws\(rank.upperBound > 0 ? " and the axes of the quantity" : "")")
      }
      return Quantity(shape: Array(array.shape.dropFirst(2)), values: array.values())
    }
    func optional(_ name: String, rank: ClosedRange<Int>) throws(DataError) -> Quantity? {
      archive.names.contains(name) ? try quantity(name, rank: rank) : nil
    }
    self.init(
      chains: axes.first ?? 0, samples: axes.dropFirst().first ?? 0,
      logDensity: try quantity("logDensity", rank: 0...0),
      weightNorm: try quantity("weightNorm", rank: 0...0),
      trainingLoss: try quantity("trainingLoss", rank: 0...0),
      orderParameter: try quantity("orderParameter", rank: 2...2), mean: try optional("mean", rank: 1...2),
      variance: try optional("variance", rank: 1...1))
  }
}
