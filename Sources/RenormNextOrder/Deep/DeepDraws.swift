internal import GSLNumerics
internal import LinearAlgebra
internal import RenormKernels

/// Averages of Phi and Phi' over draws of the hidden units of a deep network, block by block.
struct DeepDraws: Sendable {
  let problem: DeepProblem
  let seed: UInt32

  /// Draws of each layer in a block.
  static let blockSize = 500

  /// What cumulants of all layers add to the log evidence and to means, from the draws of one block. Draws of
  /// training examples do not depend on the points.
  func block(_ number: Int) -> DeepResponse {
    var sum = DeepResponse(value: 0, means: [Double](repeating: 0, count: problem.points))
    for (index, unit) in problem.units.enumerated() {
      let stream = 3 * (number * problem.units.count + index)
      let features = draw(unit, stream)
      let own =
        unit.b.map { b in response(unit, b, features, stream + 2) } ?? lastResponse(unit, features)
      let expected = problem.expected[index]
      sum.value += unit.scale * (own.value - expected.value)
      sum.means.add(unit.scale, zip(own.means, expected.means).map(-))
    }
    return sum
  }

  /// s(h), all examples x draws.
  private func draw(_ unit: DeepUnit, _ stream: Int) -> Matrix {
    let numbers = unit.trainingNumbers
    let first = unit.root.selectingColumns(0..<numbers) * normal(numbers, Self.blockSize, stream)
    let others = unit.root.columns - numbers
    var result =
      others == 0
      ? first
      : first + unit.root.selectingColumns(numbers..<numbers + others)
        * normal(others, Self.blockSize, stream + 1)
    var slopes = [Double](repeating: 0, count: result.elements.count)
    result.withUnsafeMutableElements { values in
      slopes.withUnsafeMutableBufferPointer { problem.activation.replaceByValues(values, slopes: $0) }
    }
    return result
  }

  private func normal(_ rows: Int, _ columns: Int, _ stream: Int) -> Matrix {
    .gaussian(rows: rows, columns: columns, RandomGenerator(seed: seed, stream: stream))
  }

  /// Of E = a s s^T with one number a: F and dm of one hidden layer.
  private func lastResponse(_ unit: DeepUnit, _ features: Matrix) -> DeepResponse {
    let scale = unit.a[0, 0]
    let training = features.selectingRows(0..<problem.order)
    let x = training.asTranspose * problem.u
    let forms = problem.factor.solveLower(training).columnNormsSquared
    var value = 0.0
    let weights = x.indices.map { d in
      let g = forms[d] - x[d] * x[d]
      value += 3 * g * g - 2 * x[d] * x[d] * x[d] * x[d]
      return 3 * g * x[d] + 2 * x[d] * x[d] * x[d]
    }
    let factor = scale * scale / Double(x.count)
    return DeepResponse(
      value: factor * value, means: residual((features * weights).scaled(by: -4 * factor)))
  }

  /// v(x) - v(X)^T A^-1 k(x).
  private func residual(_ v: [Double]) -> [Double] {
    let (order, points) = (problem.order, problem.points)
    let explained = problem.explained.asTranspose * Array(v[..<order])
    return (0..<points).map { v[order + $0] - explained[$0] }
  }

  /// - Parameter stream: of Gaussian vectors n, one for each draw: tr(A^-1 E A^-1 E) = E |C^-1 E C^-T n|^2.
  private func response(_ unit: DeepUnit, _ b: Matrix, _ features: Matrix, _ stream: Int) -> DeepResponse {
    let (order, count) = (problem.order, features.columns)
    let c = unit.c ?? Matrix(rows: b.rows, columns: b.columns)
    let training = features.selectingRows(0..<order)
    let (squares, trainingSquares) = (features.times(features), training.times(training))
    let range = 0..<order
    let own = (a: unit.a.selectingRows(range), b: b.selectingRows(range), c: c.selectingRows(range))

    // tr G E; b and c are transposes of each other over training examples.
    let alongA = columnProducts(training, problem.g.times(own.a) * training)
    let alongB = trainingSquares.asTranspose * (problem.g.times(own.b) * [Double](repeating: 1, count: order))
    let traces = zip(alongA, alongB).map { $0 + 2 * $1 }

    let targets = Matrix(rows: order, columns: count) { i, _ in problem.u[i] }
    func apply(_ v: Matrix) -> Matrix {
      features.times(unit.a * training.times(v)) + squares.times(b * v) + c * trainingSquares.times(v)
    }
    let moved = apply(targets)
    let movedTraining = moved.selectingRows(range)
    let solved = problem.inverse * movedTraining
    let forms = columnProducts(movedTraining, solved)

    let probes = problem.factor.solveLowerTransposed(normal(order, count, stream))
    let probed =
      training.times(own.a * training.times(probes)) + trainingSquares.times(own.b * probes)
      + own.c * trainingSquares.times(probes)
    let norms = problem.factor.solveLower(probed).columnNormsSquared

    var value = 0.0
    for d in 0..<count { value += traces[d] * traces[d] + 2 * norms[d] - 4 * forms[d] }
    let along = moved * traces.scaled(by: -4)
    let across = apply(solved) * [Double](repeating: -8, count: count)
    return DeepResponse(
      value: value / Double(count),
      means: residual(zip(along, across).map { ($0 + $1) / Double(count) }))
  }
}

extension Matrix {
  /// Element by element.
  fileprivate func times(_ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: zip(elements, other.elements).map { $0 * $1 })
  }
}
