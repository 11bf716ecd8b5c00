import Foundation
import Testing

@testable import Renorm
@testable import RenormSweep

/// Sweeps over the hidden layers of deep networks.
@Suite struct DepthSweepTests {
  private let common = "architecture: fc\ntolerance: 1e-10\nvalidation-fraction: 0.2\n"

  /// Points against fits of their own.
  private func expectFits(_ yaml: String) throws {
    let sweep = try SmallSweep()
    let store = try sweep.run(common + yaml)
    let specification = try sweep.specification(common + yaml)
    let data = try SweepData(specification)
    let records = try store.records()
    #expect(records.count == store.description.pointCount && records.count > 3)
    for record in records {
      let loaded = try data.load(trainCount: record.parameters.trainCount, shuffleSeed: nil)
      let fit = try Network(record.parameters.network).fit(
        loaded.train, options: FitOptions(tolerance: 1e-10, threads: 1))
      let solved = try #require(record.solved, "\(record.failure ?? "")")
      for (row, i) in zip(solved.orderParameter, 0...) {
        for (value, j) in zip(row, 0...) {
          #expect(abs(value - fit.orderParameter[i, j]) <= 1e-7 * max(1, abs(value)))
        }
      }
      let scored = try #require(record.scored)
      let evidence = try #require(fit.logEvidence)
      #expect(abs(try #require(scored.logEvidence) - evidence) <= 1e-7 * abs(evidence))
      let test = try #require(loaded.test)
      let scores = try fit.predict(test.inputs).scores(targets: test.targets, isClassification: true)
      #expect(abs(try #require(scored.test?.bias) - (try #require(scores.bias))) <= 1e-7)
      #expect(abs(try #require(scored.test).variance - scores.variance) <= 1e-7)
    }
  }

  @Test func depthAndTheory() throws {
    try expectFits(
      "depth: [1, 2, 3]\ndeep-theory: [linear-part, nested]\nwidth: [8, 30]\ninfinite-width: true\n"
        + "temperature: [0.1, 0.5]")
  }

  @Test func widthsAndLambdas() throws {
    try expectFits(
      "widths: [[8, 20], [30, 8], [8, infinite]]\nlambdas: [[0.5, 2], [1, 3]]\ntemperature: [0.1, 0.5]")
  }

  @Test func relu() throws {
    try expectFits("activation: relu\ndepth: 2\nwidth: [20, 60]\ntemperature: [0.2, 0.5]\nlambda1: [0.5, 1]")
  }

  /// deep-theory makes no further points of one hidden layer, and kernels are shared between widths.
  @Test func pointsAndGroups() throws {
    let sweep = try SmallSweep()
    let plan = try sweep.plan(
      common
        + "depth: [1, 2]\ndeep-theory: [linear-part, nested, vanilla]\nwidth: [8, 30]\ntemperature: [0.1, 1]")
    #expect(plan.points.count == 4 + 12 && plan.groups.count == 1 + 3)
    let lists = try sweep.plan(common + "widths: [[8, 20], [30, 30]]\ntemperature: [0.1, 1]\nlambda1: [1, 2]")
    // Each lambda1 of a deep network has kernels of its own.
    #expect(lists.points.count == 8 && lists.groups.count == 2)
    #expect(lists.points.map(\.parameters.network.depth).allSatisfy { $0 == 2 })
    #expect(Set(lists.points.map(\.parameters.network.width)) == [.finite(20), .finite(30)])
  }

  /// What a store keeps is read again as it was, from files and from options.
  @Test func canonicalForm() throws {
    let sweep = try SmallSweep()
    for yaml in [
      "widths: [8, 20]\nlambdas: [[0.5, 2], [1, 3]]\ntemperature: 0.1", "widths: [[8, 20]]\ntemperature: 0.1",
      "widths: ['8,20', '30,infinite']\ntemperature: 0.1",
    ] {
      let specification = try sweep.specification(common + yaml)
      let again = try SweepSpecification(canonical: specification.canonical, store: "store")
      #expect(again.canonical == specification.canonical, "\(yaml)")
    }
    let options = try SweepSpecification(options: [
      (.architecture, "fc"), (.temperature, "0.1"), (.train, "data.csv"), (.widths, "60,80;100,infinite"),
      (SweepKey(.lambdas), "0.5,2"),
    ])
    #expect(options.axes.first { $0.key == .widths }?.values.map(\.text) == ["60,80", "100,infinite"])
    #expect(options.axes.first { $0.key == SweepKey(.lambdas) }?.values.map(\.text) == ["0.5,2.0"])
  }

  @Test(arguments: [
    ("widths: [8, 20]\nwidth: 9", "'widths' and 'width' both set widths"),
    ("widths: [8, 20]\ninfinite-width: true", "'widths' and 'infinite-width' both set widths"),
    ("widths: [8, x]", "widths is '8,x'"),
    ("widths: {linspace: [1, 2, 3]}", "widths takes no range"),
    ("widths: [[8], [9, 9]]", "at least two hidden layers"),
    ("widths: [8, 20]\nlambdas: [[1, 2, 3]]", "2 values, one for each hidden layer"),
    ("depth: 0\nwidth: 9", "depth is 0; accepted: a positive number of hidden layers"),
    ("width: 9\ndepth: 2\narchitecture: cnn\nmask: 2", "depth 2 with the architecture 'cnn'"),
  ]) func refusals(lines: String, text: String) throws {
    let sweep = try SmallSweep()
    let architecture = lines.contains("architecture") ? "" : "architecture: fc\n"
    let message = message { _ = try sweep.plan(architecture + "temperature: 0.1\n" + lines) }
    #expect(message.contains(text), "\(message)")
  }
}
