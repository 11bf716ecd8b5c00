import Renorm
import RenormFiles
import Testing

@testable import RenormSampling

/// Deep networks that another program sampled (collapsed Hamiltonian Monte Carlo in NumPy over all hidden
/// weights, two chains of 1300 to 2500 draws; docs/depth.md), sampled again: MNIST, every second pixel, lambda0 =
/// 1.
@Suite(.slow("many draws of deep networks on MNIST"), .needsData, .serialized) struct DeepTableTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var classes = [3, 8]
    var count = 50
    var widths: [Int] = [50, 50]
    var lambdas: [Double]?
    var temperature = 0.02
    var activation = "erf"
    /// Masks of two convolutional layers; none for fc.
    var masks: [Int] = []
    /// Sampled p_1, where it is known: tr P_1/d_1 where layers have matrices.
    var path: Double?
    /// Sampled q_L, or P_L: its diagonal, then (1, 0), (2, 0), (2, 1).
    var last: [Double] = []
    /// Sampled omega_l = q_l of linear layers.
    var virials: [Double] = []
    /// Standard errors of these numbers: their program had the difference of two chains for it.
    var error = 0.005
    /// Whether the leading order is off by more than these draws leave open.
    var isMissed = false
    var samples = 1000
    var testDescription: String { name }

    func network() throws -> Network {
      let depth = widths.count
      var description = NetworkDescription([
        .architecture: .name(masks.isEmpty ? "fc" : "cnn"), .activation: .name(activation),
        .temperature: .number(temperature), .widths: .list(widths.map { .width(.finite($0)) }),
        .lambdas: .list((lambdas ?? [Double](repeating: 1, count: depth)).map { .number($0) }),
      ])
      if !masks.isEmpty { description[.mask] = .list(masks.map { .extent(Extent($0)) }) }
      return try Network(description.completed)
    }
  }

  static let rows: [Row] = [
    Row(name: "0/1, N = 50", classes: [0, 1], last: [0.883], isMissed: true),
    Row(
      name: "3/8, N = 100, lambda = .3", widths: [100, 100], lambdas: [0.3, 0.3], path: 0.678, last: [0.786]),
    Row(name: "3/8, N = 100, 40", widths: [100, 40], path: 1.548, last: [1.343], isMissed: true),
    Row(name: "3/8, N = 50", path: 1.545, last: [1.225], isMissed: true),
    Row(
      name: "3/8, L = 3", count: 60, widths: [60, 60, 60], temperature: 0.05, path: 1.674, last: [1.156],
      isMissed: true),
    Row(
      name: "3/8, linear", count: 60, widths: [60, 40, 80], lambdas: [1, 0.5, 1], temperature: 0.05,
      activation: "linear", last: [0.893], virials: [0.857, 0.786]),
    Row(
      name: "3/8, CNN, second layer full", widths: [60, 60], masks: [7, 2], path: 1.4495, last: [1.340],
      error: 0.01),
    Row(
      name: "3/8, CNN, second layer 1x1", widths: [60, 60], masks: [7, 1], path: 1.2725,
      last: [1.040, 1.075, 1.293, 1.107], error: 0.01),
    Row(
      name: "three classes", classes: [1, 4, 7], count: 45, widths: [60, 60], temperature: 0.05, path: 0.7017,
      last: [0.795, 0.828, 0.831, -0.075, -0.078, -0.111]),
  ]

  /// Order parameters within four standard errors of both samplings, R-hat below 1.01, and what the leading
  /// order misses.
  @Test(arguments: rows) func sampled(_ row: Row) throws {
    let folder = Machine.dataFolder ?? ""
    let data = try LoadedData.load(
      DataFiles(
        train: "\(folder)/train-images-idx3-ubyte.gz", trainLabels: "\(folder)/train-labels-idx1-ubyte.gz",
        test: "\(folder)/t10k-images-idx3-ubyte.gz", testLabels: "\(folder)/t10k-labels-idx1-ubyte.gz"),
      DataSelection(
        classes: row.classes.map { .integer($0) }, trainCount: row.count, testCount: 20, pixelStep: 2))
    let network = try row.network()
    let sampled = try #require(
      try network.sample(
        data.train, predicting: data.test,
        options: SamplingOptions(chains: 2, samples: row.samples, warmup: 300, seed: 1)))
    let worst = try #require(sampled.diagnostics.worst)
    #expect(try #require(worst.rHat) < 1.01, "\(worst)")
    let estimates = sampled.estimates
    let layers = try #require(estimates.layers)
    func expectNear(_ own: Estimate, _ published: Double, _ name: String) {
      let error = (own.standardError * own.standardError + row.error * row.error).squareRoot()
      #expect(abs(own.mean - published) < 4 * error, "\(name): \(own), published \(published)")
    }
    if let path = row.path { expectNear(layers.paths[0], path, "p_1") }
    let order = estimates.orderParameter
    let pairs = (0..<order.count).map { ($0, $0) } + [(1, 0), (2, 0), (2, 1)]
    for (pair, value) in zip(pairs, row.last) { expectNear(order[pair.0][pair.1], value, "P_L at \(pair)") }
    for (own, value) in zip(layers.virials, row.virials) { expectNear(own, value, "omega") }
    let posterior = try network.fit(data.train)
    let test = try #require(data.test)
    let comparison = Comparison(posterior, try posterior.predict(test.inputs), sampled, test: test)
    let off = comparison.orderParameter.compactMap(\.z).map(abs).max() ?? 0
    if row.isMissed {
      #expect(off > comparison.threshold, "the leading order is within errors: |z| up to \(off)")
    } else {
      // As the table says, to 2 percent of p and q; entries off the diagonal relative to it.
      #expect(comparison.orderParameter.allSatisfy { $0.relativeDeviation ?? 0 < 0.03 }, "\(comparison)")
    }
  }
}
