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
    upper = layer.upper.map { LayerActivations(capacity * $0.units) }
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
    var below = values(0, points.count, memory)
    for (layer, own) in zip(upper, memory.upper) {
      let values = own.values.matrix(points.count, layer.units)
      values.setProduct(below, layer.matrix(weights), scale: layer.scale)
      let used = 0..<points.count * layer.units
      activation.replaceByValues(
        UnsafeMutableBufferPointer(rebasing: own.values.buffer[used]),
        derivatives: UnsafeMutableBufferPointer(rebasing: own.slopes.buffer[used]))
      below = values
    }
    if let mixing, let mixed = memory.mixed {
      mixed.matrix(size, rank).setProduct(memory.values.matrix(size, positions), mixing.view)
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
    for (l, layer) in upper.enumerated().reversed() {
      let slopes = memory.upper[l].slopes.matrix(points.count, layer.units)
      for k in 0..<points.count * layer.units { slopes.pointer[k] *= byValues[k] }
      let below = (l == 0 ? memory.values : memory.upper[l - 1].values).matrix(points.count, layer.inputs)
      MatrixView(gradient + layer.start, layer.inputs, layer.units)
        .setProduct(below.transposed, slopes, scale: layer.scale, adding: 1)
      // The values are no longer needed: derivatives by them take their place.
      below.setProduct(slopes, layer.matrix(weights).transposed, scale: layer.scale)
      byValues = below.pointer
    }
    if let mixing {
      memory.values.matrix(size, positions).setProduct(derivatives.reshaped(size, rank), mixing.view.transposed)
      byValues = memory.values.pointer
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
