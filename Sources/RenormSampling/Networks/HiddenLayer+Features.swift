internal import LinearAlgebra
internal import Renorm

/// Room for the activations of up to `capacity` points and their derivatives. Those of P points are P N n
/// numbers: (mu, a, i) at mu + P (a + N i). Layers above the first have their own.
struct LayerMemory {
  fileprivate let upper: [LayerActivations]
  fileprivate let values: WorkArray
  fileprivate let slopes: WorkArray
  fileprivate let mixed: WorkArray?

  init(_ layer: HiddenLayer, capacity: Int) {
    upper = layer.upper.map { LayerActivations(capacity * $0.units * $0.positions) }
    values = WorkArray(capacity * layer.firstUnits * layer.positions)
    slopes = WorkArray(values.count)
    mixed = layer.mixing == nil ? nil : WorkArray(capacity * layer.features)
  }
}

/// s(h) and s'(h) of a layer.
private struct LayerActivations {
  let values: WorkArray
  let slopes: WorkArray

  init(_ count: Int) { (values, slopes) = (WorkArray(count), WorkArray(count)) }
}

extension HiddenLayer {
  /// Computes s(h_ai), s'(h_ai) and F_(a,b) = sum_i s(h_ai) B_ib at the weights z: one matrix product, patches
  /// (P x M) times filters (M x N), for each position. Returns F, P x (N r).
  @discardableResult
  func computeFeatures(
    _ weights: UnsafePointer<Double>, _ points: LayerPoints, _ memory: LayerMemory
  ) -> MatrixView {
    let size = points.count * firstUnits
    points.withPatches(isTransposed: false) { patches in
      for (group, range) in groups.enumerated() {
        let filters = MatrixView(weights + group * firstUnits * patchSize, patchSize, firstUnits)
        for position in range {
          values(position, points.count, memory).setProduct(patches(position), filters)
        }
      }
    }
    let used = 0..<size * positions
    activation.replaceByValues(
      UnsafeMutableBufferPointer(rebasing: memory.values.buffer[used]),
      derivatives: UnsafeMutableBufferPointer(rebasing: memory.slopes.buffer[used]))
    var below = memory.values
    for (layer, own) in zip(upper, memory.upper) {
      for (position, patch) in layer.patches.enumerated() {
        let values = own.values.positions(points.count, layer.units)(position)
        for (d, i) in patch.enumerated() {
          values.setProduct(
            below.positions(points.count, layer.inputs)(i), layer.filter(d, weights), scale: layer.scale,
            adding: d == 0 ? 0 : 1)
        }
      }
      let used = 0..<points.count * layer.units * layer.positions
      activation.replaceByValues(
        UnsafeMutableBufferPointer(rebasing: own.values.buffer[used]),
        derivatives: UnsafeMutableBufferPointer(rebasing: own.slopes.buffer[used]))
      below = own.values
    }
    if let mixing, let mixed = memory.mixed {
      let size = points.count * units
      mixed.matrix(size, rank).setProduct(below.matrix(size, readoutPositions), mixing.view)
    }
    return featureMatrix(points.count, memory)
  }

  /// F, after `computeFeatures` at P points.
  func featureMatrix(_ count: Int, _ memory: LayerMemory) -> MatrixView {
    (memory.mixed ?? memory.upper.last?.values ?? memory.values).matrix(count, features)
  }

  /// s(h_ai) of all units of the first layer at one position, P x N, after `computeFeatures` at P points.
  func values(_ position: Int, _ count: Int, _ memory: LayerMemory) -> MatrixView {
    MatrixView(memory.values.pointer + count * firstUnits * position, count, firstUnits)
  }

  /// Adds the derivatives by the weights of a function g to `gradient`, given its derivatives by F, P x (N r),
  /// at the features that `memory` holds. Overwrites both. With the scaled patches x_i, so that h_ai = x_i .
  /// z_a,
  ///
  ///     dg/dz_a = sum_(mu, i) x_i(mu) s'(h_ai(mu)) sum_b B_ib dg/dF_(a,b)(mu),
  ///
  /// i over the positions that share the filter. In a deep network the derivatives are carried back from the
  /// last layer: those by Z are scale^(1/2) s(below)^T (s'(h) o dg/ds(h)).
  ///
  /// - Parameter weights: z.
  func addGradient(
    features derivatives: MatrixView, at weights: UnsafePointer<Double>, _ points: LayerPoints,
    _ memory: LayerMemory, to gradient: UnsafeMutablePointer<Double>
  ) {
    let size = points.count * firstUnits
    var byValues = derivatives.pointer
    if let mixing {
      let (top, size) = (memory.upper.last?.values ?? memory.values, points.count * units)
      top.matrix(size, readoutPositions).setProduct(
        derivatives.reshaped(size, rank), mixing.view.transposed)
      byValues = top.pointer
    }
    for (l, layer) in upper.enumerated().reversed() {
      let slopes = memory.upper[l].slopes
      for k in 0..<points.count * layer.units * layer.positions { slopes.pointer[k] *= byValues[k] }
      let below = l == 0 ? memory.values : memory.upper[l - 1].values
      layer.addGradient(points.count, below: below, slopes, at: weights, to: gradient)
      byValues = below.pointer
    }
    let slopes = memory.slopes.pointer
    for k in 0..<size * positions { slopes[k] *= byValues[k] }
    points.withPatches(isTransposed: true) { patches in
      for (group, range) in groups.enumerated() {
        let filters = MatrixView(gradient + group * firstUnits * patchSize, patchSize, firstUnits)
        for position in range {
          filters.setProduct(
            patches(position), MatrixView(slopes + size * position, points.count, firstUnits), adding: 1)
        }
      }
    }
  }
}

extension UpperLayer {
  /// Adds the derivatives by Z, scale^(1/2) sum_I s(below)_(I+d)^T D_I with D = s'(h) o dg/ds(h), and
  /// overwrites s(below), which is no longer needed, by the derivatives by it, scale^(1/2) sum D_I Z_d^T over I
  /// + d = i.
  fileprivate func addGradient(
    _ count: Int, below: WorkArray, _ slopes: WorkArray, at weights: UnsafePointer<Double>,
    to gradient: UnsafeMutablePointer<Double>
  ) {
    let (below, slopes) = (below.positions(count, inputs), slopes.positions(count, units))
    for (position, patch) in patches.enumerated() {
      for (d, i) in patch.enumerated() {
        filter(d, gradient).setProduct(below(i).transposed, slopes(position), scale: scale, adding: 1)
      }
    }
    // Positions that no filter reads have no derivative.
    for i in 0..<belowPositions {
      var isFirst = true
      for (position, patch) in patches.enumerated() {
        for (d, own) in patch.enumerated() where own == i {
          below(i).setProduct(
            slopes(position), filter(d, weights).transposed, scale: scale, adding: isFirst ? 0 : 1)
          isFirst = false
        }
      }
      if isFirst { below(i).pointer.update(repeating: 0, count: count * inputs) }
    }
  }
}

extension WorkArray {
  /// The activations of `count` points and `units` units at a position.
  fileprivate func positions(_ count: Int, _ units: Int) -> (_ position: Int) -> MatrixView {
    { MatrixView(self.pointer + count * units * $0, count, units) }
  }
}
