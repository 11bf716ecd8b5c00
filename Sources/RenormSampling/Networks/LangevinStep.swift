internal import Foundation
internal import LinearAlgebra
package import Renorm

extension Network {
  /// A step of Langevin dynamics on the weights (`NetworkSampler.langevin`) whose product with the largest
  /// curvature of -log p is at most about 1/4 where weights are as large as under the prior,
  ///
  ///     epsilon = 1 / (4 (lambda0 + lambda1 + |S| P/T (E s^2 + D lambda0 C E s'^2 / lambda1))),
  ///
  /// C the mean variance of the pre-activations h, E over h ~ N(0, C), and |S| the largest row sum of the
  /// readout's covariance, 1 for independent weights; with a bias, lambda_bias is added to the first terms, and
  /// lambda0 C is at most max(lambda0, lambda_bias) C. The first part in brackets is the trace of the
  /// Gauss-Newton curvature of the readout, the second that of the hidden weights.
  ///
  /// - Throws: `RenormError` as `CollapsedDensity.init`.
  package func langevinStepSize(for data: Dataset) throws(RenormError) -> Double {
    guard isGaussian else {
      throw .unsupported(
        what: "a step of Langevin dynamics with the likelihood '\(likelihood.name)'",
        instead: "give a `step-size`, or take the sampler full")
    }
    guard depth == 1 else {
      throw .unsupported(
        what: "a step of Langevin dynamics with depth \(depth)",
        instead: "give a `step-size`, or take the sampler collapsed or full")
    }
    let layer = try HiddenLayer(self, on: data.shape)
    let variance = layer.patches(data.inputs).meanSquare(positions: layer.positions)
    let square = activation.secondMoment(variance, variance, variance)
    let slope = layer.activation.meanSquaredSlope(variance: variance)
    let precision = max(lambda0, lambdaBias ?? 0)
    let hidden = Double(data.outputs) * precision * variance * slope / lambda1
    let likelihood = layer.readoutNorm * Double(data.count) / temperature * (square + hidden)
    return 1 / (4 * (lambda0 + (lambdaBias ?? 0) + lambda1 + likelihood))
  }
}

extension HiddenLayer {
  /// The largest row sum of |S|, which bounds its eigenvalues.
  fileprivate var readoutNorm: Double {
    guard let basis else { return 1 }
    let covariance = basis * basis.asTranspose
    return (0..<covariance.rows).map { covariance.row($0).reduce(0) { $0 + abs($1) } }.max() ?? 1
  }
}

extension LayerPoints {
  /// The mean over points and positions of |patch|^2, the prior variance of a pre-activation.
  fileprivate func meanSquare(positions: Int) -> Double {
    var sum = 0.0
    withPatches(isTransposed: true) { patches in
      for position in 0..<positions { sum += patches(position).squaredNorm }
    }
    return sum / Double(max(count * positions, 1))
  }
}

extension DifferentiableActivation {
  /// E s'(h)^2 for h ~ N(0, variance), by the trapezoidal rule over eight deviations to both sides in steps of
  /// 1/20 of one: exact to rounding for smooth s', low by 2 percent for relu, which the step size does not need
  /// better.
  fileprivate func meanSquaredSlope(variance: Double) -> Double {
    let (step, deviation) = (0.05, variance.squareRoot())
    return (-160...160).reduce(0.0) { sum, k in
      let z = Double(k) * step
      let slope = derivative(deviation * z)
      return sum + step * exp(-z * z / 2) * slope * slope
    } / (2 * .pi).squareRoot()
  }
}
