package import LinearAlgebra
internal import GSLNumerics
internal import RenormAction
internal import RenormKernels
package import Renorm

/// delta, and the change of means by dm, of which the class of trust is made, at a small part of the cost of
/// `NextOrder`: products of the kernels with a few random vectors stand for everything of order P^3 and of
/// order P^2 for each draw (`SketchProbes`). What it leaves out of the means, the mixture and Cov(m, delta), is
/// the smaller part; what it has is without bias, with standard errors from blocks of draws and probes.
package struct TrustSketch: Sendable {
  /// delta at the leading order parameter.
  package let delta: Double
  package let deltaError: Double
  /// The root mean square of dm/v^(1/2) over the points, of which the part of noise is subtracted.
  package let sigma: Double
  package let sigmaError: Double
  /// dm, and its errors, one for each point.
  package let means: [Double]
  package let meanErrors: [Double]
  /// The change of the bias by dm at first order, and its error; nil without targets.
  package let biasShift: Double?
  package let biasError: Double?
  package let draws: Int
  /// Whether the activation is odd, on which the class depends.
  let isOdd: Bool

  /// - Parameters:
  ///   - points: inputs at which means are taken.
  ///   - leading: the fit's predictions there.
  ///   - targets: targets there.
  /// - Throws: as `NextOrder`.
  package init(
    _ posterior: Posterior, points: Matrix, leading: Prediction, targets: [Double]?, plan: SketchPlan,
    seed: UInt32 = 1, threads: Int, memoryLimit: Int
  ) throws(RenormError) {
    let sketch = try Parallel.withThreads(threads) { () throws(RenormError) in
      try Sketch(posterior, points: points, plan, seed: seed, threads: threads, memoryLimit: memoryLimit)
    }
    let blocks = Double(plan.blocks)
    func estimate(_ values: [Double]) -> (mean: Double, error: Double) {
      let mean = values.reduce(0, +) / blocks
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (squares / (blocks * (blocks - 1))).squareRoot())
    }
    (delta, deltaError) = estimate(sketch.values)
    let each = (0..<points.columns).map { p in estimate(sketch.means.map { $0[p] }) }
    means = each.map(\.mean)
    meanErrors = each.map(\.error)
    let scaled = sketch.means.map { block in
      // A point where f is known has neither change nor variance.
      block.indices.map {
        block[$0] == 0 ? 0 : block[$0] / (leading.variance[$0, 0] * Double(points.columns)).squareRoot()
      }
    }
    (sigma, sigmaError) = Self.norm(scaled)
    let bias = targets.map { targets in
      estimate(
        sketch.means.map { block in
          -2 * block.indices.reduce(0) { $0 + block[$1] * (targets[$1] - leading.mean[$1, 0]) }
            / Double(max(targets.count, 1))
        })
    }
    biasShift = bias?.mean
    biasError = bias?.error
    draws = plan.blocks * sketch.drawsOfBlock
    isOdd = posterior.network.activation.isOdd
  }

  /// The norm of the average of vectors with independent noise: products of unequal vectors only, which noise
  /// does not shift; with its error by leaving out one vector after the other.
  private static func norm(_ vectors: [[Double]]) -> (Double, error: Double) {
    let count = Double(vectors.count)
    var sum = [Double](repeating: 0, count: vectors.first?.count ?? 0)
    for vector in vectors { sum.add(1, vector) }
    let (whole, own) = (dot(sum, sum), vectors.map { dot($0, $0) })
    let total = whole - own.reduce(0, +)
    let square = max(total, 0) / (count * (count - 1))
    let others = zip(vectors, own).map { vector, norm in
      (total - 2 * (dot(sum, vector) - norm)) / ((count - 1) * (count - 2))
    }
    let mean = others.reduce(0, +) / count
    let spread = others.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count
    let root = square.squareRoot()
    // d sqrt(s) = ds / (2 sqrt(s)), but no more than the error of s alone allows at s = 0.
    let error = spread.squareRoot()
    return (root, error / max(2 * root, error.squareRoot(), .leastNormalMagnitude))
  }
}

/// How many probes and draws a sketch takes.
package struct SketchPlan: Equatable, Sendable {
  /// Blocks of draws with probes of their own; at least 4, as errors are taken from them.
  package let blocks: Int
  /// Probes of each block.
  package let probes: Int
  /// Draws of each block.
  package let drawsOfBlock: Int

  package init(blocks: Int = 8, probes: Int = 16, drawsOfBlock: Int = 512) {
    self.blocks = max(blocks, 4)
    self.probes = max(probes, 2)
    self.drawsOfBlock = max(drawsOfBlock, 1)
  }
}

/// What blocks give.
private struct Sketch {
  /// delta and dm of every block.
  var values: [Double] = []
  var means: [[Double]] = []
  let drawsOfBlock: Int

  init(
    _ posterior: Posterior, points: Matrix, _ plan: SketchPlan, seed: UInt32, threads: Int, memoryLimit: Int
  ) throws(RenormError) {
    let parts = try NextOrderProblem.Parts(posterior.network, posterior.training, threads: threads)
    let (local, range, scale) = (parts.local, parts.range, parts.parameters.kernelScale)
    let order = range.inputs.columns
    // Activations with means: their order parameter on raw kernels is within 1e-4 of this one.
    let start = BlockDiagonal(of: posterior.solution.coordinates, sizes: parts.space.blockSizes)
    let frame = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try FeatureFrame(local, parts.space, start)
    }
    let q = frame.space.matrix(start.dense)
    // The fit's own A for odd activations; with means its weights are others.
    let known = posterior.network.activation.isOdd ? posterior.covarianceFactor : nil
    let memory = SketchMemory(
      order: order, pairs: local.pairs.count, dimension: frame.dimension, probes: plan.blocks * plan.probes,
      needsFactor: known == nil)
    guard memory.bytes(.float32) <= memoryLimit else {
      throw .outOfMemory(
        what: "kernels of \(local.pairs.count) pairs of positions and \(order) examples for the class of trust",
        bytes: memory.bytes(.float32), available: memoryLimit,
        advice: "take fewer examples or positions (a larger mask or stride)")
    }
    let kernels = try SketchKernels(
      parts, weights: scale * q, known: known,
      storage: memory.bytes(.float64) <= memoryLimit ? .float64 : .float32)
    let factor = kernels.factor
    let u = factor.solve(range.targets.column(0))

    let weights = frame.pairWeights
    let own = kernels.products(Matrix(columns: [u]))[0]
    let vectors = (0..<plan.blocks).map { Self.probes(factor, plan.probes, seed: seed, $0) }
    let products = vectors.map(kernels.products)

    let patches = Patches(range.inputs, of: local)
    let sources = FeatureSources(frame, training: patches, points: points)
    let draws = HiddenUnitDraws(inputs: local.patchLength, seed: seed, largestPiece: plan.drawsOfBlock)
    let ofBlock = min(plan.drawsOfBlock, draws.pieceSize)
    drawsOfBlock = ofBlock
    let covers = CovarianceWorker.covers(posterior.network.activation)
    let probes =
      covers
      ? []
      : zip(vectors, products).map { SketchProbes($0, products: $1, u: u, own: own, frame, weights: weights) }
    let forms =
      covers
      ? zip(vectors, products).map { z, product -> (vectors: Matrix, forms: ProbeForms) in
        let all = Matrix(rows: order, columns: z.columns + 1, elements: z.elements + u)
        return (all, ProbeForms(all, products: product + [own], weights: weights))
      } : []
    let rows = order + points.columns
    var sums = [BlockAverages](repeating: BlockAverages(), count: plan.blocks)
    sums.withUnsafeMutableBufferPointer { sums in
      // Workers write to places of their own.
      nonisolated(unsafe) let sums = sums
      Parallel.forEachWorker(plan.blocks, threads: threads) { indices in
        if covers {
          let worker = CovarianceWorker(
            frame, sources, draws, step: memory.covarianceStep(of: ofBlock, sources, plan.probes),
            probes: plan.probes, hasValues: true)
          for index in indices {
            sums[index] = worker.block(index..<index + 1, drawsOfPiece: ofBlock) { _ in forms[index] }
          }
          return
        }
        let worker = SketchWorker(
          frame, sources, draws, drawsOfBlock: ofBlock, probes: plan.probes,
          step: memory.step(of: ofBlock, rows: rows, sources))
        for index in indices { sums[index] = worker.block(index, vectors[index], u: u) }
      }
    }
    let c = scale * scale / (8 * (parts.parameters.width + 2))
    // From derivatives both are cumulants; else what Gaussian features make of them is subtracted.
    values = sums.indices.map { c * (sums[$0].value - (covers ? 0 : probes[$0].value)) }

    // Over the points p^T(...) = points - W^T training, W = A^-1 k, for draws and Wick parts alike.
    let residuals = sums.indices.map { b in
      covers
        ? sums[b].training.scaled(by: -4 * c)
        : zip(sums[b].training, probes[b].trainingMean).map { -4 * c * ($0 - $1) }
    }
    let training = Matrix(columns: residuals)
    let solved = factor.solve(training)
    var result = sums.map { $0.points.scaled(by: -4 * c) }
    let together = Matrix(columns: probes.map(\.meanVectors.elements))
    for block in points.columns.blocks(of: memory.points) {
      let cross = frame.kernels(Patches(points.selectingColumns(block), of: local), patches)
      let k = Matrix(
        rows: block.count, columns: order, elements: cross * frame.identity.scaled(by: scale))
      let explained = k * solved
      for (row, point) in block.enumerated() {
        for b in result.indices { result[b][point] -= explained[row, b] }
      }
      guard !covers else { continue }
      let wick =
        Matrix(rows: block.count, columns: order * frame.dimension, elements: cross.elements) * together
      for (row, point) in block.enumerated() {
        for b in result.indices { result[b][point] += 4 * c * wick[row, b] }
      }
    }
    means = result
  }

  /// C^-T n / m^(1/2) with Gaussian n, P x m.
  private static func probes(_ factor: Cholesky, _ count: Int, seed: UInt32, _ block: Int) -> Matrix {
    factor.solveLowerTransposed(DrawPlan.whiteProbes(factor.order, count, seed: seed, stream: block))
  }
}

/// A = T I + K_R, factored, and the kernels of all pairs of positions.
private struct SketchKernels {
  let factor: Cholesky
  /// nil where there is one kernel K only, A = T I + w K.
  private let bank: TiledBank?
  private let noise: [Double]
  private let weight: Double

  /// - Parameters:
  ///   - weights: of the pairs in K_R, n x n.
  ///   - known: the factor of A; nil where it is not known.
  ///   - storage: how more than one kernel is held.
  init(
    _ parts: NextOrderProblem.Parts, weights: Matrix, known: Cholesky?, storage: MemoryPlan.Storage
  ) throws(RenormError) {
    let (local, inputs) = (parts.local, parts.range.inputs)
    noise = parts.range.noises(parts.network.temperature)
    weight = weights[0, 0]
    let bank = local.pairs.count > 1 ? TiledBank(local, inputs, plan: storage) : nil
    self.bank = bank
    if let known {
      factor = known
      return
    }
    var a = bank?.weightedSum(weights) ?? local.contract(weights, inputs)
    for (i, value) in noise.enumerated() { a[i, i] += value }
    // Not by `factoring`: a closure would keep the matrix, and its place would be copied instead of used.
    do {
      factor = try Cholesky(consume a)
    } catch {
      throw .factorization(of: "T I + K_R", error)
    }
  }

  /// The products of all kernels with each vector, P x pairs.
  func products(_ vectors: Matrix) -> [Matrix] {
    if let bank {
      return vectors.columns.blocks(of: TiledBank.productWidth).flatMap {
        bank.products(vectors.selectingColumns($0))
      }
    }
    let product = factor.multiply(vectors)
    return (0..<vectors.columns).map { k in
      Matrix(rows: vectors.rows, columns: 1) { i, _ in (product[i, k] - noise[i] * vectors[i, k]) / weight }
    }
  }
}

/// Sizes of what a sketch holds.
private struct SketchMemory {
  let order: Int
  let pairs: Int
  let dimension: Int
  let probes: Int
  /// Whether A has to be factored, as the fit has another one.
  let needsFactor: Bool

  /// The kernels where they are several, A, products of the probes of all blocks, and what is held of draws and
  /// points.
  func bytes(_ storage: MemoryPlan.Storage) -> Int {
    let element = storage == .float64 ? 8 : 4
    let (kernels, factor) = (pairs > 1 ? pairs : 0, needsFactor ? order * order : 0)
    return element * kernels * order * order / 2 + 8 * (factor + (2 * probes + 2) * order * pairs) + (1 << 26)
  }

  /// Points of which the cross kernels of all directions are held at once: 32 MB.
  var points: Int { max(1, min(512, (1 << 22) / (order * dimension))) }

  /// Draws of which features are held at once: 16 MB for each worker.
  func step(of draws: Int, rows: Int, _ sources: FeatureSources) -> Int {
    let numbers = rows * (2 * sources.largestPositions + sources.largestColumns)
    return max(16, min(draws, (1 << 21) / numbers))
  }

  /// The same for derivatives.
  func covarianceStep(of draws: Int, _ sources: FeatureSources, _ probes: Int) -> Int {
    let needs = CovarianceWorker.bytes(
      rows: order, points: sources.points?.count ?? 0, inputs: sources.training.size,
      positions: sources.largestPositions, probes: probes, hasValues: true)
    return max(16, min(draws, (1 << 24) / needs.draw))
  }
}
