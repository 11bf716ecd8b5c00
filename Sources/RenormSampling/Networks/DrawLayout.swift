public import Renorm

/// Points at which the draws of a network are observed; inputs are columns, standardised as the training
/// inputs.
public struct ObservedPoints: Sendable {
  /// Points for predictions.
  public var test: Matrix?
  /// A few points, between which the similarity of the hidden layer is recorded.
  public var similarity: SimilarityPoints?
  /// What is recorded of networks of which only some units are kept; nil for nothing.
  public var pruned: PrunedUnits?

  /// Points to observe; none by default.
  public init(test: Matrix? = nil, similarity: SimilarityPoints? = nil, pruned: PrunedUnits? = nil) {
    self.test = test
    self.similarity = similarity
    self.pruned = pruned
  }
}

/// A few points, and the pairs of positions at which the hidden layer's similarity between them is recorded.
public struct SimilarityPoints: Sendable {
  /// Inputs as columns, standardised as the training inputs.
  public var inputs: Matrix
  /// The pairs; nil takes all that share filters (all of a CNN, i = j of an LCN).
  public var positions: [DrawLayout.Pair]?

  public init(_ inputs: Matrix, positions: [DrawLayout.Pair]? = nil) {
    self.inputs = inputs
    self.positions = positions
  }
}

/// What the numbers are that a network's density records of every draw, in their order.
///
/// 1. `logDensity`; `weightNorm` = lambda0 |w|^2 divided by the number of hidden weights, 1 under the prior;
///    `trainingLoss`, the mean over training targets of (y - f(x))^2, or of -log p where labels are classes
/// 2. the order parameter: lambda1 (1/N) sum_a v_ai v_aj over positions for one output (`orderParameterPairs`:
///    all i >= j, the diagonal for an LCN and where all are too many); for D outputs over pairs of outputs,
///    averaged over the readout's coordinates. Its posterior average is Q of docs/theory.md, section 3 (Qbar of
///    section 4)
/// 3. f(x) at the test points, output by output (less their mean for a softmax of several, which does not see
///    it); then its variance, one number per test point (all outputs
///    share it)
/// 4. similarity matrices (1/N) sum_a s(h_ai(x)) s(h_aj(x')) for pairs of positions i >= j that share filters,
///    column by column; for i = j the lower triangle
/// 5. of a deep network, for l = 1..L-1: the paths p_l, lambda_l .. lambda_L |r_l|^2/N_l with r_L = v and r_l =
///    N_(l+1)^(-1/2) (W^l)^T r_(l+1) (p_L is the order parameter of 2.); then the virials omega_l = 1 + (lambda_l
///    |W^l|^2 - N_l N_(l+1))/N_l, an identity of any network (docs/depth.md); of several outputs the average of
///    p_l, of convolutional layers that over positions and the ones that filters read, tr P_l/d_l
/// 6. of one hidden layer: the sizes tau_a^(1/2) |zeta_a| of the units' readouts, descending
///    (`HiddenLayer.readoutSizes`; tau_a = 1 without a node prior), all of them, but of more than
///    `readoutLimit` units three; of one position and output, where they are |v_a| lambda1^(1/2), also the
///    projection of sign(v_a) w_a of the largest on X^T u, u = A^-1 y at infinite width and tau = 1, in standard
///    deviations of the prior (docs/condensed.md)
/// 7. of a network with a node prior, `openFraction` or `meanLogScale` (`ScaleQuantity`)
/// 8. for each part of the units that is kept (`PrunedUnits`) the mean of (y - f(x))^2 over the test points
///
/// A collapsed density records conditional means given w of all these, and the conditional variance of f(x).
public struct DrawLayout: Equatable, Sendable, Codable {
  /// A row and a column of a symmetric matrix, row >= column.
  public struct Pair: Equatable, Sendable, Codable {
    /// The larger index.
    public let row: Int
    /// The smaller index.
    public let column: Int

    /// A pair of indices in either order.
    public init(_ i: Int, _ j: Int) {
      row = max(i, j)
      column = min(i, j)
    }
  }

  /// D.
  package let outputs: Int
  /// Number of test points.
  package let testCount: Int
  /// Number of points whose similarity is recorded.
  package let similarityCount: Int
  /// The order of the order parameter: n for one output, else D.
  package let orderParameterOrder: Int
  /// The recorded entries of the order parameter. Others are zero, but where `hasDiagonalOnly`.
  package let orderParameterPairs: [Pair]
  /// Whether the entries of the order parameter off its diagonal are not recorded, though they are not zero:
  /// all n(n + 1)/2 entries of a CNN would be more than `limit`.
  package let hasDiagonalOnly: Bool
  /// The pairs of positions whose similarity matrices are recorded.
  package let similarityPairs: [Pair]
  /// Whether draws hold conditional variances.
  package let isConditional: Bool
  /// L - 1; nil for one hidden layer, so that its layout is written as ever.
  private let innerCount: Int?

  /// What is recorded of the units' scales; nil without a node prior.
  package let scaleQuantity: ScaleQuantity?

  /// The parts of the units that are kept.
  package let kept: [Double]

  /// L - 1, the number of hidden layers below the last.
  package var innerLayers: Int { innerCount ?? 0 }

  /// The place of the log density.
  package var logDensity: Int { 0 }
  /// The place of lambda0 |w|^2 per weight.
  package var weightNorm: Int { 1 }
  /// The place of the training loss.
  package var trainingLoss: Int { 2 }
  /// The places of the order parameter's entries.
  package var orderParameter: Range<Int> { 3..<3 + orderParameterPairs.count }
  /// The places of f(x): point + tests * output.
  package var means: Range<Int> { orderParameter.upperBound..<orderParameter.upperBound + testCount * outputs }
  /// The places of the variances of f(x); empty unless `isConditional`.
  package var variances: Range<Int> { means.upperBound..<means.upperBound + (isConditional ? testCount : 0) }
  /// The place of f at a test point.
  package func mean(_ point: Int, output: Int) -> Int { means.lowerBound + point + testCount * output }
  /// The place of the variance of f at a test point, where draws are conditional.
  package func variance(_ point: Int) -> Int { variances.lowerBound + point }
  /// The places of one pair's similarity matrix, by index into `similarityPairs`.
  package func similarity(_ index: Int) -> Range<Int> {
    let start = variances.upperBound + Self.size(similarityPairs[..<index], similarityCount)
    return start..<start + Self.size([similarityPairs[index]], similarityCount)
  }
  /// The places of p_1..p_(L-1).
  package var paths: Range<Int> {
    let start = variances.upperBound + Self.size(similarityPairs[...], similarityCount)
    return start..<start + innerLayers
  }
  /// The places of omega_1..omega_(L-1).
  package var virials: Range<Int> { paths.upperBound..<paths.upperBound + innerLayers }
  /// How many sizes of readouts are recorded; nil where none are, so that such layouts are written as ever.
  private let readoutCount: Int?
  /// Whether these are those of all units; nil where none are.
  private let hasAllReadouts: Bool?
  /// Whether the alignment is recorded too; nil where it is not.
  private let isAligned: Bool?
  /// The places of the largest sizes of readouts.
  package var readoutSizes: Range<Int> { virials.upperBound..<virials.upperBound + (readoutCount ?? 0) }
  /// The places by which warmup judges trajectories: without most sizes of readouts, which would outnumber all
  /// else.
  package var judged: [Int] {
    let sizes = readoutSizes
    let left = sizes.lowerBound + (alignment == nil ? 0 : min(3, sizes.count))..<sizes.upperBound
    return (0..<count).filter { !left.contains($0) }
  }
  /// The place of the projection of the largest one's weights; nil where it is not recorded.
  package var alignment: Int? { isAligned == true ? readoutSizes.upperBound : nil }
  /// Whether the sizes of readouts are those of all units.
  package var hasEveryReadout: Bool { hasAllReadouts == true }
  /// The place of the scales' number; empty without a node prior.
  package var scales: Range<Int> {
    let start = readoutSizes.upperBound + (isAligned == true ? 1 : 0)
    return start..<start + (scaleQuantity == nil ? 0 : 1)
  }
  /// The places of the errors of pruned networks.
  package var pruned: Range<Int> { scales.upperBound..<scales.upperBound + kept.count }
  /// How many numbers a draw has.
  package var count: Int { pruned.upperBound }

  /// How many numbers the similarity matrices of some pairs of positions have.
  private static func size(_ pairs: ArraySlice<Pair>, _ count: Int) -> Int {
    pairs.reduce(0) { $0 + ($1.row == $1.column ? count * (count + 1) / 2 : count * count) }
  }

  /// The most numbers that a draw may have: 80 kB, so that thousands of draws fit in memory.
  package static let limit = 10_000
  /// The most units whose readouts are all recorded.
  package static let readoutLimit = 300

  /// - Throws: `RenormError.unsupported` for more than `limit` numbers.
  init(
    _ layer: HiddenLayer, outputs: Int, _ points: ObservedPoints, isConditional: Bool
  ) throws(RenormError) {
    let groups = outputs > 1 ? [0..<outputs] : layer.readoutGroups
    orderParameterOrder = outputs > 1 ? outputs : layer.readoutPositions
    self.outputs = outputs
    testCount = points.test?.columns ?? 0
    similarityCount = points.similarity?.inputs.columns ?? 0
    similarityPairs = try Self.similarityPairs(points.similarity, layer)
    self.isConditional = isConditional
    innerCount = layer.upper.isEmpty ? nil : layer.upper.count
    scaleQuantity = layer.scaleLaw.map { ScaleQuantity($0) }
    try points.pruned?.check(isConditional: isConditional)
    kept = points.pruned?.kept ?? []
    let perPoint = outputs + (isConditional ? 1 : 0)
    let similarity = Self.size(similarityPairs[...], similarityCount)
    let others =
      3 + testCount * perPoint + similarity + 2 * layer.upper.count + 4 + (scaleQuantity == nil ? 0 : 1)
      + kept.count
    // Counted first: of thousands of positions all pairs would fill the memory.
    let pairs = groups.reduce(0) { $0 + $1.count * ($1.count + 1) / 2 }
    hasDiagonalOnly = outputs == 1 && pairs > orderParameterOrder && pairs + others > Self.limit
    orderParameterPairs =
      hasDiagonalOnly ? (0..<orderParameterOrder).map { Pair($0, $0) } : Self.pairs(groups)
    let units = layer.upper.isEmpty ? layer.units * layer.readoutSpans.count : nil
    let room = Self.limit - others - orderParameterPairs.count
    let most = min(Self.readoutLimit, room)
    hasAllReadouts = units.map { $0 <= most }
    readoutCount = units.map { $0 <= most ? $0 : min(3, $0) }
    isAligned = units != nil && layer.positions == 1 && outputs == 1 ? true : nil
    guard count <= Self.limit else {
      let fixed = 3 + orderParameterPairs.count
      let instead =
        if fixed >= Self.limit {
          "take fewer positions: a larger stride or mask"
        } else if fixed + similarity >= Self.limit {
          "take fewer similarity points, or one pair of positions"
        } else {
          "take at most \((Self.limit - fixed - similarity) / perPoint) test points"
        }
      throw .unsupported(
        what: "recording \(count) numbers of every draw (\(orderParameterPairs.count) of the order parameter, "
          + "\(testCount) test points, \(similarityCount) similarity points)", instead: instead)
    }
  }

  /// What a user should know; each is one line.
  var warnings: [String] {
    guard hasDiagonalOnly else { return [] }
    return [
      "only the diagonal of the order parameter is recorded: with \(orderParameterOrder) positions all of it "
        + "would be more than \(Self.limit) numbers of every draw"
    ]
  }

  private static func pairs(_ groups: [Range<Int>]) -> [Pair] {
    groups.flatMap { group in
      group.flatMap { column in (column..<group.upperBound).map { Pair($0, column) } }
    }
  }

  private static func similarityPairs(
    _ points: SimilarityPoints?, _ layer: HiddenLayer
  ) throws(RenormError) -> [Pair] {
    guard let points, points.inputs.columns > 0 else { return [] }
    guard layer.upper.isEmpty else {
      throw .unsupported(
        what: "sampling similarities with depth \(layer.upper.count + 1)", instead: "take depth 1")
    }
    for pair in points.positions ?? [] {
      guard pair.column >= 0, pair.row < layer.positions else {
        throw .invalidParameter(
          name: "similarity-positions", value: "\(pair.row),\(pair.column)",
          accepted: "positions from 0 to \(layer.positions - 1)")
      }
      guard layer.groups.contains(where: { $0.contains(pair.row) && $0.contains(pair.column) }) else {
        throw .unsupported(
          what:
            "the similarity between positions \(pair.row) and \(pair.column), whose filters are independent",
          instead: "it is 0 on average; take a position with itself")
      }
    }
    return points.positions ?? pairs(layer.groups)
  }

  /// The name of every number, such as `orderParameter[2,1]`, `mean[17]` or `mean[17,0]` for several outputs.
  package var names: [String] {
    var names = ["logDensity", "weightNorm", "trainingLoss"]
    names += orderParameterPairs.map { "orderParameter[\($0.row),\($0.column)]" }
    for output in 0..<outputs {
      names += (0..<testCount).map { outputs == 1 ? "mean[\($0)]" : "mean[\($0),\(output)]" }
    }
    if isConditional { names += (0..<testCount).map { "variance[\($0)]" } }
    for pair in similarityPairs {
      for q in 0..<similarityCount {
        for p in (pair.row == pair.column ? q : 0)..<similarityCount {
          names.append("similarity[\(pair.row),\(pair.column)][\(p),\(q)]")
        }
      }
    }
    names += (0..<innerLayers).map { "path[\($0 + 1)]" } + (0..<innerLayers).map { "virial[\($0 + 1)]" }
    names += readoutSizes.indices.map { "readout[\($0)]" } + (alignment == nil ? [] : ["alignment"])
    if let scaleQuantity { names.append(scaleQuantity.rawValue) }
    names += kept.map { "prunedError[\($0)]" }
    return names
  }
}
