internal import Foundation
internal import LinearAlgebra
public import Renorm
public import RenormNextOrder

/// A fitted network on disk: an NPZ archive that `numpy.load` opens, with all that predictions need.
///
/// | array | shape | content |
/// |---|---|---|
/// | `format_version` | () | 1; 2 where a reader of version 1 would predict something else |
/// | `metadata` | bytes | JSON: network, how the order parameter was found, how data were prepared |
/// | `x_train`, `y_train` | P x C x H x W, P x D | standardised inputs, targets |
/// | `order_parameter` | 1 x 1, n x n, D x D, n D x n D, L x L or blocks P_1..P_L | as in the report |
/// | `covariance_weights`, `mean_weights` | flat | blocks of Q or Qbar, and of R, in the solver's coordinates |
/// | `kernel` | P(P+1)/2 | k(X, X), lower triangle by columns: `K[numpy.triu_indices(P)] = kernel`; of
/// order P D, with example mu of output c at mu D + c, where several outputs meet several positions |
/// | `digest` | () | a checksum over the values of the other arrays |
/// | `bank_kernels`, `bank_means` | n x n x P x P or n x P x P, n x P | of supplied kernels: all of them |
public struct ModelFile: Sendable {
  /// The fitted network.
  public let posterior: Posterior
  /// How further data are prepared for it; nil where the network was not fitted from files.
  public let recipe: DataRecipe?
  /// How predictions are corrected past leading order; nil where they are not.
  public let nextOrder: NextOrderSettings?

  /// The newest format that this version reads. Models are written as version 1 or 2 where readers of it
  /// predict the same: version 1 without corrections past leading order, and without parameters of networks that
  /// are younger than it, which they would leave out.
  public static let formatVersion = 3

  private var ownVersion: Int {
    let network = posterior.network
    let isOld =
      nextOrder == nil && network.supplied == nil && !NetworkRecord.hasLaterParameters(network.description)
    // Readers of version 2 would leave the bulk's cumulant out.
    return isOld ? 1 : nextOrder?.bulkDraws == nil ? 2 : Self.formatVersion
  }

  /// A model to be written.
  public init(posterior: Posterior, recipe: DataRecipe?, nextOrder: NextOrderSettings? = nil) {
    self.posterior = posterior
    self.recipe = recipe
    self.nextOrder = nextOrder
  }

  fileprivate struct Metadata: Codable {
    let renormVersion: String
    let network: NetworkDescription
    let image: ImageShape
    let classes: [ClassLabel]?
    let formulation: Formulation
    let action: Double?
    let convergence: Convergence
    let recipe: DataRecipe?
    /// Models of leading order, and of earlier versions, have none.
    let nextOrder: NextOrderSettings?
  }

  /// Writes the model; afterwards the file is complete, or as it was before.
  ///
  /// - Throws: `DataError` where the file cannot be written, `RenormError.invalidParameter` for an
  ///   architecture, activation or readout that is not built in and could not be read again.
  public func write(to path: String) throws {
    if posterior.network.supplied == nil { _ = try Network(posterior.network.description) }
    let training = posterior.training
    let solution = posterior.solution
    let metadata = Metadata(
      renormVersion: RenormVersion.current, network: posterior.network.description, image: training.shape,
      classes: training.classes, formulation: solution.formulation, action: solution.action,
      convergence: solution.convergence, recipe: recipe, nextOrder: nextOrder)
    let json: Data
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      json = try encoder.encode(metadata)
    } catch {
      throw DataError.writingFailed(path: path, reason: "the model contains numbers that are not finite")
    }
    var archive = NPZWriter()
    archive.add("format_version", [ownVersion], shape: [])
    archive.add("metadata", bytes: Array(json), shape: [json.count])
    let shape = training.shape
    archive.add(
      "x_train", training.inputs.elements, shape: [training.count, shape.channels, shape.height, shape.width])
    archive.add("y_train", training.targets)
    archive.add("order_parameter", posterior.orderParameter)
    archive.add("covariance_weights", flat: solution.weights.covariance)
    if let mean = solution.weights.mean { archive.add("mean_weights", flat: mean) }
    archive.add("kernel", posterior.trainingKernel.elements, shape: [posterior.trainingKernel.elements.count])
    if let supplied = posterior.network.supplied { archive.add(supplied) }
    archive.addDigest()
    try archive.write(to: path)
  }

  /// Reads a model.
  ///
  /// - Throws: `DataError` for a file that is missing or damaged, `RenormError.unsupportedModel` for a model of
  ///   a newer format, `.damagedModel` for one whose parts are out of their domain or do not fit together.
  public init(reading path: String, threads: Int? = nil) throws {
    let archive = try NPZArchive.read(path)
    let version = try archive.numbers("format_version").first ?? 0
    guard version >= 1, version <= Double(Self.formatVersion), version == version.rounded() else {
      throw RenormError.unsupportedModel(
        path: path, version: Int(exactly: version).map(String.init) ?? "\(version)", newest: Self.formatVersion)
    }
    do {
      let json = try archive.numbers("metadata").compactMap { UInt8(exactly: $0) }
      let metadata = try JSONDecoder().decode(Metadata.self, from: Data(json))
      let threads = threads ?? Parallel.availableCores
      posterior = try Parallel.withThreads(threads) { try archive.posterior(metadata, threads: threads) }
      recipe = metadata.recipe
      nextOrder = metadata.nextOrder
      try nextOrder?.check(posterior.network, outputs: posterior.training.outputs)
      guard try archive.agreesWithDigest() else {
        throw RenormError.damagedModel(
          path: path,
          reason: "its arrays are not those that were written; fit again instead of changing a model")
      }
    } catch let error as DecodingError {
      throw RenormError.damagedModel(path: path, reason: "its metadata cannot be read: \(error.inOneLine)")
    } catch let error as RenormError {
      if case .damagedModel = error { throw error }
      throw RenormError.damagedModel(path: path, reason: "\(error)")
    }
  }
}

extension NPZWriter {
  fileprivate mutating func add(_ name: String, flat blocks: BlockDiagonal) {
    let elements = blocks.blocks.flatMap(\.elements)
    add(name, elements, shape: [elements.count])
  }
}

extension NPZArchive {
  /// All elements of an array as numbers, in C order.
  fileprivate func numbers(_ name: String) throws(DataError) -> [Double] { try array(name).values() }

  fileprivate func posterior(_ metadata: ModelFile.Metadata, threads: Int) throws -> Posterior {
    let network = try suppliedNetwork(metadata.network) ?? Network(metadata.network)
    let training = try trainingSet(metadata.image, metadata.classes)
    let space = try network.orderParameterSpace(on: training.shape, outputs: training.outputs)
    let (isInfinite, isSaddle) = (metadata.formulation == .infiniteWidth, metadata.formulation == .saddle)
    guard isInfinite == (network.width == .infinite), isSaddle == names.contains("mean_weights") else {
      throw RenormError.damagedModel(path: path, reason: "its weights are not those of its formulation")
    }
    let weights = KernelWeights(
      covariance: try blocks("covariance_weights", space.blockSizes),
      mean: names.contains("mean_weights") ? try blocks("mean_weights", space.blockSizes) : nil)
    let solution = Solution(
      formulation: metadata.formulation, space: space, weights: weights, action: metadata.action,
      priorExcess: try factoring("the order parameter") { () throws(LinearAlgebraError) in
        try network.width.units.map { (_) throws(LinearAlgebraError) in
          try network.priorExcess(weights, space)
        } ?? 0
      }, convergence: metadata.convergence)
    let found = metadata.convergence
    let kernel = try numbers("kernel")
    let errors = [found.gradientNorm, found.rounding, found.orderParameterError, found.roundingError]
    guard found.iterations >= 0, found.evaluations >= 0, found.curvatureEvaluations >= 0,
      errors.allSatisfy({ $0 >= 0 })
    else { throw RenormError.damagedModel(path: path, reason: "its record of the fit is impossible") }
    let order = training.count * space.interleavedOutputs
    guard kernel.count == PackedSymmetric.count(order: order) else {
      throw RenormError.damagedModel(path: path, reason: "its kernel does not belong to its training set")
    }
    guard kernel.allSatisfy(\.isFinite) else {
      throw RenormError.damagedModel(path: path, reason: "its kernel has numbers that are not finite")
    }
    try check(metadata.recipe, training)
    let posterior = try Posterior(
      network: network, training: training, solution: solution,
      trainingKernel: PackedSymmetric(order: order, elements: kernel), threads: threads)
    try checkOrderParameter(posterior.orderParameter)
    try check(kernel, against: posterior.trainingVariances)
    return posterior
  }

  /// Predictions are made of the kernel on the training set and of inputs and weights, so both must agree;
  /// compared on the diagonal.
  private func check(_ kernel: [Double], against variances: [Double]) throws {
    // Kernels may have been held in single precision.
    let tolerance = 1e-5 * variances.reduce(0) { max($0, abs($1)) }
    let agrees = variances.indices.allSatisfy { i in
      abs(kernel[PackedSymmetric.index(i, i, order: variances.count)] - variances[i]) <= tolerance
    }
    guard agrees else {
      throw RenormError.damagedModel(
        path: path, reason: "its kernel does not agree with its inputs and weights")
    }
  }

  /// The order parameter is kept for people; predictions are made of the weights, so both must agree.
  private func checkOrderParameter(_ expected: Matrix) throws {
    let array = try array("order_parameter")
    // Another machine may round a product of matrices differently.
    let tolerance = 1e-9 * expected.elements.reduce(0) { max($0, abs($1)) }
    guard array.shape == [expected.rows, expected.columns], let found = array.matrix(),
      zip(found.elements, expected.elements).allSatisfy({ abs($0 - $1) <= tolerance })
    else {
      throw RenormError.damagedModel(path: path, reason: "its order parameter does not agree with its weights")
    }
  }

  /// Whether data are prepared as the training set was.
  private func check(_ recipe: DataRecipe?, _ training: Dataset) throws {
    let outputs = training.classes.map { $0.count == 2 ? 1 : $0.count } ?? training.outputs
    guard training.classes?.count != 1, outputs == training.outputs,
      recipe.map({
        $0.shape == training.shape && $0.outputs == training.outputs && $0.classes == training.classes
      }) ?? true
    else {
      throw RenormError.damagedModel(path: path, reason: "its classes, outputs or shapes disagree")
    }
  }

  fileprivate func trainingSet(_ image: ImageShape, _ classes: [ClassLabel]?) throws -> Dataset {
    let inputs = try array("x_train")
    let targets = try array("y_train")
    guard inputs.shape.dropFirst() == [image.channels, image.height, image.width],
      inputs.exampleCount == targets.exampleCount,
      targets.shape.count == 2, targets.count > 0
    else { throw RenormError.damagedModel(path: path, reason: "its training arrays have unequal shapes") }
    let count = inputs.exampleCount
    // C order of P x D is column order of D x P.
    let transposed = Matrix(rows: targets.valuesPerExample, columns: count, elements: targets.values())
    let training = Dataset(
      shape: image, inputs: Matrix(rows: image.count, columns: count, elements: inputs.values()),
      targets: transposed.transposed, classes: classes)
    try training.validate()
    return training
  }

  fileprivate func blocks(_ name: String, _ sizes: [Int]) throws -> BlockDiagonal {
    let elements = try numbers(name)
    guard sizes.allSatisfy({ $0 > 0 }), elements.count == sizes.reduce(0, { $0 + $1 * $1 }) else {
      throw RenormError.damagedModel(path: path, reason: "its order parameter has the wrong size")
    }
    guard elements.allSatisfy(\.isFinite) else {
      throw RenormError.damagedModel(path: path, reason: "its order parameter has numbers that are not finite")
    }
    var start = 0
    return BlockDiagonal(
      sizes.map { size in
        defer { start += size * size }
        return Matrix(rows: size, columns: size, elements: Array(elements[start..<start + size * size]))
      })
  }
}
