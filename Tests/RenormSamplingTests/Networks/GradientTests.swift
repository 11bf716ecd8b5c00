import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// s = sin, a caller's own activation with a derivative and the default array evaluation.
struct Sine: DifferentiableActivation {
  var name: String { "sin" }
  var isOdd: Bool { true }
  func callAsFunction(_ h: Double) -> Double { sin(h) }
  func derivative(_ h: Double) -> Double { cos(h) }
  func mean(variance: Double) -> Double { 0 }
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { exp(-(caa + cbb) / 2) * sinh(cab) }
}

@Suite struct GradientTests {
  static let activations: [any DifferentiableActivation] = [Erf(), ReLU(), Linear(), Sine()]

  /// Every coordinate against differences of fourth order, whose error is about 1e-10 at a step of 1e-3; kinks
  /// of relu within the step are avoided by their rarity: a smaller step there, of rounding 1e-8.
  @Test(arguments: SampledProblem.Kind.allCases, [ReadoutPosterior.Side.examples, .features])
  func collapsed(kind: SampledProblem.Kind, side: ReadoutPosterior.Side) throws {
    for seed in UInt32(1)...12 {
      let generator = RandomGenerator(seed: 100 + seed)
      let activation = Self.activations[Int(seed) % 4]
      let problem = SampledProblem(generator, kind: kind, activation: activation)
      let density = try problem.collapsed(side: side)
      try check(density, density.randomPosition(generator), activation, "seed \(seed), \(side), \(problem)")
    }
  }

  @Test(arguments: SampledProblem.Kind.allCases, [FullDensity.Coordinates.standardNormal, .weights])
  func full(kind: SampledProblem.Kind, coordinates: FullDensity.Coordinates) throws {
    for seed in UInt32(1)...12 {
      let generator = RandomGenerator(seed: 200 + seed)
      let activation = Self.activations[Int(seed) % 4]
      let problem = SampledProblem(generator, kind: kind, activation: activation)
      let density = try problem.full(coordinates: coordinates)
      try check(
        density, density.randomPosition(generator), activation, "seed \(seed), \(coordinates), \(problem)")
    }
  }

  /// All weights with the cross-entropy, two classes and three; the log density by its definition.
  @Test(arguments: SampledProblem.Kind.allCases, [2, 3]) func classes(kind: SampledProblem.Kind, classes: Int)
    throws
  {
    for seed in UInt32(1)...4 {
      let generator = RandomGenerator(seed: 300 + seed)
      let problem = SampledProblem(generator, kind: kind, outputs: classes == 2 ? 1 : classes)
      let own = (0..<problem.inputs.columns).map { _ in generator.integer(below: classes) }
      let targets =
        classes == 2
        ? Matrix(rows: own.count, columns: 1) { row, _ in own[row] == 0 ? -1 : 1 }
        : Matrix(rows: own.count, columns: classes) { (own[$0] == $1 ? 1 : 0) - 1 / Double(classes) }
      let data = Dataset(
        shape: problem.shape, inputs: problem.inputs, targets: targets,
        classes: (0..<classes).map { .integer($0) })
      var description = try problem.network().description
      description[.likelihood] = .name("softmax")
      let density = try FullDensity(Network(description), data, observing: ObservedPoints(test: problem.inputs))
      let position = density.randomPosition(generator)
      try check(density, position, Erf(), "seed \(seed), \(problem)")

      // f at the training points, observed as at any others, without the mean of several.
      var workspace = density.makeWorkspace()
      let record = density.observe(position, &workspace)
      let layout = density.layout
      var sum = 0.0
      for (mu, c) in own.enumerated() {
        let f = (0..<layout.outputs).map { record[layout.mean(mu, output: $0)] }
        let logits = classes == 2 ? [-f[0] / 2, f[0] / 2] : f
        sum += logits[c] - log(logits.reduce(0) { $0 + exp($1) })
      }
      let prior = -position.reduce(0) { $0 + $1 * $1 } / 2
      expectClose(density.value(position), prior + sum / problem.temperature, relative: 1e-10)
      expectClose(record[layout.trainingLoss], -sum / Double(own.count), relative: 1e-10)
    }
  }

  private func check(
    _ density: some LogDensity, _ position: [Double], _ activation: any Activation, _ comment: String
  ) throws {
    let step = activation is ReLU ? 1e-6 : 1e-3
    let gradient = density.gradient(position)
    let differences = position.indices.map { k in
      let shifted = { (steps: Double) in
        var shifted = position
        shifted[k] += steps * step
        return density.value(shifted)
      }
      return (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / (12 * step)
    }
    expectClose(gradient, differences, activation is ReLU ? 3e-7 : 1e-8, comment)
    #expect(density.value(position) == density.value(position), "\(comment)")
    #expect(density.gradient(position) == gradient, "\(comment)")
  }
}
