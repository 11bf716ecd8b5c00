internal import GSLNumerics

/// The law of log w for w = q_1 .. q_L, q_l independent and Gamma(N_l/2, rate N_l/2) (docs/depth.md), at points
/// of a lattice x_k = k h.
///
/// A density of log q is exp(a x - b e^x), and a convolution of them by the trapezoidal rule converges
/// exponentially in 1/h. They are tilted by the common factor e^(s x), s = N_l (q_l - 1)/2 at the leading
/// order, which is the same for all layers of a linear network: the tilted densities stand where the posterior
/// does, so that nothing underflows there.
struct GammaProduct {
  /// h.
  let step: Double
  /// The lattice's first k.
  let first: Int
  /// log of the density of log w, less a constant that underflow does not reach.
  let logDensity: [Double]
  /// E[q_l | w] of every layer.
  let factors: [[Double]]
  /// E[q_l .. q_L | w].
  let paths: [[Double]]

  /// log w.
  func coordinate(_ k: Int) -> Double { Double(first + k) * step }

  /// - Parameters:
  ///   - widths: N_l; nil for a layer of infinite width, which has q = 1.
  ///   - tilt: s.
  init(widths: [Double?], tilt: Double) {
    let layers = widths.map { width in width.map { Layer(shape: $0 / 2 + tilt, rate: $0 / 2) } }
    let deviation = layers.compactMap { $0.map { 1 / ($0.shape + 1).squareRoot() } }.min() ?? 1
    let step = 0.25 * min(1, deviation)
    self.step = step
    func density(_ raised: Set<Int>) -> Sampled {
      layers.enumerated().reduce(Sampled(first: 0, values: [1])) { product, part in
        guard let layer = part.element else { return product }
        return product.convolved(with: layer.sampled(step, isRaised: raised.contains(part.offset)), step)
      }
    }
    let plain = density([])
    var log = plain.values.map { logarithm($0) }
    for k in log.indices { log[k] -= tilt * Double(plain.first + k) * step }
    for case let width? in widths {
      let half = width / 2
      let constant =
        SpecialFunctions.logGamma(half + tilt) - SpecialFunctions.logGamma(half)
        - tilt * logarithm(half)
      for k in log.indices { log[k] += constant }
    }
    (first, logDensity) = (plain.first, log)
    func average(_ raised: Set<Int>) -> [Double] {
      let raisedLayers = raised.filter { layers[$0] != nil }
      if raisedLayers.isEmpty { return [Double](repeating: 1, count: plain.values.count) }
      let moved = density(raisedLayers)
      // E q for each under the tilted law times the density with these raised.
      let scale = raisedLayers.reduce(1.0) { product, l in
        layers[l].map { product * $0.shape / $0.rate } ?? product
      }
      return plain.values.indices.map { k in
        let place = plain.first + k - moved.first
        return moved.values.indices.contains(place) ? scale * moved.values[place] / plain.values[k] : 0
      }
    }
    factors = layers.indices.map { average([$0]) }
    paths = layers.indices.map { average(Set($0..<layers.count)) }
  }

  /// The law exp(a x - b e^x) b^a / Gamma(a) of log q.
  private struct Layer {
    let shape: Double
    let rate: Double

    /// Its values where they are within e^-46 of the largest; of the law times q over its mean where raised.
    func sampled(_ step: Double, isRaised: Bool) -> Sampled {
      let a = isRaised ? shape + 1 : shape
      let constant = a * logarithm(rate) - SpecialFunctions.logGamma(a)
      let value = { (k: Int) in
        let x = Double(k) * step
        return constant + a * x - rate * exponential(x)
      }
      let mode = Int((logarithm(a / rate) / step).rounded())
      let least = value(mode) - 46
      var (low, high) = (mode, mode)
      while value(low) > least { low -= 1 }
      while value(high) > least { high += 1 }
      return Sampled(first: low, values: (low...high).map { exponential(value($0)) })
    }
  }

  private struct Sampled {
    let first: Int
    let values: [Double]

    func convolved(with other: Sampled, _ step: Double) -> Sampled {
      // The unit of a convolution has no step.
      if values.count == 1, first == 0, values[0] == 1 { return other }
      var result = [Double](repeating: 0, count: values.count + other.values.count - 1)
      for (i, value) in values.enumerated() {
        for (j, factor) in other.values.enumerated() { result[i + j] += step * value * factor }
      }
      return Sampled(first: first + other.first, values: result)
    }
  }
}
