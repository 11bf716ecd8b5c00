internal import LinearAlgebra
internal import Renorm

/// Room for the activations of up to `capacity` points and their derivatives. Those of P points are P N n
/// numbers: (mu, a, i) at mu + P (a + N i).
struct LayerMemory {
  fileprivate let values: WorkArray
  fileprivate let slopes: WorkArray
  fileprivate let mixed: WorkArray?

  init(_ layer: HiddenLayer, capacity: Int) {
    values = WorkArray(capacity * layer.units * layer.positions)
    slopes = WorkArray(values.count)
    mixed = layer.mixing == nil ? nil : WorkArray(capacity * layer.features)
  }
}

extension HiddenLayer {
  /// Computes s(h_ai), s'(h_ai) and F_(a,b) = sum_i s(h_ai) B_ib at the weights z: one matrix product, patches
  /// (P x M) times filters (M x N), for each position. Returns F, P x (N r).
  @discardableResult
  func computeFeatures(
    _ weights: UnsafePointer<Double>, _ points: LayerPoints, _ memory: LayerMemory
  ) -> MatrixView {
    let size = points.count * units
    points.withPatches(isTransposed: false) { patches in
      for (group, range) in groups.enumerated() {
        let filters = MatrixView(weights + group * units * patchSize, patchSize, units)
        for position in range { values(position, points.count, memory).setProduct(patches(position), filters) }
      }
    }
    let used = 0..<size * positions
    activation.replaceByValues(
      UnsafeMutableBufferPointer(rebasing: memory.values.buffer[used]),
      derivatives: UnsafeMutableBufferPointer(rebasing: memory.slopes.buffer[used]))
    if let mixing, let mixed = memory.mixed {
      mixed.matrix(size, rank).setProduct(memory.values.matrix(size, positions), mixing.view)
    }
    return featureMatrix(points.count, memory)
  }

  /// F, after `computeFeatures` at P points.
  func featureMatrix(_ count: Int, _ memory: LayerMemory) -> MatrixView {
    (memory.mixed ?? memory.values).matrix(count, features)
  }

  /// s(h_ai) of all units at one position, P x N, after `computeFeatures` at P points.
  func values(_ position: Int, _ count: Int, _ memory: LayerMemory) -> MatrixView {
    MatrixView(memory.values.pointer + count * units * position, count, units)
  }

  /// Adds the derivatives by the weights of a function g to `gradient`, given its derivatives by F, P x (N r),
  /// at the features that `memory` holds. Overwrites both. With the scaled patches x_i, so that h_ai = x_i .
  /// z_a,
  ///
  ///     dg/dz_a = sum_(mu, i) x_i(mu) s'(h_ai(mu)) sum_b B_ib dg/dF_(a,b)(mu),
  ///
  /// i over the positions that share the filter.
  func addGradient(
    features derivatives: MatrixView, _ points: LayerPoints, _ memory: LayerMemory,
    to gradient: UnsafeMutablePointer<Double>
  ) {
    let size = points.count * units
    var byValues = derivatives.pointer
    if let mixing {
      memory.values.matrix(size, positions).setProduct(derivatives.reshaped(size, rank), mixing.view.transposed)
      byValues = memory.values.pointer
    }
    let slopes = memory.slopes.pointer
    for k in 0..<size * positions { slopes[k] *= byValues[k] }
    points.withPatches(isTransposed: true) { patches in
      for (group, range) in groups.enumerated() {
        let filters = MatrixView(gradient + group * units * patchSize, patchSize, units)
        for position in range {
          filters.setProduct(
            patches(position), MatrixView(slopes + size * position, points.count, units), adding: 1)
        }
      }
    }
  }
}
