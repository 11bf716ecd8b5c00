internal import LinearAlgebra
internal import RenormKernels

/// Values and derivatives of features at the positions of a unit for a few draws, in storage that one worker
/// reuses.
final class FeatureSlopes {
  private let sources: FeatureSources
  private let activation: any DifferentiableActivation
  private let averaged: AveragedSlopes
  private let pointsAveraged: AveragedSlopes?
  /// s, s' and g at training examples, P x (draws n), and g at points.
  private let features: WorkArray
  private let derivatives: WorkArray
  private let own: WorkArray
  private let ownOfPoints: WorkArray
  /// Products with patches of one position, examples x draws.
  private let product: WorkArray
  /// Patches times the vectors, (M (m + 1)) x P for every position, and their products with s' and g of every
  /// draw: grad sum_mu u_kmu s(h_i(x_mu)), and the same with g in the place of s'.
  private let stacked: WorkArray
  private let directions: WorkArray
  private let averagedDirections: WorkArray
  private let turned: (WorkArray, WorkArray)
  private let vectorCount: Int
  private let hasDirections: Bool
  private var draws = 0

  /// - Parameters:
  ///   - vectors: m + 1.
  ///   - draws: the most draws at once.
  ///   - pairs: whether `pairProducts` are needed.
  init(_ sources: FeatureSources, vectors: Int, draws: Int, pairs: Bool) {
    self.sources = sources
    guard let activation = sources.activation as? any DifferentiableActivation else {
      preconditionFailure("\(sources.activation.name) has no derivative")
    }
    self.activation = activation
    let (positions, training) = (sources.largestPositions, sources.training)
    averaged = AveragedSlopes(training, positions: training.positions)
    pointsAveraged = sources.points.map { AveragedSlopes($0, positions: $0.positions) }
    let area = training.count * draws
    let points = sources.points?.count ?? 0
    features = WorkArray(area * positions)
    derivatives = WorkArray(area * positions)
    own = WorkArray(area * positions)
    ownOfPoints = WorkArray(points * draws * positions)
    product = WorkArray(max(area, points * draws))
    hasDirections = positions > 1 || pairs
    let stacks = hasDirections ? positions * vectors * training.size : 0
    stacked = WorkArray(stacks * training.count)
    directions = WorkArray(stacks * draws)
    averagedDirections = WorkArray(pairs ? stacks * draws : 0)
    let columns = pairs ? sources.largestColumns * vectors * training.size : 0
    turned = (WorkArray(columns), WorkArray(columns))
    vectorCount = vectors
  }

  /// The numbers that one draw needs, and those that do not depend on draws.
  static func numbers(
    rows: Int, points: Int, inputs: Int, positions: Int, vectors: Int, pairs: Bool
  ) -> (draw: Int, fixed: Int) {
    let stacks = positions > 1 || pairs ? positions * vectors * inputs : 0
    let draw = (3 * rows + points) * positions + rows + points + (pairs ? 2 : 1) * stacks
    return (draw, stacks * (rows + 2) + 16 * (rows + points) * positions)
  }

  /// s, P x (draws n).
  var values: MatrixView { features.matrix(sources.training.count, draws * positions) }
  private var positions = 1

  /// Prepares for a unit and vectors u_k, P x (m + 1).
  func begin(_ unit: FeatureFrame.Unit, _ vectors: Matrix) {
    positions = unit.positions.count
    guard hasDirections else { return }
    let patches = sources.training
    let (size, count) = (patches.size, patches.count)
    for (index, position) in unit.positions.enumerated() {
      let target = stacked.pointer + index * size * vectorCount * count
      for mu in 0..<count {
        let first = size * (mu + count * position)
        for k in 0..<vectorCount {
          let (to, weight) = (target + size * (k + vectorCount * mu), vectors[mu, k])
          for q in 0..<size { to[q] = weight * patches.elements[first + q] }
        }
      }
    }
  }

  /// - Parameter filters: M x draws.
  func compute(_ unit: FeatureFrame.Unit, _ filters: MatrixView) {
    draws = filters.columns
    let count = sources.training.count
    preactivations(unit, sources.training, filters, into: own)
    let all = count * draws * positions
    features.pointer.update(from: own.pointer, count: all)
    activation.replaceByValues(
      UnsafeMutableBufferPointer(start: features.pointer, count: all),
      derivatives: UnsafeMutableBufferPointer(start: derivatives.pointer, count: all))
    average(unit, averaged, count, own)
    if let points = sources.points, let pointsAveraged {
      preactivations(unit, points, filters, into: ownOfPoints)
      average(unit, pointsAveraged, points.count, ownOfPoints)
    }
  }

  private func preactivations(
    _ unit: FeatureFrame.Unit, _ patches: Patches, _ filters: MatrixView, into target: WorkArray
  ) {
    for (index, position) in unit.positions.enumerated() {
      let place = MatrixView(target.pointer + index * patches.count * draws, patches.count, draws)
      patches.withView(position) { place.setProduct($0.transposed, filters) }
    }
  }

  private func average(_ unit: FeatureFrame.Unit, _ slopes: AveragedSlopes, _ count: Int, _ values: WorkArray) {
    for (index, position) in unit.positions.enumerated() {
      slopes.apply(position, MatrixView(values.pointer + index * count * draws, count, draws))
    }
  }

  /// V_i = sum_j sum_k R_(kj)i sum_mu u_kmu s'(h_j(x_mu)) x_jmu, (M n) x draws.
  ///
  /// - Parameter responses: R, ((m + 1) n) x n for every draw.
  func gradients(
    _ unit: FeatureFrame.Unit, _ responses: WorkArray, _ vectors: Matrix, into target: MatrixView
  ) {
    let patches = sources.training
    let (size, count, n) = (patches.size, patches.count, positions)
    guard hasDirections else {
      // One position: the sum over k first, which costs P for each instead of M P.
      let weights = product.matrix(count, draws)
      vectors.withUnsafeElements { vectors in
        guard let base = vectors.baseAddress else { return }
        weights.setProduct(MatrixView(base, count, vectorCount), responses.matrix(vectorCount, draws))
      }
      for index in 0..<count * draws { weights.pointer[index] *= derivatives.pointer[index] }
      patches.withView(unit.positions.lowerBound) { target.setProduct($0, weights) }
      return
    }
    let rows = size * vectorCount
    project(derivatives, to: directions)
    for d in 0..<draws {
      MatrixView(target.pointer + d * size * n, size, n).setProduct(
        MatrixView(directions.pointer + d * rows * n, size, vectorCount * n),
        MatrixView(responses.pointer + d * vectorCount * n * n, vectorCount * n, n))
    }
  }

  /// Projects g for `pairProducts`.
  func projectAverages() { project(own, to: averagedDirections) }

  /// sum_mu u_kmu f(h_i(x_mu)) x_imu, (M (m + 1)) x n for every draw.
  private func project(_ slopes: WorkArray, to target: WorkArray) {
    let (count, n) = (sources.training.count, positions)
    let rows = sources.training.size * vectorCount
    for index in 0..<n {
      MatrixView(target.pointer + index * rows, rows, draws, stride: rows * n).setProduct(
        MatrixView(stacked.pointer + index * rows * count, rows, count),
        MatrixView(slopes.pointer + index * count * draws, count, draws))
    }
  }

  /// grad B_kb . grad* B_lc of a draw in row k + (m + 1) b and column l + (m + 1) c, B_k = (phi_b.u_k)_b and
  /// grad* with g in the place of s'; after `gradients` and `projectAverages`.
  func pairProducts(_ unit: FeatureFrame.Unit, _ d: Int, into target: MatrixView) {
    let (rows, n, r) = (sources.training.size * vectorCount, positions, unit.columns.count)
    unit.factor.withUnsafeElements { factor in
      guard let factor = factor.baseAddress else { return }
      func turn(_ all: WorkArray, _ target: WorkArray) -> MatrixView {
        let turned = target.matrix(rows, r)
        turned.setProduct(MatrixView(all.pointer + d * rows * n, rows, n), MatrixView(factor, n, r))
        return turned.reshaped(sources.training.size, vectorCount * r)
      }
      target.setProduct(turn(directions, turned.0).transposed, turn(averagedDirections, turned.1))
    }
  }

  /// Adds sum_i g(h_i(x)) V_i.x_i, summed over draws, for training examples and points.
  func contract(
    _ unit: FeatureFrame.Unit, _ gradients: MatrixView, _ training: WorkArray, _ points: WorkArray
  ) {
    contract(unit, gradients, sources.training, own, training)
    if let patches = sources.points { contract(unit, gradients, patches, ownOfPoints, points) }
  }

  private func contract(
    _ unit: FeatureFrame.Unit, _ gradients: MatrixView, _ patches: Patches, _ slopes: WorkArray,
    _ sums: WorkArray
  ) {
    let (count, size) = (patches.count, patches.size)
    let along = product.matrix(count, draws)
    for (index, position) in unit.positions.enumerated() {
      let own = MatrixView(gradients.pointer + size * index, size, draws, stride: gradients.rows)
      patches.withView(position) { along.setProduct($0.transposed, own) }
      let first = slopes.pointer + index * count * draws
      for d in 0..<draws {
        let (a, g) = (along.pointer + d * count, first + d * count)
        for mu in 0..<count { sums.pointer[mu] += a[mu] * g[mu] }
      }
    }
  }
}

extension Patches {
  /// The patches at a position as a matrix, M x examples.
  fileprivate func withView(_ position: Int, _ body: (MatrixView) -> Void) {
    elements.withUnsafeBufferPointer {
      if let base = $0.baseAddress { body(MatrixView(base + size * count * position, size, count)) }
    }
  }

  fileprivate var positions: Int { count * size > 0 ? elements.count / (count * size) : 0 }
}
