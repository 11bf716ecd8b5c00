import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormFiles
import TestSupport
import Testing

@testable import RenormAction

/// Priors of node scales against adaptive quadrature, differences, and the Gaussian layer.
@Suite struct NodeScalesTests {
  /// Densities of tau, with the same normalisation as the priors that are chosen by name.
  private static let laws: [(any NodePrior, @Sendable (Double) -> Double)] = {
    func gamma(_ shape: Double) -> @Sendable (Double) -> Double {
      { shape * pow(shape * $0, shape - 1) * exp(-shape * $0) / tgamma(shape) }
    }
    func inverseGamma(_ shape: Double, _ scale: Double) -> @Sendable (Double) -> Double {
      { $0 > 0 ? pow(scale, shape) / tgamma(shape) * pow($0, -shape - 1) * exp(-scale / $0) : 0 }
    }
    func horseshoe(_ scale: Double) -> @Sendable (Double) -> Double {
      { 1 / (.pi * scale * $0.squareRoot() * (1 + $0 / (scale * scale))) }
    }
    do {
      return [
        (try GammaNodePrior(shape: 2), gamma(2)), (try GammaNodePrior(shape: 0.5), gamma(0.5)),
        (try InverseGammaNodePrior(shape: 3), inverseGamma(3, 2)),
        (try InverseGammaNodePrior(shape: 0.7), inverseGamma(0.7, 0.7)),
        (try HorseshoeNodePrior(scale: 1), horseshoe(1)), (try HorseshoeNodePrior(scale: 0.1), horseshoe(0.1)),
      ]
    } catch {
      return []
    }
  }()

  /// E f(tau) by GSL, over tau = e^t; relative 1e-9.
  private func expectation(_ density: (Double) -> Double, _ f: (Double) -> Double) -> Double {
    [(-200.0, -2.0), (-2, 2), (2, 200)].reduce(0) { sum, ends in
      sum
        + Quadrature.integrate(from: ends.0, to: ends.1, relative: 1e-11, absolute: 1e-14) { t in
          let tau = exp(t)
          let value = density(tau) * f(tau) * tau
          return value.isFinite ? value : 0
        }.value
    }
  }

  @Test(arguments: 0..<6) func expectations(index: Int) throws {
    let (prior, density) = Self.laws[index]
    let law = try #require(prior.law)
    expectClose(law.rule.reduce(0) { $0 + $1.weight }, 1, relative: 1e-12)
    for x in [0.01, 0.3, 1, 7, 200] {
      let f = { (tau: Double) in 1 / (1 + tau * x).squareRoot() }
      expectClose(law.expectation(f), expectation(density, f), relative: 1e-9, "\(prior.name) at \(x)")
      let h = { (tau: Double) in tau / pow(1 + tau * x, 1.5) }
      expectClose(law.expectation(h), expectation(density, h), relative: 1e-9, "\(prior.name) at \(x)")
    }
  }

  /// Moments in closed form, of laws with long tails in log tau and of narrow ones: E tau = 1, and 1/X or
  /// 1/(X - 2) as the variance. Rounding of X (log tau - tau) near its maximum leaves 1e-16 X of a weight.
  @Test(arguments: [0.1, 0.3, 2, 30, 1000, 1e4, 1e6]) func moments(shape: Double) throws {
    let law = try #require(try GammaNodePrior(shape: shape).law)
    let error = 1e-10 + 1e-15 * shape
    expectClose(law.expectation { $0 }, 1, relative: error)
    expectClose(law.expectation { ($0 - 1) * ($0 - 1) }, 1 / shape, relative: error)
    guard shape > 4 else { return }
    let inverse = try #require(try InverseGammaNodePrior(shape: shape).law)
    expectClose(inverse.expectation { $0 }, 1, relative: error)
    expectClose(inverse.expectation { ($0 - 1) * ($0 - 1) }, 1 / (shape - 2), relative: error)
  }

  /// Laws whose sums would lose a tail, or digits, are refused.
  @Test func parametersOutOfRange() {
    for shape in [0.05, 1e7, -1, .nan] {
      #expect(throws: RenormError.self) { try GammaNodePrior(shape: shape) }
      #expect(throws: RenormError.self) { try InverseGammaNodePrior(shape: shape) }
    }
    for scale in [1e-200, 1e200, 0] {
      #expect(throws: RenormError.self) { try HorseshoeNodePrior(scale: scale) }
    }
  }

  /// The maximum satisfies its equation by quadrature, and the gradient of the prior is -Q by central
  /// differences.
  @Test(arguments: 0..<6, [0.05, 0.3, 0.75, 0.95]) func conjugate(index: Int, qbar: Double) throws {
    let (prior, density) = Self.laws[index]
    let law = try #require(prior.law)
    let term = NodeScales(law)
    func block(_ value: Double) -> BlockDiagonal {
      BlockDiagonal([Matrix(rows: 1, columns: 1, elements: [value])])
    }
    let x = try law.conjugate(of: block(qbar)).eigenvalues[0]
    let norm = expectation(density) { 1 / (1 + $0 * x).squareRoot() }
    let moment = expectation(density) { $0 / pow(1 + $0 * x, 1.5) } / norm
    expectClose(moment, qbar, relative: 1e-8, "\(prior.name)")
    func value(_ q: Double) throws -> Double {
      try term.excess(KernelWeights(covariance: block(q), mean: nil))
    }
    expectClose(try value(qbar), -x * qbar - 2 * log(norm), relative: 1e-8, absolute: 1e-10, "\(prior.name)")
    let step = 1e-4 * qbar
    // Third derivatives are of order 1/qbar^3 and times step^2.
    expectClose(
      (try value(qbar + step) - value(qbar - step)) / (2 * step), -x, relative: 1e-6, absolute: 1e-6,
      "\(prior.name)")
  }

  /// Several positions: moments of each law at the conjugate's eigenvalues, by adaptive quadrature, are those of
  /// Qbar, from far below the law's mean to where a horseshoe's eigenvalues differ by ten orders.
  @Test(arguments: 0..<6, [[0.05, 0.9], [0.3, 0.31, 0.7], [0.5, 0.5]]) func positions(
    index: Int, qbar: [Double]
  ) throws {
    let (prior, density) = Self.laws[index]
    let law = try #require(prior.law)
    let x = try law.conjugate(of: BlockDiagonal([.diagonal(qbar)])).eigenvalues.sorted(by: >)
    let weight = { (tau: Double) in x.reduce(1) { $0 / (1 + tau * $1).squareRoot() } }
    let norm = expectation(density, weight)
    for (x, qbar) in zip(x, qbar) {
      let moment = expectation(density) { $0 / (1 + $0 * x) * weight($0) } / norm
      // At x = 0 Qbar is at or above its moment.
      if x > 0 { expectClose(moment, qbar, relative: 1e-8, "\(prior.name)") } else { #expect(moment < qbar) }
    }
  }

  /// A horseshoe of two positions, of which E[tau w] grows like log(1/Q_1): Qbar_1 = 22 is 12 orders from Qbar_2
  /// in Q.
  @Test func eigenvaluesFarApart() throws {
    let (prior, density) = Self.laws[5]
    let conjugate = try #require(prior.law).conjugate(of: BlockDiagonal([.diagonal([1.75, 22])]))
    let x = conjugate.eigenvalues.sorted(by: >)
    #expect(x[1] > 0 && x[1] < 1e-10 * x[0] && conjugate.shortfall == 0)
    let weight = { (tau: Double) in x.reduce(1) { $0 / (1 + tau * $1).squareRoot() } }
    let norm = expectation(density, weight)
    for (x, qbar) in zip(x, [1.75, 22]) {
      expectClose(expectation(density) { $0 / (1 + $0 * x) * weight($0) } / norm, qbar, relative: 1e-7)
    }
  }

  /// What no Q >= 0 gives is said: Qbar above the mean of a law, and below.
  @Test func ends() throws {
    for shape in [1.2, 3] {
      let law = try #require(try InverseGammaNodePrior(shape: shape).law)
      func conjugate(_ qbar: Double) throws -> ConjugateOrder {
        try law.conjugate(of: BlockDiagonal([.diagonal([qbar])]))
      }
      let beyond = try conjugate(1.25)
      #expect(beyond.eigenvalues == [0])
      expectClose(beyond.shortfall, 0.2, relative: 1e-9)
      #expect(try conjugate(0.999).eigenvalues[0] > 0)
      #expect(try conjugate(0.999).shortfall == 0)
    }
  }

  /// The prior's Hessian is the change of its gradient, -Q, by central differences.
  @Test(arguments: 0..<6) func response(index: Int) throws {
    let law = try #require(Self.laws[index].0.law)
    let random = RandomGenerator(seed: UInt32(index + 1))
    let root = Matrix(rows: 3, columns: 3) { i, j in (i == j ? 0.6 : 0) + 0.1 * random.gaussian() }
    let qbar = (root * root.asTranspose).symmetricPart
    let direction = Matrix(rows: 3, columns: 3) { _, _ in 0.1 * random.gaussian() }.symmetricPart
    let step = 1e-4
    func order(_ shift: Double) throws -> Matrix {
      try law.conjugate(of: BlockDiagonal([qbar + shift * direction])).order.blocks[0]
    }
    let response = try law.conjugate(of: BlockDiagonal([qbar])).response()
    let slope = (1 / (2 * step)) * (try order(-step) - order(step))
    let size = slope.elements.map(abs).max() ?? 0
    // Third derivatives, of order Q/Qbar^3, times step^2/6.
    expectClose(response(BlockDiagonal([direction])).dense, slope, relative: 1e-5, absolute: 1e-6 * size)
  }

  /// The share of the largest scales of a spike and slab: at N units of which a fraction p is open after the fit,
  /// the largest 1/N of the scales carries 1/(N p), at most all.
  @Test func shareOfTheLargest() throws {
    let law = try #require(try BernoulliNodePrior(openFraction: 0.2).law)
    let conjugate = try law.conjugate(of: BlockDiagonal([.diagonal([0.7])]))
    let open = try #require(law.posterior(conjugate: conjugate.eigenvalues).rule.last).weight
    expectClose(conjugate.share(ofLargest: 0.02), 0.02 / open, relative: 1e-12)
    #expect(conjugate.share(ofLargest: 2 * open) == 1)
  }

  /// tau = 1 is the Gaussian layer, in value and gradient; matrices of random eigenvectors.
  @Test(arguments: UInt32(1)...5) func unitScales(seed: UInt32) throws {
    let random = RandomGenerator(seed: seed)
    let order = 1 + Int(5 * random.uniform())
    let root = BlockDiagonal([
      Matrix(rows: order, columns: order) { i, j in (i == j ? 1 : 0) + 0.3 * random.gaussian() }
    ])
    let q = root.map { ($0 * $0.asTranspose).symmetricPart }
    let nodes = NodeScales(ScaleLaw(atoms: [(1, 1)]))
    let a = try nodes.point(frame: root, covariance: q, projections: nil)
    let b = try GaussianLayer().point(frame: root, covariance: q, projections: nil)
    // The maximum of -tr(Q Qbar) + log det(1 + Q) is tr Qbar - log det Qbar - n.
    expectClose(a.value + Double(order), b.value, relative: 1e-11, absolute: 1e-11)
    let own = a.linear - (a.concave ?? 0 * a.linear)
    expectClose(own.dense, b.linear.dense, relative: 1e-11, absolute: 1e-11)
    let weights = KernelWeights(covariance: q, mean: nil)
    expectClose(
      try nodes.excess(weights), try GaussianLayer().excess(weights), relative: 1e-11, absolute: 1e-11)
  }

  /// The rows of docs/theory.md, section 9 (tau = Bernoulli(0.3)/0.3, MNIST 3 vs 8, P = 60, T = 0.05): Qbar and
  /// the posterior fraction of open units, to the digits given there.
  @Test(
    .needsData,
    arguments: [
      ("linear", 40, 3.0, 1.945, 0.355), ("linear", 40, 0.3, 0.302, 0.217), ("erf", 200, 1, 1.189, 0.314),
    ])
  func published(activation: String, width: Int, lambda1: Double, qbar: Double, open: Double) throws {
    let folder = try #require(Machine.dataFolder)
    let data = try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz"),
      DataSelection(classes: [.integer(3), .integer(8)], trainCount: 60, pixelStep: 2)
    ).train
    let network = try Network(
      architecture: FullyConnected(), activation: Activations.builtIn.named(activation), width: .finite(width),
      temperature: 0.05, lambda1: lambda1, nodePrior: BernoulliNodePrior(openFraction: 0.3))
    let posterior = try network.fit(data)
    #expect(abs(posterior.orderParameter[0, 0] - qbar) < 6e-4)
    let scales = try #require(try posterior.nodeScales())
    #expect(abs(1 - (scales.rule.first { $0.tau == 0 }?.weight ?? 0) - open) < 6e-4)
  }

  /// The posterior of a scale against adaptive quadrature: its mean, where there is one, and the law below
  /// quantiles. The interpolation in log tau over steps of 0.1 leaves about 0.1^2/5 of the curvature of the
  /// distribution.
  @Test(arguments: 0..<6) func posteriorOfScales(index: Int) throws {
    let (prior, density) = Self.laws[index]
    for conjugate in [[0.3], [0.2, 1.5, 4]] {
      let law = try #require(prior.law).posterior(conjugate: conjugate)
      let weight = { (tau: Double) in conjugate.reduce(1) { $0 / (1 + tau * $1).squareRoot() } }
      let norm = expectation(density, weight)
      for p in [0.05, 0.5, 0.95] {
        let quantile = law.quantile(p)
        let below = expectation(density) { $0 <= quantile ? weight($0) : 0 } / norm
        #expect(abs(below - p) < 5e-3, "\(prior.name): \(quantile) at \(p), \(below) below")
      }
      if law.mean.isFinite {
        // The rule ends where the prior weighs 1e-18, and tau times the inverse gamma's tail 1e-5.
        expectClose(law.mean, expectation(density) { $0 * weight($0) } / norm, relative: 1e-4, "\(prior.name)")
      }
    }
    // tau^(-3/2) of the horseshoe and one factor tau^(-1/2) leave tau^(-1) in the mean.
    if prior is HorseshoeNodePrior {
      #expect(try #require(prior.law).posterior(conjugate: [0.3]).mean == .infinity)
      #expect(try #require(prior.law).posterior(conjugate: [0.3, 1]).mean.isFinite)
    }
    let spike = try #require(BernoulliNodePrior(openFraction: 0.3).law)
    #expect(spike.quantile(0.5) == 0 && spike.quantile(0.9) == 1 / 0.3)
  }

  /// What the prior does not describe is refused.
  @Test func refusals() throws {
    let prior = try HorseshoeNodePrior(scale: 1)
    #expect(throws: RenormError.self) {
      try Network(
        architecture: FullyConnected(), activation: ReLU(), width: .finite(3), temperature: 1, nodePrior: prior)
    }
    #expect(throws: RenormError.self) {
      try Network(
        architecture: LocallyConnected(mask: Extent(2)), width: .finite(3), temperature: 1, nodePrior: prior)
    }
    #expect(throws: RenormError.self) {
      try Network(architecture: FullyConnected(), width: .infinite, temperature: 1, nodePrior: prior)
    }
    for fraction in [0, -1, 1.01, .nan] {
      #expect(throws: RenormError.self) { try BernoulliNodePrior(openFraction: fraction) }
    }
    // Large targets at a small readout: the mean of the scales is less than the data ask for.
    let data = Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 2),
      inputs: Matrix(rows: 2, columns: 3, elements: [1, 0, 0, 1, 1, 1]),
      targets: Matrix(rows: 3, columns: 1, elements: [30, -30, 50]))
    let gamma = try Network(
      architecture: FullyConnected(), width: .finite(5), temperature: 0.1, nodePrior: GammaNodePrior(shape: 1))
    #expect {
      try gamma.fit(data)
    } throws: {
      if case RenormError.numericalFailure(let what, _)? = $0 as? RenormError {
        what.contains("node scales")
      } else {
        false
      }
    }
  }

  /// Gradients of whole actions with a spike and slab by central differences, for FC and CNN.
  @Test(arguments: [0.2, 0.5, 1.0], [true, false]) func gradient(open: Double, isLocal: Bool) throws {
    let random = RandomGenerator(seed: 3)
    let shape = ImageShape(channels: 1, height: 4, width: 4)
    let data = Dataset(
      shape: shape, inputs: Matrix(rows: 16, columns: 10) { _, _ in random.gaussian() },
      targets: Matrix(rows: 10, columns: 1) { _, _ in random.gaussian() })
    let architecture: any Architecture = isLocal ? Convolutional(mask: Extent(2)) : FullyConnected()
    let network = try Network(
      architecture: architecture, width: .finite(20), temperature: 0.1,
      nodePrior: BernoulliNodePrior(openFraction: open))
    let family = try KernelFamily(network, data)
    let n = isLocal ? 4 : 1
    let root = Matrix(rows: n, columns: n) { i, j in (i == j ? 1 : 0) + 0.2 * random.gaussian() }
    let q = (root * root.asTranspose).symmetricPart
    let direction = Matrix(rows: n, columns: n) { _, _ in random.gaussian() }.symmetricPart
    let gradient = try family.action(at: q).gradient
    let step = 1e-5
    let above = try family.action(at: q + step * direction).value
    let below = try family.action(at: q - step * direction).value
    let slope = zip(gradient.elements, direction.elements).reduce(0) { $0 + $1.0 * $1.1 }
    // Rounding 1e-16/1e-5, third derivatives times 1e-10.
    expectClose((above - below) / (2 * step), slope, relative: 1e-6, absolute: 1e-8)
  }
}
