import GSLNumerics
@testable import LinearAlgebra
@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The passes of one evaluation of the effective action of a CNN, called one by one: the only place that
/// needs what is not public (`-enable-testing`).
struct SolverPasses {
  let local: LocalKernels
  let data: Dataset
  let bank: TiledBank
  let term: BankDataTerm<TiledBank>

  init(_ problem: Problem, _ data: Dataset, threads: Int) throws {
    let network = try problem.network()
    let local = try LocalKernels(
      architecture: network.architecture, activation: network.activation, lambda0: network.lambda0,
      image: data.shape, threads: threads)
    let bank = TiledBank(local, data.inputs)
    self.local = local
    self.data = data
    self.bank = bank
    term = BankDataTerm(
      bank: bank, means: nil, targets: data.targets.column(0),
      space: .positions(
        groups: local.pairs.groups, basis: try ReadoutFactor(network.readout, on: local.grid).basis),
      parameters: ActionParameters(
        temperature: problem.temperature, width: Double(problem.width),
        kernelScale: network.kernelScale(local.positions)))
  }

  var positions: Int { local.positions }
  /// n(n+1)/2.
  var pairs: Int { local.pairs.count }
  var patchSize: Int { local.grid.patchSize }
  /// Numbers that the bank stores.
  var elements: Int { bank.layout.count }
  /// Distinct values of the activation kernel.
  var activationValues: Double {
    let order = Double(positions * data.count)
    return order * (order + 1) / 2
  }

  func buildBank() { _ = TiledBank(local, data.inputs) }

  func kernelPass() { _ = bank.weightedSum(term.parameters.kernelScale * .identity(positions)) }

  func gradientPass(_ h: Matrix, _ u: [Double]) { _ = bank.contract(lower: h, outer: u) }

  /// T I + K_R at infinite width.
  func covariance() -> Matrix {
    var a = bank.weightedSum(term.parameters.kernelScale * .identity(positions))
    for i in 0..<a.rows { a[i, i] += term.parameters.temperature }
    return a
  }

  func evaluate() throws -> DataTermValue {
    try term.point(at: term.space.identity).value(mean: nil)
  }

  func invert(_ value: DataTermValue) { _ = (value.factorization?.factor as? Cholesky)?.inverseLowerTriangle() }

  func curvature(at value: DataTermValue) throws {
    _ = try term.curvature(
      at: value, frame: term.space.identity, random: RandomGenerator(seed: 1))
  }
}
