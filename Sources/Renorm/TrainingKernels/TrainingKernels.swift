internal import LinearAlgebra

/// The kernels of a training set in the form in which a fit holds them: what the action, held-out kernels and
/// the regression are made from.
///
/// A form is one conforming type: one averaged kernel at infinite width, one reduced kernel (FC, mean pooling),
/// a bank of kernels over positions, kernels that a caller supplies.
protocol TrainingKernels: Sendable {
  /// The space of the order parameter.
  var space: OrderParameterSpace { get }

  /// The space at infinite width, where nothing is renormalized.
  var infiniteWidthSpace: OrderParameterSpace { get }

  /// The same kernels under another prior over positions, whose space is given; nil where they were summed over
  /// positions already.
  func reading(_ space: OrderParameterSpace) -> (any TrainingKernels)?

  /// The data term of the action on these kernels.
  ///
  /// - Throws: `RenormError.unsupported` where the form serves infinite width only.
  func dataTerm(_ network: Network, _ parameters: ActionParameters) throws(RenormError) -> any DataTerm

  /// What of log det A and y^T A^-1 y the data term leaves out at temperature T: constants of the examples
  /// outside the range of the kernels.
  func outside(_ temperature: Double) -> OutsideRange

  /// k(X, X), over the examples of the range, of the kernel that a solution implies: of K_R, or over outputs of
  /// the kernel that Q multiplies.
  ///
  /// - Parameter scale: 1/(lambda1 n).
  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric

  /// The relative error of an element of `trainingKernel`; nil where elements are in double precision.
  var storedRounding: Double? { get }

  /// Prepares held-out points, the columns of `inputs`.
  ///
  /// - Parameter bytes: what kernels between training set and points may take.
  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels

  /// Determines the order parameter of a network on these kernels.
  ///
  /// - Parameters:
  ///   - parameters: temperature, width and scale of the kernel; nil at infinite width.
  ///   - start: an order parameter near the solution, in coordinates.
  /// - Throws: `RenormError.unsupported` for a width that the form does not serve, `.numericalFailure` where a
  ///   factorisation fails.
  func solve(
    _ network: Network, _ parameters: ActionParameters?, _ options: SolverOptions, from start: BlockDiagonal?,
    _ progress: @escaping SolverProgress
  ) throws(RenormError) -> SolvedAction

  /// S and dS/dQ at an order parameter, in coordinates.
  func action(
    _ network: Network, _ parameters: ActionParameters, at q: BlockDiagonal
  ) throws(RenormError) -> (value: Double, gradient: BlockDiagonal)

  /// The regression of the kernel that a solution implies, for points of `heldOut`, where the form gives one
  /// without a new factorisation; nil where k(X, X) has to be factored.
  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)?
}

extension TrainingKernels {
  var storedRounding: Double? { nil }
}

/// A solution, and the data term there.
struct SolvedAction: Sendable {
  let solution: Solution
  /// nil at infinite width.
  let value: DataTermValue?
}

extension TrainingKernels {
  var infiniteWidthSpace: OrderParameterSpace { space }

  func reading(_ space: OrderParameterSpace) -> (any TrainingKernels)? { nil }

  func solve(
    _ network: Network, _ parameters: ActionParameters?, _ options: SolverOptions, from start: BlockDiagonal?,
    _ progress: @escaping SolverProgress
  ) throws(RenormError) -> SolvedAction {
    guard let parameters else {
      return SolvedAction(
        solution: .infiniteWidth(infiniteWidthSpace, tolerance: options.tolerance), value: nil)
    }
    return try solve(
      network, dataTerm(network, parameters), network.priorTerm(units: parameters.width), options, from: start,
      progress)
  }

  /// Minimises an action, and turns failures into the user's terms.
  private func solve(
    _ network: Network, _ term: some DataTerm, _ prior: any PriorTerm, _ options: SolverOptions,
    from start: BlockDiagonal?,
    _ progress: @escaping SolverProgress
  ) throws(RenormError) -> SolvedAction {
    let parameters = term.parameters
    var limited = options
    // A single unit need not have a saddle, and a search for one that does not exist has no end.
    let isSingleUnit = term.hasMeans && parameters.width < 2
    if isSingleUnit { limited.maximumIterations = min(options.maximumIterations, singleUnitIterations) }
    let noSaddle = RenormError.numericalFailure(
      what: "the saddle equations have no admissible solution at N = 1", advice: "take a width of at least 2")
    let (solution, value): (Solution, DataTermValue)
    do {
      (solution, value) = try ConeMinimizer(options: limited).solve(
        EffectiveAction(prior: prior, data: term), from: start, progress)
    } catch .notPositiveDefinite where isSingleUnit {
      throw noSaddle
    } catch {
      throw .factorization(of: "T I + K_R", error)
    }
    let failure = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try prior.failure(at: solution.weights)
    }
    if let failure {
      throw .numericalFailure(
        what: failure, advice: "take a larger width or a smaller lambda1")
    }
    if isSingleUnit, !solution.convergence.reachedTolerance, limited != options { throw noSaddle }
    return SolvedAction(
      solution: solution.adding(
        toAction: outside(parameters.temperature).action(parameters.width)
          + space.commonAction(widthRatios: network.widthRatios)),
      value: value)
  }

  func action(
    _ network: Network, _ parameters: ActionParameters, at q: BlockDiagonal
  ) throws(RenormError) -> (value: Double, gradient: BlockDiagonal) {
    let prior = network.priorTerm(units: parameters.width)
    func evaluate(
      _ term: some DataTerm
    ) throws(LinearAlgebraError) -> (value: Double, gradient: BlockDiagonal) {
      try EffectiveAction(prior: prior, data: term).evaluate(at: q)
    }
    let term = try dataTerm(network, parameters)
    let (value, gradient) = try factoring("T I + K_R or the order parameter") { () throws(LinearAlgebraError) in
      try evaluate(term)
    }
    let constant =
      outside(parameters.temperature).action(parameters.width)
      + space.commonAction(widthRatios: network.widthRatios)
    return (value + constant, gradient)
  }
}

/// Steps after which the search for the saddle of a single unit is given up: several times the 4 to 15
/// evaluations of a fit. At N = 1 the maximum over the conjugate need not exist (docs/theory.md, section 4).
private let singleUnitIterations = 40

extension OutsideRange {
  /// Their part (1/N) [ log det + quadratic form ] of the action of a network of width N, per N/2.
  func action(_ width: Double) -> Double { (logDeterminant + quadraticForm) / width }
}
