internal import GSLNumerics
internal import LinearAlgebra

/// How draws of the hidden unit are split: blocks, over which errors are estimated and which are shared among
/// threads; pieces, each a random stream of its own; steps, of which features are held at once.
struct DrawPlan: Sendable {
  let draws: HiddenUnitDraws
  /// Draws of a block.
  let blockSize: Int
  /// Draws of which features are held at once.
  let step: Int
  /// Threads that may work at the same time within the memory limit.
  let threads: Int
  /// The same for `CovarianceWorker` without and with delta, which holds other numbers; 0 where it does not
  /// apply.
  private let covarianceSteps: (means: Int, values: Int)
  private let piecesOfBlock: Int

  /// Probes of A^-1 for every piece.
  static let probes = 16
  /// Bytes that features of one step may take: they should stay near the cores, yet fill BLAS.
  private static let stepBytes = 1 << 25
  /// With one position most of the work are passes over these numbers, which should stay in a cache.
  private static func covarianceBytes(positions: Int) -> Int { positions == 1 ? 1 << 23 : stepBytes }
  private static let smallestStep = 32

  init(_ problem: NextOrderProblem, points: Int, blockSize: Int, seed: UInt32, threads: Int) throws(RenormError)
  {
    draws = HiddenUnitDraws(inputs: problem.frame.local.patchLength, seed: seed)
    piecesOfBlock = max(1, (blockSize + draws.pieceSize / 2) / draws.pieceSize)
    self.blockSize = piecesOfBlock * draws.pieceSize
    let order = problem.kernels.count
    let positions = problem.frame.units.map(\.positions.count).max() ?? 1
    let columns = problem.frame.units.map(\.columns.count).max() ?? 1
    let rows = order + points
    let bytesOfDraw = 8 * (2 * positions + 2 * columns) * rows
    let left = problem.memoryLimit - 8 * problem.kernels.z.elements.count - 8 * order * points
    let bytes = min(Self.stepBytes, left / 2)
    step = min(draws.pieceSize, max(Self.smallestStep, bytes / bytesOfDraw))
    let worker = bytesOfDraw * step + 8 * (4 * order * order + draws.inputs * draws.pieceSize + 4 * points)
    guard left >= worker else {
      throw .outOfMemory(
        what: "draws of the hidden unit for \(points) points", bytes: worker, available: max(left, 0),
        advice: "predict fewer points at once")
    }
    // By memory alone: what is computed must not depend on threads.
    let fixed = 8 * draws.inputs * draws.pieceSize
    let size = draws.pieceSize
    let covers = CovarianceWorker.covers(problem.network.activation)
    func share(hasValues: Bool) -> (step: Int, bytes: Int) {
      let needs = CovarianceWorker.bytes(
        rows: order, points: points, inputs: problem.frame.local.patchLength, positions: positions,
        probes: CovarianceWorker.probes(positions: positions, hasValues: hasValues), hasValues: hasValues)
      let room = left - fixed - needs.fixed
      let most = min(Self.covarianceBytes(positions: positions), room) / needs.draw
      let step = covers && most >= Self.smallestStep / 2 ? min(size, most) : 0
      return (step, fixed + needs.fixed + needs.draw * step)
    }
    let (means, values) = (share(hasValues: false), share(hasValues: true))
    covarianceSteps = (means.step, values.step)
    self.threads = max(1, min(threads, left / max(worker, means.bytes, values.bytes)))
  }

  /// Draws that a `CovarianceWorker` holds at once; 0 where it does not apply.
  func covarianceStep(hasValues: Bool) -> Int { hasValues ? covarianceSteps.values : covarianceSteps.means }

  /// Blocks for dm alone from derivatives have so many times the pieces of others, of which so many share their
  /// probes: kernels times probes are dear beside few draws.
  static let piecesOfMeans = 2

  /// The pieces of a block for dm alone from derivatives.
  func meanPieces(_ block: Int) -> Range<Int> {
    pieces(block * Self.piecesOfMeans).lowerBound..<pieces((block + 1) * Self.piecesOfMeans).lowerBound
  }

  /// The pieces of a block.
  func pieces(_ block: Int) -> Range<Int> { block * piecesOfBlock..<(block + 1) * piecesOfBlock }

  /// C^-T n / 4 with 16 Gaussian columns n: the products of these with themselves are A^-1 on average.
  func probes(_ piece: Int, _ factor: Cholesky) -> Matrix {
    factor.solveLowerTransposed(whiteProbes(piece, factor.order))
  }

  /// Gaussian columns over the root of their number m, P x m.
  func whiteProbes(_ piece: Int, _ order: Int, _ count: Int = probes) -> Matrix {
    Self.whiteProbes(order, count, seed: draws.seed, stream: piece)
  }

  /// The same without a plan.
  static func whiteProbes(_ order: Int, _ count: Int, seed: UInt32, stream: Int) -> Matrix {
    (1 / Double(count).squareRoot())
      * .gaussian(rows: order, columns: count, RandomGenerator(seed: ~seed, stream: stream))
  }

  /// The average over blocks of C^T B C, B the products of the probes: near the identity.
  func probeAverage(_ blocks: Range<Int>, order: Int) -> Matrix {
    var sum = Matrix(rows: order, columns: order)
    let numbers = blocks.flatMap { pieces($0) }
    for group in numbers.count.blocks(of: 64) {
      let columns = group.flatMap { whiteProbes(numbers[$0], order).elements }
      let all = Matrix(rows: order, columns: columns.count / max(order, 1), elements: columns)
      sum.add(1 / Double(numbers.count), elements: (all * all.asTranspose).elements)
    }
    return sum
  }
}
