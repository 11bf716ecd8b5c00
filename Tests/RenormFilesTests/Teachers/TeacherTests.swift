import Foundation
import LinearAlgebra
import Renorm
import Testing

@testable import RenormFiles

/// Synthetic teachers: what is drawn has the law that is written down.
@Suite struct TeacherTests {
  private func examples(
    _ teacher: Teacher, inputs: Int = 5, training: Int = 40, test: Int = 10, noise: Double = 0, seed: UInt32 = 1
  ) throws -> (training: TeacherExamples, test: TeacherExamples) {
    try teacher.examples(inputs: inputs, training: training, test: test, noise: noise, seed: seed)
  }

  /// A linear rule found from M examples holds for all others; a network of linear units is one.
  @Test(arguments: [1, 2, 3] as [UInt32]) func linearRules(seed: UInt32) throws {
    for teacher in [
      Teacher.linear, .network(hidden: 3, activation: Linear()), .singleIndex(coefficients: [0, 2]),
    ] {
      let (own, test) = try examples(teacher, seed: seed)
      let first = own.inputs.selectingColumns(0..<5)
      let y = Matrix(columns: [Array(own.targets.prefix(5))])
      let w = Naive.solve(Naive.product(first, first.transposed), Naive.product(first, y))
      for (examples, count) in [(own, 40), (test, 10)] {
        let expected = Naive.product(examples.inputs.transposed, w).column(0)
        #expect(expected.count == count)
        // Normal equations square the condition of five random vectors.
        expectClose(examples.targets, expected, relative: 1e-7, absolute: 1e-7)
      }
    }
  }

  @Test func networksOfOneUnitAreBounded() throws {
    let (own, _) = try examples(.network(hidden: 1, activation: Erf()), training: 2000)
    // erf saturates: |f| < |v|, and large fields come close to it from both sides.
    let size = own.targets.map(abs).max() ?? 0
    #expect(own.targets.max() ?? 0 > 0.9 * size && own.targets.min() ?? 0 < -0.9 * size)
    #expect(own.targets.count { abs($0) < 0.05 * size } < own.targets.count / 5)
  }

  /// h_2 = (z^2 - 1)/2^(1/2), h_3 = (z^3 - 3 z)/6^(1/2), h_4 = (z^4 - 6 z^2 + 3)/24^(1/2).
  @Test(arguments: [-1.7, 0, 0.4, 2.2]) func hermitePolynomials(z: Double) {
    let expected =
      0.5 - 2 * z + 3 * (z * z - 1) / 2.0.squareRoot() + 0.25 * (z * z * z - 3 * z) / 6.0.squareRoot()
      - (pow(z, 4) - 6 * z * z + 3) / 24.0.squareRoot()
    expectClose(Teacher.hermiteSum([0.5, -2, 3, 0.25, -1], z), expected, relative: 1e-13, absolute: 1e-13)
  }

  /// The coefficients are the law: mean c_0, variance sum of the other squares; five standard errors of 40000
  /// draws.
  @Test func singleIndexMoments() throws {
    let (own, _) = try examples(.singleIndex(coefficients: [0.3, 1, -0.5]), inputs: 3, training: 40_000)
    let mean = own.targets.reduce(0, +) / 40_000
    let variance = own.targets.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 40_000
    expectClose(mean, 0.3, relative: 0, absolute: 5 * (1.25 / 40_000).squareRoot())
    expectClose(variance, 1.25, relative: 0, absolute: 5 * 3 * 1.25 / 200)
    let inputs = own.inputs.elements
    expectClose(inputs.reduce(0) { $0 + $1 * $1 } / Double(inputs.count), 1, relative: 0, absolute: 0.02)
  }

  @Test func templates() throws {
    let (own, test) = try examples(.templates(count: 4, spread: 0), inputs: 6, training: 200, test: 50)
    var labels: [[Double]: Double] = [:]
    for (examples, count) in [(own, 200), (test, 50)] {
      for mu in 0..<count {
        let x = examples.inputs.column(mu)
        #expect(labels[x] ?? examples.targets[mu] == examples.targets[mu])
        labels[x] = examples.targets[mu]
      }
    }
    #expect(labels.count == 4 && labels.values.reduce(0, +) == 0)
    let (far, _) = try examples(.templates(count: 4, spread: 0.5), inputs: 6, training: 200)
    #expect(Set((0..<200).map { far.inputs.column($0) }).count == 200)
  }

  @Test func noiseAndSeeds() throws {
    let quiet = try examples(.linear, training: 4000, test: 3)
    let noisy = try examples(.linear, training: 4000, test: 700, noise: 0.3)
    #expect(quiet.training.inputs == noisy.training.inputs)
    let errors = zip(quiet.training.targets, noisy.training.targets).map { $0 - $1 }
    let square = dot(errors, errors)
    // 0.09 with the standard error 0.09 (2/4000)^(1/2) = 0.002.
    expectClose(square / 4000, 0.09, relative: 0, absolute: 0.01)
    #expect(Array(noisy.test.targets.prefix(3)) != quiet.training.targets)
    let again = try examples(.linear, training: 4000, test: 3)
    #expect(again.training.targets == quiet.training.targets && again.test.targets == quiet.test.targets)
    #expect(try examples(.linear, seed: 2).training.targets != examples(.linear, seed: 1).training.targets)
  }

  @Test func refusals() {
    func expectRefusal(_ name: String, _ teacher: Teacher, inputs: Int = 5, noise: Double = 0) {
      do {
        _ = try examples(teacher, inputs: inputs, noise: noise)
        Issue.record("\(name) was accepted")
      } catch {
        guard case .invalidParameter(let found, _, _)? = error as? RenormError else {
          Issue.record("\(name): \(error)")
          return
        }
        #expect(found == name)
      }
    }
    expectRefusal("inputs", .linear, inputs: 0)
    expectRefusal("noise", .linear, noise: -1)
    expectRefusal("noise", .linear, noise: .nan)
    expectRefusal("hermite", .singleIndex(coefficients: []))
    expectRefusal("hermite", .singleIndex(coefficients: [1, .infinity]))
    expectRefusal("hidden", .network(hidden: 0, activation: Erf()))
    expectRefusal("templates", .templates(count: 0, spread: 0.1))
    expectRefusal("spread", .templates(count: 2, spread: 1.1))
  }

  @Test func filesAreRead() throws {
    let scratch = try Scratch()
    let path = scratch.path("t.npz")
    try Teacher.network(hidden: 4, activation: Erf()).write(
      to: path, inputs: 7, training: 12, test: 5, noise: 0.1, seed: 3)
    let data = try LoadedData.load(DataFiles(train: path), DataSelection(standardize: .none))
    let expected = try Teacher.network(hidden: 4, activation: Erf()).examples(
      inputs: 7, training: 12, test: 5, noise: 0.1, seed: 3)
    #expect(data.train.inputs == expected.training.inputs)
    #expect(data.train.targets.column(0) == expected.training.targets)
    #expect(data.test?.targets.column(0) == expected.test.targets)
  }
}
