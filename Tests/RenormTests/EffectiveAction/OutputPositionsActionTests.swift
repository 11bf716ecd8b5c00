import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// The action over positions and outputs (docs/theory.md, section 5) against loops, differences and identities.
@Suite struct OutputPositionsActionTests {
  private struct Setting {
    var problem: RandomProblem
    let term: BankDataTerm<OutputBank>
    let generator: RandomGenerator

    init(_ seed: UInt32, outputs: Int? = nil, activation: NaiveNetwork.Activation? = nil, largestCount: Int = 6)
      throws
    {
      generator = RandomGenerator(seed: seed)
      problem = RandomProblem(
        generator, kind: [.locallyConnected, .convolutional][Int(seed % 2)], activation: activation,
        outputs: outputs ?? 2 + generator.integer(below: 2), largestCount: largestCount)
      if problem.naive.kind == .convolutional, seed % 3 == 0 {
        problem.readout =
          [try ExponentialReadout(lengthScale: 1.3), try Matern32Readout(lengthScale: 0.8)][Int(seed / 3 % 2)]
      }
      let local = try problem.local()
      let readout = try ReadoutFactor(problem.readout, on: local.grid)
      let count = problem.targets.columns
      term = BankDataTerm(
        bank: OutputBank(TiledBank(local, problem.inputs, form: .ordered), outputs: count),
        means: problem.naive.activation == .relu ? local.means(problem.inputs).spread(over: count) : nil,
        targets: problem.targets.interleaved,
        space: .positions(groups: local.pairs.groups, basis: readout.basis, outputs: count),
        parameters: ActionParameters(
          temperature: problem.naive.temperature, width: Double(problem.width),
          kernelScale: 1 / (problem.naive.lambda1 * Double(local.positions))))
    }

    func draw(_ make: (Int) -> Matrix) -> BlockDiagonal { BlockDiagonal(term.space.blockSizes.map(make)) }
  }

  @Test(arguments: UInt32(1)...40) func valueAndGradients(seed: UInt32) throws {
    let setting = try Setting(seed)
    let (problem, term, generator) = (setting.problem, setting.term, setting.generator)
    let w = setting.draw { Matrix.randomPositiveDefinite($0, generator) }
    let r = setting.draw { Matrix.randomPositiveDefinite($0, generator) }
    let naive = problem.trainingKernels
    let space = term.space
    let reference = { (w: BlockDiagonal, r: BlockDiagonal) in
      naive.dataTerm(space.matrix(w.dense), space.matrix(r.dense), targets: problem.targets)
        / Double(problem.width)
    }
    let value = try term.point(at: w).value(mean: term.hasMeans ? r : nil)
    expectClose(value.value, reference(w, r), relative: 1e-10, absolute: 1e-10, "\(problem)")
    let direction = setting.draw { Matrix.randomSymmetric($0, generator) }
    // Fourth-order differences on the scale of W, as for one output.
    let along = Naive.derivative(step: 1e-4) { reference(w + $0 * direction, r) }
    let size = value.covarianceGradient.norm * direction.norm
    expectClose(
      value.covarianceGradient.innerProduct(direction), along, relative: 1e-7, absolute: 1e-7 * size,
      "\(problem)")
    guard let gradient = value.meanGradient else { return #expect(!term.hasMeans) }
    let alongMean = Naive.derivative(step: 1e-4) { reference(w, r + $0 * direction) }
    expectClose(
      gradient.innerProduct(direction), alongMean, relative: 1e-7,
      absolute: 1e-7 * gradient.norm * direction.norm + 1e-9, "\(problem)")
  }

  /// <X, (Y - E) X> is the second derivative of the data part along Q = L (1 + t X) L^T; with at most seven
  /// rows the probes of E are exact.
  @Test(arguments: UInt32(1)...30) func curvature(seed: UInt32) throws {
    let setting = try Setting(
      seed, outputs: 2, activation: [.erf, .sine, .linear][Int(seed % 3)], largestCount: 3)
    let (problem, term, generator) = (setting.problem, setting.term, setting.generator)
    let frame = setting.draw { Matrix.randomPositiveDefinite($0, generator) }
    let step = setting.draw { Matrix.randomSymmetric($0, generator) }
    let moved = { (t: Double) in
      frame.combined(with: step) { l, x in
        (l * (.identity(l.rows) + t * x) * l.asTranspose).symmetricPart
      }
    }
    let value = try term.point(at: moved(0)).value(mean: nil)
    let curvature = try #require(
      try term.curvature(at: value, frame: frame, random: RandomGenerator(seed: 1)))
    let x = step.coordinates
    let found = dot(x, curvature.target(x)) - dot(x, curvature.inverse(x))
    let size = dot(x, curvature.target(x)) + dot(x, curvature.inverse(x))
    let slope = { (t: Double) throws in
      let gradient = try term.point(at: moved(t)).value(mean: nil).covarianceGradient
      return gradient.congruence(by: frame).innerProduct(step)
    }
    let h = 1e-3
    let (a, b, c, d) = (try slope(h), try slope(-h), try slope(2 * h), try slope(-2 * h))
    // Fourth order in h; at T = 0.001 higher derivatives grow as powers of K_R/A, which is below 1.
    expectClose(found, (8 * (a - b) - (c - d)) / (12 * h), relative: 1e-6, absolute: 1e-6 * size, "\(problem)")
  }

  /// One output is the bank of positions, one position the one kernel.
  @Test(arguments: UInt32(1)...20) func specialCases(seed: UInt32) throws {
    let setting = try Setting(seed, outputs: 1)
    let (problem, term) = (setting.problem, setting.term)
    let local = try problem.local()
    let one = BankDataTerm(
      bank: TiledBank(local, problem.inputs), means: term.means, targets: problem.targets.column(0),
      space: .positions(groups: local.pairs.groups, basis: term.space.basis), parameters: term.parameters)
    let w = setting.draw { Matrix.randomPositiveDefinite($0, setting.generator) }
    let mean = term.hasMeans ? w : nil
    let (a, b) = (try term.point(at: w).value(mean: mean), try one.point(at: w).value(mean: mean))
    expectClose(a.value, b.value, relative: 1e-12, absolute: 1e-12)
    expectClose(
      a.covarianceGradient.dense, b.covarianceGradient.dense, relative: 1e-9,
      absolute: 1e-9 * b.covarianceGradient.norm)
  }

  @Test(arguments: UInt32(1)...20) func onePosition(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, activation: [.erf, .linear, .sine][Int(seed % 3)], outputs: 3)
    let local = try problem.local()
    let parameters = ActionParameters(
      temperature: problem.naive.temperature, width: Double(problem.width),
      kernelScale: 1 / problem.naive.lambda1)
    let term = BankDataTerm(
      bank: OutputBank(TiledBank(local, problem.inputs, form: .ordered), outputs: 3), means: nil,
      targets: problem.targets.interleaved, space: .positions(groups: [0..<1], basis: nil, outputs: 3),
      parameters: parameters)
    let solved = try ConeMinimizer(options: SolverOptions(tolerance: 1e-9, maximumIterations: 200)).solve(
      EffectiveAction(prior: GaussianLayer(), data: term)
    ).solution
    let posterior = try problem.fit(options: FitOptions(tolerance: 1e-9))
    expectClose(solved.orderParameter, posterior.orderParameter, relative: 1e-7, absolute: 1e-7, "\(problem)")
    expectClose(
      try #require(solved.action), try #require(posterior.solution.action), relative: 1e-9, absolute: 1e-9)
    #expect(solved.outputAverage == solved.orderParameter)
  }
}
