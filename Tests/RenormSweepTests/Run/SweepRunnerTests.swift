import Foundation
import RenormNextOrder
import Testing

@testable import Renorm
@testable import RenormSweep

/// Points of sweeps against fits that share nothing with each other.
@Suite struct SweepRunnerTests {
  private let common =
    "width: [6, 40]\ninfinite-width: true\ntemperature: [0.05, 0.4, 1]\nlambda1: [0.5, 2]\n"
    + "tolerance: 1e-10\nvalidation-fraction: 0.2\n"

  /// Two solutions of tolerance 1e-10 agree to the condition of the Hessian times that.
  private func expectFits(
    _ sweep: SmallSweep, _ yaml: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let store = try sweep.run(yaml)
    let specification = try sweep.specification(yaml)
    let data = try SweepData(specification)
    let records = try store.records()
    #expect(records.count == store.description.pointCount)
    #expect(records.contains { $0.startedFrom != nil })
    func close(_ a: Double?, _ b: Double?, _ what: String) {
      let (a, b) = (a ?? 0, b ?? 0)
      #expect(
        abs(a - b) <= 1e-7 * max(abs(a), abs(b), 1e-1), "\(what): \(a), \(b)", sourceLocation: sourceLocation)
    }
    for record in records {
      let parameters = record.parameters
      let loaded = try data.load(trainCount: parameters.trainCount, shuffleSeed: parameters.shuffleSeed)
      let fit = try Network(parameters.network).fit(
        loaded.train, options: FitOptions(tolerance: 1e-10, threads: 1))
      let solved = try #require(record.solved)
      let scored = try #require(record.scored, "\(record.failure ?? "")")
      #expect(record.failure == nil && solved.convergence.converged)
      for (row, expected) in zip(solved.orderParameter, fit.orderParameter.rowArrays) {
        for (x, y) in zip(row, expected) { close(x, y, "order parameter") }
      }
      close(solved.action, fit.solution.action, "action")
      close(scored.logEvidence, fit.logEvidence, "evidence")
      #expect((scored.logEvidence == nil) == (fit.logEvidence == nil))
      close(scored.trainError, fit.trainingError, "training error")
      #expect(scored.trainAccuracy == fit.trainingAccuracy)
      #expect(record.warnings == fit.warnings + loaded.warnings)
      #expect(record.alpha == fit.load)
      for (scores, part) in [(scored.test, loaded.test), (scored.validation, loaded.validation)] {
        let part = try #require(part)
        let expected = try fit.predict(part.inputs).scores(
          targets: part.targets, isClassification: part.classes != nil)
        #expect(scores?.count == part.count)
        close(scores?.bias, expected.bias, "bias")
        close(scores?.variance, expected.variance, "variance")
        close(scores?.generalizationError, expected.generalizationError, "generalization error")
        #expect(scores?.accuracy == expected.accuracy)
      }
    }
  }

  @Test(arguments: ["erf", "relu"]) func fullyConnected(activation: String) throws {
    try expectFits(SmallSweep(), common + "architecture: fc\nactivation: \(activation)")
  }

  @Test(arguments: ["erf", "relu", "linear"]) func locallyConnected(activation: String) throws {
    try expectFits(SmallSweep(), common + "architecture: lcn\nmask: 2\nactivation: \(activation)")
  }

  @Test(arguments: ["erf", "relu"]) func convolutional(activation: String) throws {
    try expectFits(
      SmallSweep(), common + "architecture: cnn\nmask: 2\nactivation: \(activation)\nlambda0: [0.5, 2]")
  }

  @Test func readouts() throws {
    try expectFits(
      SmallSweep(),
      common + "architecture: cnn\nmask: 2\nreadout: [mean-pool, exponential, matern32]\nlength-scale: 1.5")
  }

  @Test(arguments: ["erf", "relu"]) func severalOutputs(activation: String) throws {
    try expectFits(SmallSweep(classes: 3), common + "architecture: fc\nactivation: \(activation)")
    try expectFits(
      SmallSweep(classes: 3),
      common.replacing("width: [6, 40]\n", with: "width: [9, 40]\n")
        + "architecture: cnn\nmask: 2\nreadout: mean-pool\nactivation: \(activation)")
  }

  @Test func severalOutputsOnPositionsAtInfiniteWidth() throws {
    let yaml =
      "architecture: [lcn, cnn]\nmask: 2\nwidth: infinite\ntemperature: [0.05, 0.4, 1]\nlambda1: [0.5, 2]\n"
      + "tolerance: 1e-10\nvalidation-fraction: 0.2\n"
    let sweep = try SmallSweep(classes: 3)
    let records = try sweep.run(yaml).records()
    #expect(records.count == 12 && records.allSatisfy { $0.failure == nil && $0.startedFrom == nil })
    let data = try SweepData(sweep.specification(yaml))
    for record in records {
      let loaded = try data.load(trainCount: nil, shuffleSeed: nil)
      let fit = try Network(record.parameters.network).fit(loaded.train)
      let test = try #require(loaded.test)
      let expected = try fit.predict(test.inputs).scores(targets: test.targets, isClassification: true)
      let error = try #require(record.scored?.test?.generalizationError)
      #expect(abs(error - (try #require(expected.generalizationError))) < 1e-10)
    }
  }

  @Test func seedsAndCounts() throws {
    try expectFits(
      SmallSweep(), common + "architecture: fc\nshuffle-seed: [1, 2]\ntrain-count: [8, 20]")
  }

  /// Points past leading order against corrections that share nothing with each other; infinite width has none.
  @Test func nextOrder() throws {
    let sweep = try SmallSweep()
    let yaml =
      "architecture: [fc, cnn]\nmask: 2\nwidth: [6, 40]\ninfinite-width: true\ntemperature: [0.2, 0.4]\n"
      + "tolerance: 1e-10\nvalidation-fraction: 0.2\norder: next\ndraws: 2000"
    let specification = try sweep.specification(yaml)
    #expect(specification.canonical["order"] == ["next"] && specification.canonical["draws"] == ["2000"])
    let loaded = try SweepData(specification).load(trainCount: nil, shuffleSeed: nil)
    let (test, validation) = (try #require(loaded.test), try #require(loaded.validation))
    let records = try sweep.run(yaml).records()
    #expect(records.count == 12)
    for record in records {
      let network = try Network(record.parameters.network)
      guard network.width != .infinite else {
        #expect(record.failure == nil && record.scored != nil && record.scored?.nextOrder == nil)
        continue
      }
      let own = try #require(record.scored?.nextOrder, "\(record.failure ?? "")")
      let posterior = try network.fit(loaded.train, options: FitOptions(tolerance: 1e-10, threads: 1))
      func corrected(_ data: Dataset) throws -> NextOrder {
        try NextOrder(
          posterior, points: data.inputs, options: NextOrderOptions(draws: 2000, threads: 1))
      }
      let (first, second) = (try corrected(test), try corrected(validation))
      let summary = try #require(own.summary)
      #expect(abs(summary.delta - first.delta) < 1e-6 * max(abs(first.delta), 0.01))
      // Whether a correction is above its noise is decided for all held-out points together.
      guard summary.omitted == first.omitted, summary.omitted == second.omitted else { continue }
      for (scores, next, data) in [(own.test, first, test), (own.validation, second, validation)] {
        let expected = next.corrected.prediction.scores(targets: data.targets, isClassification: true)
        #expect(abs((scores?.bias ?? 0) - (expected.bias ?? .nan)) < 1e-6)
        #expect(abs((scores?.variance ?? 0) - expected.variance) < 1e-6)
      }
    }
    let table = ResultTable(records).csv
    let header = table.split(separator: "\n")[0].split(separator: ",").map(String.init)
    for column in ["delta", "sigma", "class", "correctedGeneralizationError"] {
      #expect(header.contains(column), "\(column)")
    }
    // The key is of the whole sweep.
    #expect(
      message { try sweep.run(yaml.replacing("draws: 2000", with: "draws: 4000")) }.contains("draws was 2000"))
  }

  /// A point that fails is recorded with its reason, does not stop the rest, and its successor starts from
  /// nothing.
  @Test func failures() throws {
    let sweep = try SmallSweep()
    let yaml =
      "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.001, 0.01, 10]\nmax-iterations: 3\ntolerance: "
      + "1e-13"
    let store = try sweep.run(yaml)
    let records = try store.records()
    #expect(records.count == 3)
    for record in records where record.failure != nil {
      #expect(record.failure?.hasPrefix("did not converge: gradient norm ") == true)
      #expect(record.solved?.convergence.converged == false && record.scored == nil)
      #expect(record.start == nil)
    }
    let failed = records.filter { $0.failure != nil }.map(\.index)
    #expect(!failed.isEmpty)
    #expect(records.allSatisfy { $0.startedFrom.map { !failed.contains($0) } ?? true })
    #expect(ResultTable(records).csv.contains("did not converge"))
    // Failures stay as they are unless they are to be forgotten.
    var count = 0
    try sweep.run(yaml) { _ in
      count += 1; return true
    }
    #expect(count == 0)
    let specification = try sweep.specification(yaml)
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let runner = SweepRunner(plan, data, try sweep.store(plan))
    try runner.forgetFailures()
    try runner.run { _ in
      count += 1; return true
    }
    #expect(count == failed.count)
    #expect(try store.records() == records)
  }

  /// Failed points, and no others, are computed again under other limits, which their records name.
  @Test func otherLimitsForFailedPoints() throws {
    let sweep = try SmallSweep()
    let yaml = "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.001, 0.01, 10]\nmax-iterations: "
    let before = try sweep.run(yaml + "4").records()
    let failed = before.filter { $0.failure != nil }.map(\.index)
    try #require(!failed.isEmpty && failed.count < 3)
    let specification = try sweep.specification(yaml + "4")
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let store = try sweep.store(plan)
    // A point that was not finished keeps to the limits of the sweep.
    let good = try #require(before.first { $0.failure == nil })
    store.remove(plan.points[good.index])
    let limits = PointRecord.RetryLimits(maximumIterations: 500, memoryLimit: nil)
    for expected in [failed.count + 1, 0] {
      var count = 0
      try SweepRunner(plan, data, store, retry: limits).run { _ in
        count += 1; return true
      }
      #expect(count == expected)
    }
    let after = try store.records()
    #expect(after[good.index] == good)
    for index in failed {
      #expect(after[index].failure == nil && after[index].retry == limits)
      #expect(after[index].warnings.contains { $0.hasSuffix("computed again with at most 500 iterations") })
      let temperature = after[index].parameters.network.temperature
      let alone = try sweep.run(
        "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: \(temperature)", "alone\(index)"
      ).records()
      let (a, b) = (after[index].scored?.trainError ?? 0, alone.first?.scored?.trainError ?? 1)
      #expect(abs(a - b) < 1e-7 * abs(b))
    }
    // Records without such limits are what they were.
    #expect(!(String(decoding: try good.encoded(), as: UTF8.self).contains("retry")))
  }

  /// More memory for points that did not fit.
  @Test func moreMemoryForFailedPoints() throws {
    let sweep = try SmallSweep()
    let specification = try sweep.specification("architecture: fc\nwidth: 5\ntemperature: 1")
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let store = try SweepStore(
      sweep.scratch.path("out"), plan, threads: 1, memoryLimit: 1000, defaults: (1, 1000))
    try SweepRunner(plan, data, store).run()
    #expect(try store.records()[0].failure != nil)
    let limits = PointRecord.RetryLimits(maximumIterations: nil, memoryLimit: 1 << 30)
    try SweepRunner(plan, data, store, retry: limits).run()
    #expect(try store.records()[0].failure == nil && store.records()[0].retry == limits)
  }

  /// Kernels that do not fit fail with the reason of a fit.
  @Test func outOfMemory() throws {
    let sweep = try SmallSweep()
    let specification = try sweep.specification("architecture: [fc, cnn]\nmask: 2\nwidth: 5\ntemperature: 1")
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let store = try SweepStore(
      sweep.scratch.path("out"), plan, threads: 1, memoryLimit: 1000, defaults: (1, 1000))
    try SweepRunner(plan, data, store).run()
    let records = try store.records()
    #expect(records.count == 2)
    #expect(
      records.allSatisfy { $0.failure?.contains("even when they are not stored") == true && $0.solved == nil })
  }

  /// The same points, whether kernels at held-out points are held or computed anew.
  @Test func memoryForHeldOutKernels() throws {
    let sweep = try SmallSweep(count: 200)
    let yaml = "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.1, 1]"
    let specification = try sweep.specification(yaml)
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let needed = try plan.groups[0].network.memoryPlan(
      image: plan.image, examples: 150, outputs: 1, options: FitOptions(threads: 1, memoryLimit: 1 << 30)
    ).bytes
    let loaded = try data.load(trainCount: nil, shuffleSeed: nil)
    let points = try #require(loaded.test).inputs
    for (limit, isAnew) in [(1 << 30, false), (needed + 1000, true)] {
      // As a session of the runner does.
      let family = try KernelFamily(
        plan.groups[0].network, loaded.train, options: FitOptions(threads: 1, memoryLimit: limit))
      #expect(try family.heldOut(points).areComputedAnew == isAnew)
      let estimate = SweepEstimate(plan, .nominal, options: FitOptions(threads: 1, memoryLimit: limit))
      #expect(estimate.groups.map(\.recomputesHeldOut) == [isAnew])
    }
    var tables: [[PointRecord]] = []
    for (folder, limit) in [("held", 1 << 30), ("anew", needed + 1000)] {
      let store = try SweepStore(
        sweep.scratch.path(folder), plan, threads: 1, memoryLimit: limit, defaults: (1, limit))
      try SweepRunner(plan, data, store).run()
      tables.append(try store.records())
    }
    #expect(tables.map(\.count) == [2, 2])
    for (a, b) in zip(tables[0], tables[1]) {
      #expect(a.solved != nil && a.solved == b.solved && a.failure == nil && b.failure == nil)
      let (x, y) = (a.scored?.test?.generalizationError ?? 0, b.scored?.test?.generalizationError ?? 1)
      // Sums over pairs in another order.
      #expect(abs(x - y) < 1e-12)
    }
  }
}
