public import LinearAlgebra

/// A likelihood of labels that is no Gaussian noise: log p(y | g) of one example as a concave function of its m
/// latents g, which are the outputs of the network or contrasts of them. Labels of examples are independent.
///
/// It gives derivatives with respect to the latents; the integral over them under the Gaussian process with
/// the renormalized kernel is the affair of an approximation (`LikelihoodApproximation`,
/// docs/classification.md). Rasmussen and Williams, Gaussian Processes, 2006, chapter 3.
public protocol LatentLikelihood: Sendable {
  /// m, the number of latents of an example.
  var latents: Int { get }
  /// H of the outputs F = H g, D x m with orthonormal columns; nil where latents are the outputs. Directions of
  /// the outputs that no latent sees keep their prior.
  var contrasts: Matrix? { get }
  /// Less steep likelihoods that a search without a start passes on its way; none by default.
  var path: [any LatentLikelihood] { get }

  /// log p(y | g) with its first and second derivatives.
  ///
  /// - Parameters:
  ///   - g: m numbers.
  ///   - label: the example's row of the targets.
  func derivatives(at g: [Double], label: [Double]) -> LatentDerivatives

  /// s = -(1/2) d/dg tr(V W(g)) at fixed V, m numbers: what the width of the posterior pulls at its mode.
  ///
  /// - Parameter variance: V, m x m.
  func force(at g: [Double], label: [Double], variance: Matrix) -> [Double]

  /// log p of every class at g, in the order of classes, as predictions have it; empty where labels are real
  /// numbers.
  func logProbabilities(at g: [Double]) -> [Double]
}

extension LatentLikelihood {
  public var contrasts: Matrix? { nil }
  public var path: [any LatentLikelihood] { [] }
}

/// The logarithm of a likelihood at one example, with derivatives with respect to its m latents.
public struct LatentDerivatives: Sendable {
  /// log p(y | g).
  public let value: Double
  /// d log p/dg, m numbers.
  public let gradient: [Double]
  /// W, minus the second derivatives: m x m by columns, positive semidefinite.
  public let curvature: [Double]

  /// Value and derivatives.
  public init(value: Double, gradient: [Double], curvature: [Double]) {
    (self.value, self.gradient, self.curvature) = (value, gradient, curvature)
  }
}
