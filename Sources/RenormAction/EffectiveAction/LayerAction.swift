package import LinearAlgebra

/// The effective action of a deep network as a function of x, the logarithms of its order parameters,
///
///     S(x) = prior(x) + (1/N) [ log det A + y^T A^-1 y ],   A = T + K_R(x),
///
/// per N/2, N the last width that is finite (docs/depth.md). Layers of infinite width keep x = 0.
package struct LayerAction: Sendable {
  package let prior: any LayerPrior
  package let data: any LayerData
  package let temperature: Double
  /// N.
  package let width: Double
  /// The size of an element's rounding relative to the root mean square of the kernel.
  private let elementRounding: Double

  package init(
    prior: any LayerPrior, data: any LayerData, temperature: Double, width: Double, elementRounding: Double
  ) {
    (self.prior, self.data, self.temperature) = (prior, data, temperature)
    (self.width, self.elementRounding) = (width, elementRounding)
  }

  /// The action of the same network with all widths times a factor.
  package func widened(by factor: Double) -> LayerAction {
    LayerAction(
      prior: prior, data: data, temperature: temperature, width: factor * width,
      elementRounding: elementRounding)
  }

  /// The action with its derivatives by x, those of layers of infinite width 0.
  ///
  /// - Throws: `LinearAlgebraError` where A cannot be factored or the action is not finite.
  package func point(_ x: [Double]) throws(LinearAlgebraError) -> LayerActionPoint {
    let data = try data.point(x, temperature: temperature)
    let prior = prior.expansion(x)
    let free = self.prior.isFree
    let scale = 1 / width
    let gradient = x.indices.map { free[$0] ? prior.gradient[$0] + scale * data.gradient[$0] : 0 }
    let value = prior.value + scale * data.value
    guard value.isFinite, gradient.allSatisfy(\.isFinite) else { throw .notFinite(order: x.count) }
    let parameters = ActionParameters(temperature: temperature, width: width, kernelScale: 1)
    let rounding = KernelRounding(
      elements: [elementRounding * data.elementSize], normsSquared: [data.normSquared],
      noiseTraces: [temperature * data.inverseTrace], leastNoise: temperature, parameters)
    let terms = x.indices.reduce(0) { $0 + abs(prior.gradient[$1]) + scale * abs(data.gradient[$1]) }
    return LayerActionPoint(
      x: x, value: value, gradient: gradient,
      hessian: { () throws(LinearAlgebraError) in
        let curvature = try data.hessian()
        return Matrix(rows: x.count, columns: x.count) { i, j in
          guard free[i], free[j] else { return i == j ? 1 : 0 }
          return prior.hessian[i, j] + scale * curvature[i, j]
        }
      },
      // 4 and 16 are margins, as in `ActionPoint`.
      gradientRounding: rounding.gradient + 4 * Double.ulpOfOne * terms,
      valueRounding: 16 * Double.ulpOfOne * (abs(prior.value) + abs(scale * data.value) + terms))
  }
}

/// The action of a deep network at one point.
package struct LayerActionPoint: Sendable {
  package let x: [Double]
  package let value: Double
  /// By x.
  package let gradient: [Double]
  /// The second derivatives by x; the identity for layers of infinite width.
  package let hessian: @Sendable () throws(LinearAlgebraError) -> Matrix
  /// An estimate of what rounding leaves of the gradient's norm.
  package let gradientRounding: Double
  /// What rounding leaves of the value.
  package let valueRounding: Double

  package var gradientNorm: Double { dot(gradient, gradient).squareRoot() }
}
