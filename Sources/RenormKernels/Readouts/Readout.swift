public import LinearAlgebra

/// The prior of the readout over positions, v_a. ~ N(0, S/lambda1) with an n x n covariance S (docs/theory.md,
/// section 6).
///
/// It decides what of the order between positions survives at infinite width, where the kernel is 1/(lambda1 n)
/// sum_ij S_ij K_ij: with independent weights only patches at equal positions are compared; the more weights
/// are correlated, the more patches at different ones. At finite width the order parameter is Q = B Q' B^T with
/// S = B B^T.
///
/// A. Garriga-Alonso and M. van der Wilk, "Correlated weights in infinite limits of deep convolutional
/// neural networks", UAI 2021.
public protocol Readout: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The values of its parameters, from which `Readouts.builtIn` makes it again; none by default.
  var parameters: ParameterValues { get }
  /// The covariance S over the positions of a grid, n x n, symmetric positive semidefinite and not 0; nil means
  /// the identity.
  func covariance(on grid: PatchGrid) -> Matrix?
  /// B, n x r of rank r, with S = B B^T, where the prior knows one of its own; nil, the default, takes that of
  /// the spectrum of S.
  func factor(on grid: PatchGrid) -> Matrix?
}

extension Readout {
  public var parameters: ParameterValues { [:] }
  public func factor(on grid: PatchGrid) -> Matrix? { nil }
}
