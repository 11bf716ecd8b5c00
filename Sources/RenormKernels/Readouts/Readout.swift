public import LinearAlgebra

/// The prior of the readout over positions, v_a. ~ N(0, S/lambda1) with an n x n covariance S.
///
/// A. Garriga-Alonso and M. van der Wilk, "Correlated weights in infinite limits of deep convolutional
/// neural networks", UAI 2021.
public protocol Readout: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The values of its parameters, from which `Readouts.builtIn` makes it again; none by default.
  var parameters: ParameterValues { get }
  /// The covariance S over the positions of a grid, n x n; nil means the identity.
  func covariance(on grid: PatchGrid) -> Matrix?
}

extension Readout {
  public var parameters: ParameterValues { [:] }
}
