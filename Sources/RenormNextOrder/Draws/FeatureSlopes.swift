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
  /// Patches times the vectors, ((m + 1) M) x P for every position, and their products with s' of every draw.
  private let stacked: WorkArray
  private let directions: WorkArray
  private let vectorCount: Int
  private var draws = 0

  /// - Parameters:
  ///   - vectors: m + 1.
  ///   - draws: the most draws at once.
  init(_ sources: FeatureSources, vectors: Int, draws: Int) {
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
    let stacks = positions == 1 ? 0 : positions * vectors * training.size
    stacked = WorkArray(stacks * training.count)
    directions = WorkArray(stacks * draws)
    vectorCount = vectors
  }

  /// The numbers that one draw needs, and those that do not depend on draws.
  static func numbers(
    rows: Int, points: Int, inputs: Int, positions: Int, vectors: Int
  ) -> (draw: Int, fixed: Int) {
    let stacks = positions == 1 ? 0 : positions * vectors * inputs
    let draw = (3 * rows + points) * positions + rows + points + stacks
    return (draw, stacks * rows + 16 * (rows + points) * positions)
  }

  /// s, P x (draws n).
  var values: MatrixView { features.matrix(sources.training.count, draws * positions) }
  private var positions = 1

  /// Prepares for a unit and vectors u_k, P x (m + 1).
  func begin(_ unit: FeatureFrame.Unit, _ vectors: Matrix) {
    positions = unit.positions.count
    guard positions > 1 else { return }
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
    guard n > 1 else {
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
    for index in 0..<n {
      MatrixView(directions.pointer + index * rows, rows, draws, stride: rows * n).setProduct(
        MatrixView(stacked.pointer + index * rows * count, rows, count),
        MatrixView(derivatives.pointer + index * count * draws, count, draws))
    }
    for d in 0..<draws {
      MatrixView(target.pointer + d * size * n, size, n).setProduct(
        MatrixView(directions.pointer + d * rows * n, size, vectorCount * n),
        MatrixView(responses.pointer + d * vectorCount * n * n, vectorCount * n, n))
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
