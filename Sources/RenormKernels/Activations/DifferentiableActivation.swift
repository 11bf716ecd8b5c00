/// An activation whose derivative is known, so that finite networks with it can be sampled: Hamiltonian Monte
/// Carlo needs the gradient of log p by the hidden weights, in which s'(h_ai(x)) multiplies the patch x_i.
///
/// A conforming type adds s'(h) to `Activation`; law: it is the derivative of s wherever s has one.
public protocol DifferentiableActivation: Activation {
  /// s'(h).
  func derivative(_ h: Double) -> Double

  /// Replaces every pre-activation by s(h) and writes s'(h) to `derivatives`, of equal count.
  ///
  /// The default evaluates every element on its own; override it for speed only.
  func replaceByValues(
    _ preactivations: UnsafeMutableBufferPointer<Double>, derivatives: UnsafeMutableBufferPointer<Double>)
}

extension DifferentiableActivation {
  public func replaceByValues(
    _ preactivations: UnsafeMutableBufferPointer<Double>, derivatives: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(preactivations.count == derivatives.count)
    for index in preactivations.indices {
      let h = preactivations[index]
      preactivations[index] = self(h)
      derivatives[index] = derivative(h)
    }
  }
}
