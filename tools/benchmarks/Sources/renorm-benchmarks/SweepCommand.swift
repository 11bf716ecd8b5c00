import ArgumentParser
import Foundation
import Renorm
import RenormFiles
import RenormSweep

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "The mean cost of a sweep's point beside a fit and prediction of its own.",
    discussion: """
      MNIST 3/8. Every few points the sweep is stopped and one of them is computed alone, kernels included: \
      both are timed in turn, so what disturbs the machine disturbs both.
      """)

  @OptionGroup var options: BenchmarkOptions
  @Option(help: "fc, lcn or cnn, with mask 7.") var architecture = "cnn"
  @Option(help: "P.") var examples = 500
  @Option(help: "Held-out points.") var heldOut = 500
  @Option(help: "Widths.") var width = "50,200,800,3200"
  @Option(help: "Temperatures.") var temperature = "logspace(0.001,1,10)"
  @Option(help: "Prior precisions of the readout.") var lambda1 = "logspace(0.1,10,10)"
  @Option(help: "Points of the sweep for each fit alone.") var every = 23

  struct Report: Codable {
    let machine: Machine
    let points: Int
    /// Seconds for all points: data, kernels, solutions, predictions, and writing them to disk.
    let sweepSeconds: Double
    /// Seconds of each fit alone: kernels, solution, predictions.
    let aloneSeconds: [Double]
    /// Mean cost of a point over the mean cost of a fit alone.
    let ratio: Double
    /// The same for processor time, which other work on the machine changes less.
    let processorRatio: Double
    /// The largest relative difference of the generalization error between both.
    let difference: Double
  }

  func run() throws {
    options.apply()
    guard let folder = ProcessInfo.processInfo.environment["RENORM_DATA"] else {
      throw BenchmarkError("set RENORM_DATA to a folder with the MNIST files that README.md lists")
    }
    let specification = try SweepSpecification(options: [
      (.train, "\(folder)/train-images-idx3-ubyte.gz"), (.trainLabels, "\(folder)/train-labels-idx1-ubyte.gz"),
      (.test, "\(folder)/t10k-images-idx3-ubyte.gz"), (.testLabels, "\(folder)/t10k-labels-idx1-ubyte.gz"),
      (.classes, "3,8"), (.trainCount, "\(examples)"), (.testCount, "\(heldOut)"),
      (.architecture, architecture),
      (.mask, "7"), (.width, width), (.temperature, temperature), (.lambda1, lambda1),
    ])
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let loaded = try data.load(trainCount: examples, shuffleSeed: nil)
    guard let test = loaded.test else { throw BenchmarkError("there are no held-out points") }
    let path = NSTemporaryDirectory() + "renorm-sweep-benchmark-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try SweepStore(
      path, plan, threads: options.threads, memoryLimit: nil,
      defaults: (options.threads, MemoryPlan.defaultLimit))

    var alone: [Double] = []
    var aloneProcessor = 0.0
    var difference = 0.0
    var count = 0
    var failure: (any Error)?
    let processorStart = processorSeconds()
    let total = try measure {
      try SweepRunner(plan, data, store).run { record in
        count += 1
        guard count % every == 0 else { return true }
        do {
          var error = 0.0
          let start = processorSeconds()
          alone.append(
            try measure {
              let posterior = try Network(record.parameters.network)
                .fit(loaded.train, options: FitOptions(threads: options.threads))
              error = try posterior.predict(test.inputs)
                .scores(targets: test.targets, isClassification: true).generalizationError ?? .nan
            })
          aloneProcessor += processorSeconds() - start
          difference = max(difference, abs((record.scored?.test?.generalizationError ?? .nan) / error - 1))
          return true
        } catch {
          failure = error
          return false
        }
      }
    }
    if let failure { throw failure }
    let processor = processorSeconds() - processorStart - aloneProcessor
    let processorRatio =
      processor / Double(plan.points.count) / (aloneProcessor / Double(alone.count))
    let sweep = total - alone.reduce(0, +)
    let mean = alone.reduce(0, +) / Double(alone.count)
    let ratio = sweep / Double(plan.points.count) / mean
    print(
      "\(architecture), P = \(examples), \(heldOut) held-out points: \(plan.points.count) points in "
        + "\(sweep.text(4)) s, \((1e3 * sweep / Double(plan.points.count)).text(3)) ms each; alone "
        + "\((1e3 * mean).text(3)) ms (\(alone.count) fits); ratio \(ratio.text(3)), of processor time "
        + "\(processorRatio.text(3)); difference \(difference.text(2))"
    )
    try options.write(
      Report(
        machine: Machine(threads: options.threads), points: plan.points.count, sweepSeconds: sweep,
        aloneSeconds: alone, ratio: ratio, processorRatio: processorRatio, difference: difference))
  }
}
