internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// What chains of one posterior have in common.
///
/// With B = s^2 + the constant part of K, B = L L^T, U = L^-1 sv relu(A b) and the weights W of atoms,
/// K + s^2 = L (1 + U W U^T) L^T, so that a likelihood needs the factor of an atoms x atoms matrix only.
struct SliceModel: Sendable {
  let posterior: MixturePosterior
  let design: Matrix
  let testDesign: Matrix
  let constantCross: Matrix
  let constantDiagonal: [Double]
  let constantKernel: Matrix
  let base: Cholesky
  /// L^-1 Y.
  let whitened: Matrix

  var atoms: Int { posterior.atoms }
  var directions: Int { design.columns }
  var marks: Int { posterior.law.markCount }
  /// Numbers of the state: directions, arrivals, marks.
  var dimension: Int { atoms * (directions + 1 + marks) }

  init(_ posterior: MixturePosterior, predicting points: Matrix) throws(LinearAlgebraError) {
    self.posterior = posterior
    design = posterior.design(posterior.inputs)
    testDesign = posterior.design(points)
    constantKernel = posterior.constantKernel(design, design)
    constantCross = posterior.constantKernel(design, testDesign)
    let own = testDesign
    constantDiagonal = (0..<own.rows).map { k in
      let row = own.selectingRows([k])
      return posterior.constantKernel(row, row)[0, 0]
    }
    var matrix = constantKernel
    for i in 0..<matrix.rows { matrix[i, i] += posterior.noise * posterior.noise }
    base = try Cholesky(matrix)
    whitened = base.solveLower(posterior.targets)
  }

  /// L^-1 sv relu(z) for pre-activations in columns.
  func features(_ z: Matrix) -> Matrix { base.solveLower(relu(z)) }

  private func relu(_ z: Matrix) -> Matrix {
    let sv = posterior.weightScale
    var result = z
    result.withUnsafeMutableElements { x in for k in 0..<x.count { x[k] = sv * max(0, x[k]) } }
    return result
  }

  /// Up to a constant: -D/2 log det S + 1/2 sum_d v_d^T S^-1 v_d with S = 1 + W^1/2 U^T U W^1/2,
  /// v = W^1/2 U^T L^-1 Y.
  func logLikelihood(_ gram: Matrix, _ projections: Matrix, _ weights: [Double]) -> Double {
    let active = weights.indices.filter { weights[$0] > 0 }
    guard !active.isEmpty else { return 0 }
    let roots = active.map { weights[$0].squareRoot() }
    let outputs = projections.columns
    let matrix = Matrix(rows: active.count, columns: active.count) { i, j in
      i < j ? 0 : (i == j ? 1 : 0) + roots[i] * roots[j] * gram[active[i], active[j]]
    }
    guard let factor = try? Cholesky(matrix) else { return -.infinity }
    let v = Matrix(rows: active.count, columns: outputs) { i, d in roots[i] * projections[active[i], d] }
    let solved = factor.solveLower(v)
    return 0.5 * (solved.columnNormsSquared.reduce(0, +) - Double(outputs) * factor.logDeterminant)
  }

  /// The prediction from directions (din + 1 x atoms) and weights.
  func prediction(_ b: Matrix, _ weights: [Double]) -> ConditionalPrediction? {
    var train = relu(design * b)
    var test = relu(testDesign * b)
    for (matrix, isTrain) in [(train, true), (test, false)] {
      var scaled = matrix
      let rows = matrix.rows
      scaled.withUnsafeMutableElements { x in
        for (k, weight) in weights.enumerated() {
          let root = weight.squareRoot()
          for i in 0..<rows { x[i + k * rows] *= root }
        }
      }
      if isTrain { train = scaled } else { test = scaled }
    }
    let own = (0..<test.rows).map { i in test.row(i).reduce(constantDiagonal[i]) { $0 + $1 * $1 } }
    return ConditionalPrediction(
      constantKernel + train * train.asTranspose, constantCross + train * test.asTranspose, own,
      targets: posterior.targets, noiseVariance: posterior.noise * posterior.noise)
  }
}

/// One chain of elliptical slice sampling, and what it has recorded.
struct SliceChain: Sendable, Equatable {
  /// Directions (din + 1 numbers for each atom), arrivals, marks: all N(0, 1) a priori.
  var state: [Double]
  var random: RandomGenerator.Snapshot
  var sweep: Int
  /// Of every kept draw the log likelihood, then mean and variance of every point (D means for each point).
  var records: [Double]

  init(state: [Double], random: RandomGenerator.Snapshot, sweep: Int, records: [Double]) {
    (self.state, self.random, self.sweep, self.records) = (state, random, sweep, records)
  }

  /// A chain that begins at a draw from the prior.
  init(_ model: SliceModel, seed: UInt32, index: Int) {
    let generator = RandomGenerator(seed: seed, stream: index)
    var state = [Double](repeating: 0, count: model.dimension)
    generator.fillGaussian(&state)
    self.init(state: state, random: generator.snapshot, sweep: 0, records: [])
  }

  /// Advances by one sweep: atoms in blocks of one to three, all weights, and everything at once.
  mutating func advance(_ model: SliceModel, keeps: Bool) {
    var walk = SliceWalk(model, state, RandomGenerator(random))
    let count = model.atoms
    if count > 0 {
      var order = walk.random.permutation(of: count)[...]
      var step = 0
      while !order.isEmpty {
        let size = min(1 + walk.random.integer(below: 3), order.count)
        walk.update(Array(order.prefix(size)).sorted(), movesDirections: true)
        order = order.dropFirst(size)
        step += 1
        if step.isMultiple(of: 3) {
          walk.update(
            (0..<min(10, count)).map { _ in walk.random.integer(below: count) }, movesDirections: false)
        }
      }
      walk.update(Array(0..<count), movesDirections: false)
      walk.update(Array(0..<count), movesDirections: true)
    }
    state = walk.state
    random = walk.random.snapshot
    sweep += 1
    guard keeps, let prediction = model.prediction(walk.directionMatrix, walk.weights) else { return }
    records.append(prediction.logLikelihood)
    records += prediction.mean.elements + prediction.variance
  }
}

/// The state of a chain with what the likelihood needs of it.
private struct SliceWalk {
  let model: SliceModel
  var state: [Double]
  let random: RandomGenerator
  private var z: Matrix
  private var features: Matrix
  private var gram: Matrix
  private var projections: Matrix
  private(set) var weights: [Double]
  private var value: Double

  init(_ model: SliceModel, _ state: [Double], _ random: RandomGenerator) {
    self.model = model
    self.state = state
    self.random = random
    // Anew at every sweep, so that a run that continues from a file computes the same numbers.
    z = model.design * Self.directions(model, state)
    features = model.features(z)
    gram = features.asTranspose * features
    projections = features.asTranspose * model.whitened
    weights = Self.weights(model, state)
    value = model.logLikelihood(gram, projections, weights)
  }

  var directionMatrix: Matrix { Self.directions(model, state) }

  private static func directions(_ model: SliceModel, _ state: [Double]) -> Matrix {
    Matrix(
      rows: model.directions, columns: model.atoms, elements: Array(state[..<(model.directions * model.atoms)]))
  }

  private static func weights(_ model: SliceModel, _ state: [Double]) -> [Double] {
    let start = model.directions * model.atoms
    return model.posterior.weights(
      Array(state[start..<start + model.atoms]), Array(state[(start + model.atoms)...]))
  }

  /// One step of elliptical slice sampling on the numbers of some atoms.
  mutating func update(_ block: [Int], movesDirections: Bool) {
    let block = Array(Set(block)).sorted()
    let indices = positions(block, movesDirections)
    let current = indices.map { state[$0] }
    let proposal = indices.map { _ in random.gaussian() }
    let threshold = value + log(random.uniformPositive())
    var angle = 2 * Double.pi * random.uniform()
    var (low, high) = (angle - 2 * .pi, angle)
    let moving: (now: Matrix, other: Matrix)? =
      movesDirections
      ? (
        z.selectingColumns(block),
        model.design
          * Matrix(
            rows: model.directions, columns: block.count,
            elements: Array(proposal[..<(model.directions * block.count)]))
      ) : nil
    // The bracket shrinks to the present state, which is always accepted; the limit stops on NaN only.
    for _ in 0..<200 {
      let (c, s) = (cos(angle), sin(angle))
      for (k, index) in indices.enumerated() { state[index] = c * current[k] + s * proposal[k] }
      let newWeights = Self.weights(model, state)
      var (newGram, newProjections) = (gram, projections)
      var moved: (z: Matrix, features: Matrix)?
      if let moving {
        let columns = c * moving.now + s * moving.other
        let u = model.features(columns)
        moved = (columns, u)
        // What is not of the block stays; features are copied where they are accepted only.
        let (rows, own) = (features.asTranspose * u, u.asTranspose * u)
        let projected = u.asTranspose * model.whitened
        for (k, atom) in block.enumerated() {
          for i in 0..<model.atoms {
            newGram[i, atom] = rows[i, k]
            newGram[atom, i] = rows[i, k]
          }
          for d in 0..<projected.columns { newProjections[atom, d] = projected[k, d] }
        }
        for (k, atom) in block.enumerated() {
          for (l, other) in block.enumerated() { newGram[other, atom] = own[l, k] }
        }
      }
      let newValue = model.logLikelihood(newGram, newProjections, newWeights)
      if newValue > threshold {
        if let moved {
          z = Self.replacing(z, block, moved.z)
          features = Self.replacing(features, block, moved.features)
        }
        (gram, projections) = (newGram, newProjections)
        (weights, value) = (newWeights, newValue)
        return
      }
      if angle < 0 { low = angle } else { high = angle }
      angle = low + (high - low) * random.uniform()
    }
    for (k, index) in indices.enumerated() { state[index] = current[k] }
  }

  private func positions(_ block: [Int], _ movesDirections: Bool) -> [Int] {
    let (atoms, directions, marks) = (model.atoms, model.directions, model.marks)
    let arrivals = directions * atoms
    var result: [Int] = []
    if movesDirections { for atom in block { result += directions * atom..<directions * (atom + 1) } }
    result += block.map { arrivals + $0 }
    for atom in block { result += (0..<marks).map { arrivals + atoms + atom * marks + $0 } }
    return result
  }

  private static func replacing(_ matrix: Matrix, _ columns: [Int], _ values: Matrix) -> Matrix {
    var result = matrix
    let rows = matrix.rows
    result.withUnsafeMutableElements { x in
      values.withUnsafeElements { y in
        for (k, column) in columns.enumerated() {
          for i in 0..<rows { x[i + column * rows] = y[i + k * rows] }
        }
      }
    }
    return result
  }
}
