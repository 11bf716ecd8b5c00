public import GSLNumerics
internal import LinearAlgebra

extension CollapsedDensity {
  /// A scale for each hidden unit of a network with a node prior.
  public var stateCount: Int { model.layer.scaleCount }

  /// Short where one unit has a large scale.
  public func stepFactor(_ position: [Double]) -> Double {
    model.layer.stepFactor(position[dimension...])
  }

  /// Hidden weights and scales from their priors.
  public func initialPosition(_ normal: [Double]) -> [Double] {
    normal[..<dimension] + model.layer.priorScales(normal[dimension...])
  }

  /// Draws the scales of all units one after the other given the hidden weights, the readout integrated out.
  ///
  /// A change of tau_a changes A by a matrix of rank r, so that all units cost about N r P^2 on the side of the
  /// examples and N r K^2 on that of the features, as a gradient does.
  public func move(
    _ position: inout [Double], _ workspace: inout Workspace, _ random: RandomGenerator
  ) -> Bool {
    let (network, layer) = (workspace.network, model.layer)
    guard let law = layer.scaleLaw, let step = scaleStep else { return false }
    _ = network.weights.buffer.update(fromContentsOf: position)
    let features = layer.computeFeatures(network.weights.pointer, model.training, network.training)
    let scales = network.weights.pointer + dimension
    guard law.rule.count > 1,
      var units = ScaledUnits(layer, readout, features, scales, network.derivatives, workspace.readout)
    else { return false }
    var isChanged = false
    for a in 0..<layer.units {
      let (before, next) = (scales[a], units.update(a) { step($0, $1, random) })
      isChanged = isChanged || next != before
      position[dimension + a] = next
    }
    return isChanged
  }
}

/// The covariance of the targets as a function of the scales of the units,
///
///     A = T + gamma sum_a tau_a F_a F_a^T,
///
/// by W = A^-1 on the side of the examples, and on that of the features by M = D^(1/2) (T + D^(1/2) H
/// D^(1/2))^-1 D^(1/2), D = diag(tau), H = gamma F^T F, for which A^-1 = (1 - gamma F M F^T)/T.
struct ScaledUnits {
  private let layer: HiddenLayer
  private let readout: ReadoutPosterior
  private let features: MatrixView
  private let scales: UnsafeMutablePointer<Double>
  private let scaled: WorkArray
  private let memory: ReadoutPosterior.Memory
  /// H and gamma^(1/2) F^T Y, on the side of the features.
  private var gram: Matrix?
  private var projection: Matrix?
  /// W Y, or M gamma^(1/2) F^T Y.
  private var solved: Matrix
  /// Of the last unit: gamma^(1/2) W F_a, or the columns of 1 - M H; S' and b' (`ScaleLikelihood`).
  private var direction = Matrix(rows: 0, columns: 0)
  private var present = (s: Matrix(rows: 0, columns: 0), b: Matrix(rows: 0, columns: 0))

  /// - Parameters:
  ///   - features: F, without scales.
  ///   - scaled: memory of the size of F.
  /// - Returns: nil where A cannot be inverted.
  init?(
    _ layer: HiddenLayer, _ readout: ReadoutPosterior, _ features: MatrixView,
    _ scales: UnsafeMutablePointer<Double>, _ scaled: WorkArray, _ memory: ReadoutPosterior.Memory
  ) {
    (self.layer, self.readout, self.features, self.scales) = (layer, readout, features, scales)
    (self.scaled, self.memory) = (scaled, memory)
    solved = Matrix(rows: 0, columns: 0)
    if readout.side == .features {
      gram = readout.scale * (features.matrix.asTranspose * features.matrix)
      projection = readout.scale.squareRoot() * (features.matrix.asTranspose * readout.targets.view.matrix)
    }
    guard invert() else { return nil }
  }

  /// Inverts anew at the present scales.
  private mutating func invert() -> Bool {
    let f = scaled.matrix(features.rows, features.columns)
    f.copy(features)
    layer.scale(f, by: scales)
    guard readout.invert(f, memory) != nil else { return false }
    guard let projection else {
      solved = readout.residual(memory).matrix
      return true
    }
    let inverse = readout.inverse(memory)
    for j in 0..<inverse.columns {
      for i in 0..<inverse.rows { inverse[i, j] *= root(i) * root(j) }
    }
    solved = inverse.matrix * projection
    return true
  }

  private func root(_ column: Int) -> Double { scales[column % layer.units].squareRoot() }

  /// The columns of unit a.
  private func columns(_ a: Int) -> [Int] { (0..<layer.rank).map { a + layer.units * $0 } }

  /// Gives unit a the scale that `draw` makes of the present one and what the data say of it. Returns it.
  mutating func update(_ a: Int, _ draw: (_ tau: Double, ScaleLikelihood) -> Double) -> Double {
    let tau = scales[a]
    look(at: a)
    var likelihood = ScaleLikelihood(present: present.s, present.b, tau: tau)
    if likelihood == nil {
      // The unit explains nearly all of A: without it, anew.
      scales[a] = 0
      if invert() {
        look(at: a)
        likelihood = ScaleLikelihood(present: present.s, present.b, tau: 0)
      }
    }
    let next = likelihood.map { draw(tau, $0) } ?? tau
    if next != scales[a] { change(a, to: next) }
    return next
  }

  /// S' and b' of unit a.
  private mutating func look(at a: Int) {
    let inverse = readout.inverse(memory)
    let (own, root) = (columns(a), readout.scale.squareRoot())
    guard let gram, let projection else {
      let f = Matrix(rows: features.rows, columns: own.count) { root * features[$0, own[$1]] }
      direction = inverse.matrix(times: f)
      present = ((f.asTranspose * direction).symmetricPart, f.asTranspose * solved)
      return
    }
    let h = Matrix(rows: gram.rows, columns: own.count) { gram[$0, own[$1]] }
    direction = -1 * inverse.matrix(times: h)
    for (k, column) in own.enumerated() { direction[column, k] += 1 }
    let temperature = readout.temperature
    present = (
      ((1 / temperature) * (h.asTranspose * direction)).symmetricPart,
      (1 / temperature)
        * (Matrix(rows: own.count, columns: projection.columns) { projection[own[$0], $1] }
          - h.asTranspose * solved)
    )
  }

  /// Changes the scale of the unit that was looked at last: with delta the change and X the direction,
  ///
  ///     W' = W - delta X (1 + delta S')^-1 X^T,    M' = M + (delta/T) X (1 + delta S')^-1 X^T.
  private mutating func change(_ a: Int, to tau: Double) {
    let delta = tau - scales[a]
    scales[a] = tau
    var small = delta * present.s
    for k in 0..<small.rows { small[k, k] += 1 }
    guard let factor = try? Cholesky(small) else {
      _ = invert()
      return
    }
    let weighted = factor.solve(direction.transposed)
    let sign = readout.side == .examples ? -delta : delta / readout.temperature
    readout.inverse(memory).add(direction, weighted, scale: sign)
    if let projection {
      solved = solved + sign * (direction * (weighted * projection))
    } else {
      solved = solved + sign * (direction * (weighted * readout.targets.view.matrix))
    }
  }
}

extension MatrixView {
  /// This matrix times another, as a new one.
  fileprivate func matrix(times other: Matrix) -> Matrix {
    var result = Matrix(rows: rows, columns: other.columns)
    other.withUnsafeElements { right in
      result.withUnsafeMutableElements { left in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        MatrixView(left, rows, other.columns).setProduct(self, MatrixView(right, other.rows, other.columns))
      }
    }
    return result
  }

  /// Adds scale A B.
  fileprivate func add(_ a: Matrix, _ b: Matrix, scale: Double) {
    a.withUnsafeElements { left in
      b.withUnsafeElements { right in
        guard let left = left.baseAddress, let right = right.baseAddress else { return }
        setProduct(
          MatrixView(left, a.rows, a.columns), MatrixView(right, b.rows, b.columns), scale: scale, adding: 1)
      }
    }
  }
}
