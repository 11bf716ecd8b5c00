public import Renorm

/// What the draws of a network's posterior say, every number with its Monte Carlo standard error.
///
/// Averages of recorded numbers have the error that the given estimator finds; functions of averages (bias,
/// variance) are jackknifed over batches of draws, which also removes the bias that Monte Carlo noise gives
/// them: with K independent draws (y - average)^2 is too large by var/K.
public struct SampledPosterior: Equatable, Sendable, Codable {
  /// Number of chains.
  public let chains: Int
  /// Number of draws over all chains.
  public let draws: Int
  /// log p, up to the density's constant.
  public let logDensity: Estimate
  /// lambda0 |w|^2 per hidden weight; 1 under the prior.
  public let weightNorm: Estimate
  /// The posterior average of (y - f(x))^2 over the training targets; of -log p where the likelihood is one of
  /// classes.
  public let trainingLoss: Estimate
  /// lambda1 <v v^T> / N, rows of a symmetric matrix over positions (or outputs): the sampled order parameter.
  /// Off the diagonal exactly 0 for an LCN, and NaN where `DrawLayout.hasDiagonalOnly`.
  public let orderParameter: [[Estimate]]
  /// Predictions at the test points.
  public let predictions: [PointEstimate]
  /// Averages over test points; nil where there are no test targets.
  public let scores: SampledScores?
  /// Similarity matrices of the hidden layer.
  public let similarity: [SimilarityEstimate]
  /// Those of the layers of a deep network; nil for one hidden layer.
  public let layers: SampledLayers?
  /// The average of `DrawLayout.scaleQuantity`; nil without a node prior.
  public let scales: Estimate?
  /// The errors of networks of which some units are kept, in the order of `DrawLayout.kept`.
  public let pruned: [Estimate]
  /// The probabilities of classes, tests x classes, where the likelihood is one of classes; else nil.
  public let probabilities: [[Estimate]]?
  /// The largest readouts; nil but for one hidden layer.
  public let readouts: SampledReadouts?
}

/// The largest readouts of a sampled network (docs/condensed.md).
public struct SampledReadouts: Equatable, Sendable, Codable {
  /// |v_a| lambda1^(1/2) of the largest, the second and the third unit, v_a with the scale tau_a^(1/2) of a node
  /// prior; the norm over positions that share a filter and over outputs, where there are several.
  public let sizes: [Estimate]
  /// sign(v_a) w_a of the largest along X^T u, in standard deviations of the prior: 0 +- 1 under the prior. nil
  /// for several positions or outputs.
  public let alignment: Estimate?
  /// The sizes of all units; nil for more than `DrawLayout.readoutLimit` of them.
  public let histogram: ReadoutHistogram?
}

/// How often readouts of a sampled network have which size: densities in bins of one width from 0 on. Up to 0.5
/// percent of the largest sizes lie beyond the last bin: heavy tails would leave one bin for all others.
public struct ReadoutHistogram: Equatable, Sendable, Codable {
  /// Of a bin.
  public let width: Double
  /// The density of the sizes of all units but the largest; empty for one unit.
  public let others: [Double]
  /// The density of the largest size.
  public let largest: [Double]

  private static let bins = 30

  /// - Parameter draws: sizes of all units, descending.
  /// - Returns: nil without a size that is not 0.
  init?(_ draws: some Sequence<ArraySlice<Double>>) {
    let draws = Array(draws)
    let tops = draws.compactMap(\.first).sorted()
    guard !tops.isEmpty else { return nil }
    let top = tops[tops.count - 1 - tops.count / 200]
    guard top > 0, top.isFinite else { return nil }
    let width = top / Double(Self.bins)
    guard width > 0 else { return nil }
    func densities(_ sizes: some Sequence<Double>) -> [Double] {
      var (counts, total) = ([Int](repeating: 0, count: Self.bins), 0)
      for size in sizes {
        total += 1
        if size <= top { counts[min(Int(size / width), Self.bins - 1)] += 1 }
      }
      return total == 0 ? [] : counts.map { Double($0) / (Double(total) * width) }
    }
    self.width = width
    others = densities(draws.lazy.flatMap { $0.dropFirst() })
    largest = densities(draws.lazy.compactMap(\.first))
  }
}

/// What the inner layers of a sampled deep network come to (docs/depth.md).
public struct SampledLayers: Equatable, Sendable, Codable {
  /// p_1..p_L, of which p_L is the order parameter of the last layer.
  public let paths: [Estimate]
  /// omega_1..omega_(L-1).
  public let virials: [Estimate]
}

/// The prediction at one test point, by outputs.
public struct PointEstimate: Equatable, Sendable, Codable {
  /// The posterior mean of f(x).
  public let mean: [Estimate]
  /// The posterior variance of f(x): the mean of conditional variances plus the variance of conditional means.
  public let variance: [Estimate]
}

/// Averages over test points (docs/theory.md, section 7).
public struct SampledScores: Equatable, Sendable, Codable {
  /// Mean of (y - mean(x))^2. Without the bias from noise it may be slightly negative where it is tiny. nil
  /// where the likelihood is one of classes, as is `generalizationError`.
  public let bias: Estimate?
  /// Mean of the posterior variance of f.
  public let variance: Estimate
  /// bias + variance, the posterior average of (y - f(x))^2.
  public let generalizationError: Estimate?
  /// Fraction of points whose class is predicted; nil for regression.
  public let accuracy: Estimate?
  /// Mean of -log p of the label, and Brier's score, of averaged probabilities; nil but for a likelihood of
  /// classes.
  public let nll: Estimate?, brier: Estimate?

  init(
    bias: Estimate?, variance: Estimate, generalizationError: Estimate?, accuracy: Estimate?,
    nll: Estimate? = nil, brier: Estimate? = nil
  ) {
    (self.bias, self.variance, self.generalizationError) = (bias, variance, generalizationError)
    (self.accuracy, self.nll, self.brier) = (accuracy, nll, brier)
  }
}

/// (1/N) sum_a <s(h_ai(x)) s(h_aj(x'))> between a few points, for one pair of positions.
public struct SimilarityEstimate: Equatable, Sendable, Codable {
  /// The positions i >= j.
  public let positions: DrawLayout.Pair
  /// Rows over x, columns over x'.
  public let matrix: [[Estimate]]
}

extension SampledPosterior {
  /// Estimates from draws.
  ///
  /// - Parameters:
  ///   - draws: what was recorded, by chain, draw and place in the layout.
  ///   - targets: the true targets of the test points, tests x D.
  ///   - isClassification: whether the accuracy has a meaning.
  ///   - average: how averages of recorded numbers and their errors are found.
  /// - Throws: `RenormError.unusableData` without draws, or where a draw is not finite.
  public init(
    draws: [[[Double]]], layout: DrawLayout, targets: Matrix? = nil, isClassification: Bool = false,
    average: AverageEstimator = { Estimate.batchMeans($0) }
  ) throws(RenormError) {
    try self.init(
      records: draws.map { $0.map { DrawRecord($0) } }, layout: layout, targets: targets,
      isClassification: isClassification, average: average)
  }

  /// - Parameter classes: the probabilities of classes, where the likelihood is one of classes.
  init(
    records draws: [[DrawRecord]], layout: DrawLayout, targets: Matrix?, isClassification: Bool,
    classes: ClassAverages? = nil, average: AverageEstimator
  ) throws(RenormError) {
    guard draws.contains(where: { !$0.isEmpty }) else {
      throw .unusableData("there are no draws to average")
    }
    for draw in draws.joined() {
      precondition(draw.count == layout.count, "\(draw.count) numbers for a layout of \(layout.count)")
      guard draw.isFinite else {
        throw .unusableData("a draw contains NaN or infinity: the density could not be evaluated there")
      }
    }
    func estimate(_ place: Int) -> Estimate { average(draws.map { chain in chain.map { $0[place] } }) }
    chains = draws.count
    self.draws = draws.reduce(0) { $0 + $1.count }
    logDensity = estimate(layout.logDensity)
    weightNorm = estimate(layout.weightNorm)
    trainingLoss = estimate(layout.trainingLoss)
    let order = layout.orderParameterOrder
    let other =
      layout.hasDiagonalOnly
      ? Estimate(mean: .nan, standardError: .nan) : Estimate(mean: 0, standardError: 0)
    var rows = [[Estimate]](repeating: [Estimate](repeating: other, count: order), count: order)
    for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
      rows[pair.row][pair.column] = estimate(place)
      rows[pair.column][pair.row] = rows[pair.row][pair.column]
    }
    orderParameter = rows
    let averages = PredictionAverages(draws, layout)
    predictions = (0..<layout.testCount).map { point in
      PointEstimate(
        mean: (0..<layout.outputs).map { estimate(layout.mean(point, output: $0)) },
        variance: (0..<layout.outputs).map { averages.variance(point, output: $0) })
    }
    scores =
      layout.testCount == 0
      ? nil
      : targets.map { targets in
        if let classes {
          let scores = classes.scores(targets)
          return SampledScores(
            bias: nil, variance: averages.meanVariance, generalizationError: nil, accuracy: scores.accuracy,
            nll: scores.nll, brier: scores.brier)
        }
        return SampledScores(
          bias: averages.bias(targets), variance: averages.meanVariance,
          generalizationError: average(PredictionAverages.losses(draws, layout, targets)),
          accuracy: isClassification ? averages.accuracy(targets) : nil)
      }
    probabilities = layout.testCount == 0 ? nil : classes?.probabilities(average)
    similarity = layout.similarityPairs.indices.map { index in
      SimilarityEstimate(layout, index, estimate)
    }
    scales = layout.scales.first.map(estimate)
    pruned = layout.pruned.map(estimate)
    let sizes = layout.readoutSizes
    readouts =
      sizes.isEmpty
      ? nil
      : SampledReadouts(
        sizes: sizes.prefix(3).map(estimate), alignment: layout.alignment.map(estimate),
        histogram: layout.hasEveryReadout ? ReadoutHistogram(draws.joined().lazy.map { $0[sizes] }) : nil)
    let last = (0..<order).map { rows[$0][$0] }
    layers =
      layout.innerLayers == 0
      ? nil
      : SampledLayers(
        paths: layout.paths.map(estimate) + (last.count == 1 ? last : []),
        virials: layout.virials.map(estimate))
  }
}

extension SampledPosterior {
  /// The same without errors, which draws that do not move cannot tell.
  func withoutErrors() -> SampledPosterior {
    SampledPosterior(
      chains: chains, draws: draws, logDensity: logDensity.withoutError,
      weightNorm: weightNorm.withoutError, trainingLoss: trainingLoss.withoutError,
      orderParameter: orderParameter.map { $0.map(\.withoutError) },
      predictions: predictions.map {
        PointEstimate(mean: $0.mean.map(\.withoutError), variance: $0.variance.map(\.withoutError))
      },
      scores: scores.map {
        SampledScores(
          bias: $0.bias?.withoutError, variance: $0.variance.withoutError,
          generalizationError: $0.generalizationError?.withoutError, accuracy: $0.accuracy?.withoutError,
          nll: $0.nll?.withoutError, brier: $0.brier?.withoutError)
      },
      similarity: similarity.map {
        SimilarityEstimate(positions: $0.positions, matrix: $0.matrix.map { $0.map(\.withoutError) })
      },
      layers: layers.map {
        SampledLayers(paths: $0.paths.map(\.withoutError), virials: $0.virials.map(\.withoutError))
      }, scales: scales?.withoutError, pruned: pruned.map(\.withoutError),
      probabilities: probabilities?.map { $0.map(\.withoutError) },
      readouts: readouts.map {
        SampledReadouts(
          sizes: $0.sizes.map(\.withoutError), alignment: $0.alignment?.withoutError, histogram: $0.histogram)
      })
  }
}

extension Estimate {
  fileprivate var withoutError: Estimate { Estimate(mean: mean, standardError: .nan) }
}

extension SimilarityEstimate {
  fileprivate init(_ layout: DrawLayout, _ index: Int, _ estimate: (Int) -> Estimate) {
    positions = layout.similarityPairs[index]
    let count = layout.similarityCount
    var rows = [[Estimate]](
      repeating: [Estimate](repeating: Estimate(mean: 0, standardError: 0), count: count), count: count)
    var place = layout.similarity(index).lowerBound
    let isSymmetric = positions.row == positions.column
    for column in 0..<count {
      for row in (isSymmetric ? column : 0)..<count {
        rows[row][column] = estimate(place)
        if isSymmetric { rows[column][row] = rows[row][column] }
        place += 1
      }
    }
    matrix = rows
  }
}
