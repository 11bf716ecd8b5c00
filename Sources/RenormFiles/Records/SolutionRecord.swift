public import Renorm
internal import RenormNextOrder

/// How well an order parameter is determined: keys of a fit's report and of its part of a comparison, and of
/// the record of a sweep's point.
public struct ConvergenceRecord: Codable, Equatable, Sendable {
  /// Norm of the Riemannian gradient at the solution.
  public let gradientNorm: Double
  /// An estimate of the relative error of the order parameter; nil in records of earlier versions.
  public let orderParameterError: Double?
  /// Whether the norm reached the tolerance, or the limit of double precision, and rounding leaves the order
  /// parameter right to 1e-4.
  public let converged: Bool

  package init(_ convergence: Convergence) {
    gradientNorm = convergence.gradientNorm
    orderParameterError = convergence.orderParameterError
    converged = convergence.converged
  }
}

/// What the search for an order parameter has cost: keys of a fit's report and of the record of a sweep's
/// point.
public struct SearchRecord: Codable, Equatable, Sendable {
  /// Steps of the solver.
  public let iterations: Int
  /// Evaluations of the gradient.
  public let evaluations: Int
  /// Evaluations of the curvature, each one to two times as dear.
  public let curvatureEvaluations: Int

  package init(_ convergence: Convergence) {
    iterations = convergence.iterations
    evaluations = convergence.evaluations
    curvatureEvaluations = convergence.curvatureEvaluations
  }
}

/// The order parameter, whoever reports it: Q, Qbar in the formulation `saddle`.
public struct OrderParameterRecord: Codable, Equatable, Sendable {
  /// Rows: 1 x 1 for fc, n x n for lcn and cnn, D x D for several outputs, n D x n D for several at many
  /// positions, diagonal L x L for L hidden layers, in blocks P_1..P_L where these have matrices.
  public let orderParameter: MatrixRows

  /// The D x D average of Q over positions; nil but for several outputs at many positions.
  public let outputAverage: MatrixRows?

  package init(_ orderParameter: Matrix, outputAverage: Matrix? = nil) {
    self.orderParameter = MatrixRows(orderParameter)
    self.outputAverage = outputAverage.map { MatrixRows($0) }
  }
}

/// The order parameters of a deep network (docs/depth.md): keys of a report that networks of one hidden layer
/// do not have.
public struct LayersRecord: Codable, Equatable, Sendable {
  /// q_1..q_L; Qbar_1..Qbar_L in the formulation `saddle`. Where layers have matrices, tr(P~_(l+1)^-1 P_l)/d_l.
  public let orderParameters: [Double]
  /// p_l = q_l .. q_L; where layers have matrices, tr P_l/d_l.
  public let paths: [Double]
  /// P_1..P_L, over outputs or positions; left out where they are numbers.
  public let pathMatrices: [MatrixRows]?
  /// r_1..r_L, the weights of the means; left out for odd activations.
  public let meanWeights: [Double]?

  init(_ layers: LayerParameters, _ corrected: TheoryResult?) {
    orderParameters =
      corrected?.paths == nil ? layers.orderParameters : corrected?.orderParameter.diagonal ?? []
    (paths, meanWeights) = (corrected?.paths ?? layers.paths, layers.meanWeights)
    pathMatrices = layers.matrices.map { $0.map { MatrixRows($0) } }
  }
}

/// The order parameter of a fit, and how it was found. Its keys are keys of the report itself.
public struct SolutionRecord: Codable, Equatable, Sendable {
  /// Which equations the order parameter solves.
  public let formulation: Formulation
  /// Whether s(-h) = -s(h) for the activation, which decides between minimum and saddle at finite width; nil in
  /// reports of earlier versions.
  public let isOdd: Bool?
  /// The order parameter.
  public let orderParameter: Matrix
  /// Those of the layers of a deep network; nil for one hidden layer.
  public let layers: LayersRecord?
  /// The D x D average of the order parameter over positions; nil but for several outputs at many positions.
  public let outputAverage: Matrix?
  /// The minimum of the action per N/2; null at infinite width.
  @Nullable public var action: Double?
  /// The gradient's norm that was asked for; nil in reports of other programs.
  public let tolerance: Double?
  /// What rounding leaves of the gradient's norm; nil in reports of earlier versions.
  public let gradientRounding: Double?
  /// How well it is determined.
  public let convergence: ConvergenceRecord
  /// What the search has cost.
  public let search: SearchRecord
  /// The posterior law of node scales; nil without a node prior.
  public let nodeScales: NodeScalesRecord?
  /// The prior of a correlated readout, and the order parameter in its coordinates; nil for independent
  /// weights.
  public let readoutPrior: ReadoutRecord?

  /// - Parameter corrected: the results past leading order, where the report shows them.
  init(_ posterior: Posterior, _ corrected: TheoryResult? = nil) {
    let solution = posterior.solution
    formulation = solution.formulation
    isOdd = posterior.network.activation.isOdd
    orderParameter = corrected?.orderParameter ?? posterior.orderParameter
    layers = solution.layers.map { LayersRecord($0, corrected) }
    outputAverage =
      solution.space.index == .positionAndOutput ? solution.outputAverage : nil
    _action = Nullable(solution.action)
    tolerance = solution.convergence.tolerance
    gradientRounding = solution.convergence.rounding
    convergence = ConvergenceRecord(solution.convergence)
    search = SearchRecord(solution.convergence)
    nodeScales = (try? posterior.nodeScales()).flatMap { $0.map(NodeScalesRecord.init) }
    readoutPrior = ReadoutRecord(posterior)
  }

  private enum CodingKeys: String, CodingKey {
    case formulation, isOdd = "activationIsOdd", action, tolerance, gradientRounding, nodeScales, readoutPrior
    case orderParameters
  }

  public init(from decoder: any Decoder) throws {
    let order = try OrderParameterRecord(from: decoder)
    (orderParameter, outputAverage) = (order.orderParameter.matrix, order.outputAverage?.matrix)
    convergence = try ConvergenceRecord(from: decoder)
    search = try SearchRecord(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    formulation = try container.decode(Formulation.self, forKey: .formulation)
    layers = container.contains(.orderParameters) ? try LayersRecord(from: decoder) : nil
    isOdd = try container.decodeIfPresent(Bool.self, forKey: .isOdd)
    _action = try container.decode(Nullable<Double>.self, forKey: .action)
    tolerance = try container.decodeIfPresent(Double.self, forKey: .tolerance)
    gradientRounding = try container.decodeIfPresent(Double.self, forKey: .gradientRounding)
    nodeScales = try container.decodeIfPresent(NodeScalesRecord.self, forKey: .nodeScales)
    readoutPrior = try container.decodeIfPresent(ReadoutRecord.self, forKey: .readoutPrior)
  }

  public func encode(to encoder: any Encoder) throws {
    try OrderParameterRecord(orderParameter, outputAverage: outputAverage).encode(to: encoder)
    try layers?.encode(to: encoder)
    try convergence.encode(to: encoder)
    try search.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(formulation, forKey: .formulation)
    try container.encodeIfPresent(isOdd, forKey: .isOdd)
    try container.encode(_action, forKey: .action)
    try container.encodeIfPresent(tolerance, forKey: .tolerance)
    try container.encodeIfPresent(gradientRounding, forKey: .gradientRounding)
    try container.encodeIfPresent(nodeScales, forKey: .nodeScales)
    try container.encodeIfPresent(readoutPrior, forKey: .readoutPrior)
  }
}
