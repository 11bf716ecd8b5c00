import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Identities of deep networks (docs/depth.md), on small random problems.
@Suite struct DeepFitTests {
  private static let shape = ImageShape(channels: 1, height: 2, width: 4)

  private static func data(_ seed: UInt32, count: Int = 12, size: Double = 1.5) -> Dataset {
    let generator = RandomGenerator(seed: seed)
    let inputs = Matrix.random(8, count, generator)
    return Dataset(
      shape: shape, inputs: inputs,
      targets: Matrix(rows: count, columns: 1) { i, _ in
        size * (inputs[0, i] + 0.5 * inputs[1, i] * inputs[2, i] + 0.3 * generator.gaussian())
      })
  }

  private static func network(
    _ widths: [Width], _ activation: any Activation = Erf(), lambdas: [Double]? = nil,
    theory: DeepTheory = .linearPart, lambda0: Double = 0.6
  ) throws -> Network {
    try Network(
      widths: widths, activation: activation, temperature: 0.1, lambda0: lambda0, lambdas: lambdas,
      deepTheory: theory)
  }

  /// The bank of a network on training points, for references by loops.
  private static func bank(_ network: Network, _ data: Dataset) throws -> [Matrix] {
    let (local, _) = try network.kernels(on: data.shape, threads: 1)
    return DeepKernels(first: local, lambdas: network.lambdas, theory: network.deepTheory)
      .bank(data.inputs, nil).map(\.mirrored)
  }

  /// log det A + y^T A^-1 y by loops.
  private static func dataTerm(_ kernel: Matrix, _ data: Dataset) -> Double {
    let a = kernel + 0.1 * .identity(data.count)
    return Naive.logDeterminant(a)
      + Naive.product(data.targets.transposed, Naive.solve(a, data.targets))[0, 0]
  }

  // MARK: One hidden layer

  /// A list of one width is the network of one hidden layer, bit for bit.
  @Test func depthOne() throws {
    let data = Self.data(1)
    let one = try Network(
      architecture: FullyConnected(), width: .finite(20), temperature: 0.1, lambda0: 0.6, lambda1: 0.7)
    let list = try Self.network([.finite(20)], lambdas: [0.7])
    #expect(one.description == list.description)
    let (a, b) = (try one.fit(data), try list.fit(data))
    #expect(a.orderParameter == b.orderParameter && a.logEvidence == b.logEvidence)
    #expect(a.solution.layers == nil)
    #expect(try a.predict(data.inputs) == b.predict(data.inputs))
  }

  // MARK: Layers of infinite width

  /// Where only the last layer is finite, q is that of one hidden layer on K_L: stationary for the action by
  /// loops. Where only layer l is, it is that on sum_(m <= l) B_m beside a fixed rest.
  @Test(arguments: 0..<3) func oneFiniteLayer(l: Int) throws {
    let data = Self.data(2)
    var widths = [Width](repeating: .infinite, count: 3)
    widths[l] = .finite(9)
    let network = try Self.network(widths, lambdas: [0.8, 1.2, 0.5])
    let posterior = try network.fit(data)
    let layers = try #require(posterior.solution.layers)
    let q = layers.orderParameters
    #expect(q.enumerated().allSatisfy { $0 == l || $1 == 1 } && abs(q[l] - 1) > 1e-2)
    let bank = try Self.bank(network, data)
    let action = { (q: Double) in
      let kernel = bank.weightedSum((0..<3).map { $0 <= l ? q : 1 })
      return q - log(q) + Self.dataTerm(kernel, data) / 9
    }
    expectClose(Naive.derivative(step: 1e-3) { action(q[l] + $0) }, 0, relative: 0, absolute: 1e-7)
    expectClose(try #require(posterior.solution.action), action(q[l]), relative: 1e-11)
    let evidence =
      -0.5
      * (9 * (q[l] - log(q[l]) - 1) + Self.dataTerm(bank.weightedSum((0..<3).map { $0 <= l ? q[l] : 1 }), data)
        + Double(data.count) * log(2 * Double.pi))
    expectClose(try #require(posterior.logEvidence), evidence, relative: 1e-11)
  }

  /// All layers infinite: the Gaussian process with K_L; wide networks come near it.
  @Test func infiniteWidth() throws {
    let data = Self.data(3)
    let test = Matrix.random(8, 4, RandomGenerator(seed: 9))
    let infinite = try Self.network([.infinite, .infinite, .infinite], lambdas: [0.8, 1.2, 0.5])
    let posterior = try infinite.fit(data)
    #expect(posterior.solution.layers?.paths == [1, 1, 1] && posterior.solution.action == nil)
    let kernel = try Self.bank(infinite, data).weightedSum([1, 1, 1])
    let evidence = -0.5 * (Self.dataTerm(kernel, data) + Double(data.count) * log(2 * Double.pi))
    expectClose(try #require(posterior.logEvidence), evidence, relative: 1e-11)
    let expected = try posterior.predict(test)
    let wide = try Self.network(
      [.finite(10_000_000), .finite(30_000_000), .finite(20_000_000)], lambdas: [0.8, 1.2, 0.5])
    let prediction = try wide.fit(data).predict(test)
    expectClose(prediction.mean, expected.mean, relative: 1e-5, absolute: 1e-6)
    expectClose(prediction.variance, expected.variance, relative: 1e-5, absolute: 1e-6)
  }

  // MARK: Linear networks

  /// N_l (1 - q_l) is the same for all layers, and only the product of lambdas matters.
  @Test func linear() throws {
    let data = Self.data(4)
    let posterior = try Self.network([.finite(10), .finite(25), .finite(16)], Linear(), lambdas: [1, 0.5, 2])
      .fit(data)
    let q = try #require(posterior.solution.layers).orderParameters
    expectClose(10 * (1 - q[0]), 25 * (1 - q[1]), relative: 1e-7)
    expectClose(10 * (1 - q[0]), 16 * (1 - q[2]), relative: 1e-7)
    #expect(abs(q[0] - 1) > 1e-2)
    let other = try Self.network([.finite(10), .finite(25), .finite(16)], Linear(), lambdas: [4, 0.5, 0.5]).fit(
      data)
    expectClose(try #require(other.solution.layers).orderParameters, q, relative: 1e-10)
    let equal = try Self.network([.finite(10), .finite(10)], Linear()).fit(data)
    let both = try #require(equal.solution.layers).orderParameters
    expectClose(both[0], both[1], relative: 1e-10)
  }

  /// All theories are the same for linear networks.
  @Test func linearTheories() throws {
    let data = Self.data(5)
    let test = Matrix.random(8, 4, RandomGenerator(seed: 9))
    let results = try DeepTheory.allCases.map { theory in
      let posterior = try Self.network([.finite(8), .finite(12)], Linear(), theory: theory).fit(data)
      return (posterior.solution.layers?.orderParameters ?? [], try posterior.predict(test).mean)
    }
    for result in results.dropFirst() {
      expectClose(result.0, results[0].0, relative: 1e-12)
      expectClose(result.1, results[0].1, relative: 1e-12)
    }
  }

  // MARK: Invariances

  /// c s, an odd activation of a caller's own.
  private struct Scaled: Activation {
    let scale: Double
    var name: String { "scaled" }
    var isOdd: Bool { true }
    func callAsFunction(_ h: Double) -> Double { scale * erf(h) }
    func mean(variance: Double) -> Double { 0 }
    func secondMoment(_ a: Double, _ b: Double, _ c: Double) -> Double {
      scale * scale * Erf().secondMoment(a, b, c)
    }
  }

  /// s -> c s with lambda_l -> c^2 lambda_l changes nothing.
  @Test func scalingOfTheActivation() throws {
    let data = Self.data(6)
    let c = 1.7
    let a = try Self.network([.finite(8), .finite(12)], lambdas: [0.5, 2]).fit(data)
    let b = try Self.network(
      [.finite(8), .finite(12)], Scaled(scale: c), lambdas: [c * c * 0.5, c * c * 2]
    ).fit(data)
    expectClose(
      try #require(a.solution.layers).orderParameters, try #require(b.solution.layers).orderParameters,
      relative: 1e-9)
    expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-9)
  }

  /// Of relu and linear networks only the product of all lambdas matters, lambda0 among them.
  @Test func homogeneousActivations() throws {
    let data = Self.data(7)
    for activation in [ReLU(), Linear()] as [any Activation] {
      let a = try Self.network([.finite(14), .finite(20)], activation, lambdas: [0.5, 2], lambda0: 0.6).fit(
        data)
      let b = try Self.network([.finite(14), .finite(20)], activation, lambdas: [1, 0.8], lambda0: 0.75).fit(
        data)
      #expect(a.solution.convergence.reachedTolerance)
      expectClose(
        try #require(a.solution.layers).paths, try #require(b.solution.layers).paths, relative: 1e-7)
      expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-8)
    }
  }

  /// Equal and opposite examples count once, and the numbers are those of all P of them.
  @Test func repeatedExamples() throws {
    let some = Self.data(8, count: 6)
    let inputs = Matrix(
      rows: 8, columns: 9,
      elements: some.inputs.elements + some.inputs.column(0) + some.inputs.column(0).map { -$0 }
        + some.inputs.column(3))
    let targets = Matrix(
      rows: 9, columns: 1, elements: some.targets.elements + [0.4, -some.targets[0, 0], some.targets[3, 0]])
    let data = Dataset(shape: Self.shape, inputs: inputs, targets: targets)
    for theory in DeepTheory.allCases {
      let network = try Self.network([.finite(7), .finite(11)], theory: theory)
      let posterior = try network.fit(data)
      #expect(posterior.solution.convergence.reachedTolerance)
      let kernel = posterior.renormalizedKernel
      let test = Matrix.random(8, 3, RandomGenerator(seed: 4))
      let a = kernel + 0.1 * .identity(9)
      let cross = try posterior.renormalizedKernel(inputs, test)
      let mean = Naive.product(cross.transposed, Naive.solve(a, targets))
      expectClose(try posterior.predict(test).mean, mean, relative: 1e-10, absolute: 1e-12, "\(theory)")
      let q = try #require(posterior.solution.layers).orderParameters
      let prior = 7 * (q[0] - 1 - log(q[0])) + 11 * (q[1] - 1 - log(q[1]))
      let evidence = -0.5 * (prior + Self.dataTerm(kernel, data) + 9 * log(2 * Double.pi))
      expectClose(try #require(posterior.logEvidence), evidence, relative: 1e-10, "\(theory)")
      // The solution is stationary for the action by loops over all examples.
      let family = try KernelFamily(network, data)
      let (value, gradient) = try family.action(at: .diagonal(q))
      expectClose(gradient.elements, [0, 0, 0, 0], relative: 0, absolute: 1e-7)
      expectClose(value, try #require(posterior.solution.action), relative: 1e-11)
    }
  }

  /// The gradient of every theory is that of its action.
  @Test(arguments: DeepTheory.allCases) func gradients(theory: DeepTheory) throws {
    let family = try KernelFamily(
      try Self.network([.finite(7), .finite(11), .finite(5)], theory: theory), Self.data(10))
    let q = [0.8, 1.3, 1.1]
    let gradient = try family.action(at: .diagonal(q)).gradient
    for l in 0..<3 {
      let slope = Naive.derivative(step: 1e-3) { t in
        var moved = q
        moved[l] += t
        return (try? family.action(at: .diagonal(moved)).value) ?? .nan
      }
      expectClose(gradient[l, l], slope, 1e-9, "layer \(l)")
    }
  }

  /// Members of a family are the networks on their own, and a start from a neighbour ends at the same place.
  @Test func families() throws {
    let data = Self.data(11)
    let test = Matrix.random(8, 5, RandomGenerator(seed: 6))
    for theory in DeepTheory.allCases {
      let network = try Self.network([.finite(7), .finite(11)], theory: theory)
      let family = try KernelFamily(network, data)
      let points = try family.heldOut(test)
      let member = try network.with(temperature: 0.3, width: .finite(15))
      let start = try family.solve(network)
      let found = try family.member(member, at: points, from: start)
      let alone = try member.fit(data)
      expectClose(found.result.orderParameter, alone.orderParameter, relative: 1e-8)
      expectClose(found.prediction.mean, try alone.predict(test).mean, relative: 1e-7, absolute: 1e-9)
      expectClose(found.prediction.variance, try alone.predict(test).variance, relative: 1e-7, absolute: 1e-9)
    }
    let other = try Self.network([.finite(7), .finite(11)], lambdas: [1, 2])
    #expect(throws: RenormError.self) {
      try KernelFamily(try Self.network([.finite(7), .finite(11)]), data).fit(other)
    }
  }

  // MARK: Refusals

  @Test func refusals() throws {
    #expect(throws: RenormError.self) { try Self.network([]) }
    #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(0)]) }
    #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(4)], lambdas: [1]) }
    #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(4)], lambdas: [1, -1]) }
    for theory in [DeepTheory.nested, .vanilla] {
      #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(4)], ReLU(), theory: theory) }
    }
    #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(4)], Sine(), theory: .nested) }
    var description = try Self.network([.finite(3), .finite(4)]).description
    for (key, value) in [
      (NetworkParameter.architecture, ParameterValue.name("cnn")), (.nodePrior, .name("gamma")),
      (.widths, .list([.width(.finite(3))])), (.lambda1, .number(3)), (.depth, .count(1000)),
    ] {
      var other = description
      other[.lambdas] = .list([.number(1), .number(2)])
      other[key] = value
      if key == .nodePrior { other[.nodeParameter] = .number(1) }
      #expect(throws: RenormError.self, "\(key.key)") { try Network(other.completed) }
    }
    description[.widths] = .list([.width(.finite(4)), .width(.finite(4))])
    #expect(throws: Never.self) { try Network(description.completed) }
    let posterior = try Self.network([.finite(3), .finite(4)]).fit(Self.data(1))
    #expect(throws: RenormError.self) { try posterior.similarity(of: Self.data(1).inputs, positions: 0, 0) }
    let several = Dataset(
      shape: Self.shape, inputs: Self.data(1).inputs, targets: .random(12, 3, RandomGenerator(seed: 1)))
    #expect(throws: RenormError.self) { try Self.network([.finite(3), .finite(4)], ReLU()).fit(several) }
    // At infinite width outputs share one kernel.
    #expect(throws: Never.self) { try Self.network([.infinite, .infinite]).fit(several) }
  }

  /// Descriptions of equal networks are equal, and read again after writing.
  @Test func descriptions() throws {
    let network = try Self.network([.finite(30), .infinite, .finite(40)], lambdas: [1, 2, 3])
    let json = try JSONEncoder().encode(network.description)
    let read = try JSONDecoder().decode(NetworkDescription.self, from: json)
    #expect(read == network.description)
    #expect(try Network(read).widths == network.widths && Network(read).lambdas == [1, 2, 3])
    let text = String(decoding: json, as: UTF8.self)
    #expect(text.contains("[30,\"infinite\",40]"), "\(text)")
    let uniform = NetworkDescription([
      .architecture: .name("fc"), .temperature: .number(0.1), .lambda0: .number(0.6),
      .widths: .list([.width(.finite(5)), .width(.finite(5))]), .lambdas: .list([.number(2), .number(2)]),
    ])
    let plain = NetworkDescription([
      .architecture: .name("fc"), .temperature: .number(0.1), .lambda0: .number(0.6), .depth: .count(2),
      .width: .width(.finite(5)), .lambda1: .number(2),
    ])
    #expect(uniform.completed == plain.completed)
    #expect(try Network(uniform.completed).description == plain.completed)
  }
}
