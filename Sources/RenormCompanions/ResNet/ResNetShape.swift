public import Renorm

/// A randomly initialised residual ReLU network (Li, Nica and Roy, arXiv 2106.04013),
///
///     z_0 = W_0 x / sqrt(nin),   z_(l+1) = alpha_l z_l + lambda_l sqrt(2/n) W_(l+1) relu(z_l),   l = 0..d-1,
///     zout = Wout z_d / sqrt(n),
///
/// all weights N(0, 1) and no biases. alpha = 0, lambda = 1 is a plain multilayer perceptron.
public struct ResNetShape: Equatable, Sendable {
  /// What stands inside of relu.
  public enum Gating: String, CaseIterable, Sendable, Codable {
    /// z_l itself.
    case vanilla
    /// s_l o z_l with uniform signs s_l, fresh for every layer.
    case balanced
    /// s o z_l with one sign vector for all layers: the same law as `vanilla`, by the substitution z -> s o z.
    case sharedSigns = "shared-signs"
  }

  /// The width n, at least 2.
  public let width: Int
  /// alpha_l of every layer; their count is the depth d.
  public let alphas: [Double]
  /// lambda_l of every layer.
  public let lambdas: [Double]
  /// What stands inside of relu.
  public let gating: Gating

  /// The number of residual layers d.
  public var depth: Int { alphas.count }

  /// A network with coefficients for every layer.
  ///
  /// - Throws: `RenormError.invalidParameter` for a width below 2, for numbers that are not finite, and where
  ///   alpha = lambda = 0 in a layer, which nothing passes.
  public init(
    width: Int, alphas: [Double], lambdas: [Double], gating: Gating = .vanilla
  ) throws(RenormError) {
    guard width >= 2 else {
      throw .invalidParameter(name: "n", value: "\(width)", accepted: "a width of at least 2")
    }
    guard alphas.count == lambdas.count else {
      throw .invalidParameter(
        name: "lambda", value: "a list of \(lambdas.count)", accepted: "as many as alpha has, \(alphas.count)")
    }
    for (layer, (alpha, lambda)) in zip(alphas, lambdas).enumerated() {
      // Squares must be finite and not vanish both.
      for (name, value) in [("alpha", alpha), ("lambda", lambda)] where !(abs(value) <= 1e100) {
        throw .invalidParameter(
          name: "\(name) of layer \(layer)", value: "\(value)", accepted: "a finite number of size up to 1e100")
      }
      guard max(abs(alpha), abs(lambda)) >= 1e-100 else {
        throw .invalidParameter(
          name: "alpha and lambda of layer \(layer)", value: "\(alpha) and \(lambda)",
          accepted: "two numbers that do not both vanish: nothing would pass the layer")
      }
    }
    self.width = width
    self.alphas = alphas
    self.lambdas = lambdas
    self.gating = gating
  }

  /// A network of `depth` layers; each list has one number for every layer, or one for all.
  ///
  /// - Throws: `RenormError.invalidParameter`, as the other initialiser, and for lists of other lengths.
  public init(
    width: Int, depth: Int, alphas: [Double], lambdas: [Double], gating: Gating = .vanilla
  ) throws(RenormError) {
    guard depth >= 0 else {
      throw .invalidParameter(name: "d", value: "\(depth)", accepted: "a depth of at least 0")
    }
    try self.init(
      width: width, alphas: Self.expanded(alphas, "alpha", depth),
      lambdas: Self.expanded(lambdas, "lambda", depth), gating: gating)
  }

  private static func expanded(_ list: [Double], _ name: String, _ depth: Int) throws(RenormError) -> [Double] {
    if list.count == 1 { return [Double](repeating: list[0], count: depth) }
    guard list.count == depth else {
      throw .invalidParameter(
        name: name, value: "a list of \(list.count)",
        accepted: "one number, or one for each of the \(depth) layers")
    }
    return list
  }

  /// alpha_l^2 + lambda_l^2: the factor by which layer l multiplies the mean squared norm.
  var gains: [Double] { zip(alphas, lambdas).map { $0 * $0 + $1 * $1 } }
}
