internal import Foundation
internal import LinearAlgebra
public import RenormAction

/// Labels are classes: the posterior of the weights is proportional to exp( -(1/T) sum_mu CE(y_mu, f(x_mu)) )
/// times the prior, CE(y, f) = log sum_c exp(f_c) - f_y (docs/classification.md).
///
/// T = 1 is the calibrated model. Another T multiplies the summed cross-entropy and does not rescale the
/// logits: predictions are averages of softmax(f(x)). Two classes have one output f with logits -f/2 and f/2,
/// so that the second class has the probability sigma(f) = 1/(1 + exp(-f)).
public struct SoftmaxLikelihood: Likelihood {
  public let approximation: LikelihoodApproximation

  /// The likelihood, with an approximation of its integral.
  public init(approximation: LikelihoodApproximation = .laplace) { self.approximation = approximation }

  public var name: String { "softmax" }
  public var parameters: ParameterValues { [.approximation: .name(approximation.rawValue)] }

  /// Below, the latents' curvatures leave double precision.
  private static let lowestTemperature = 1e-8

  public func latent(temperature: Double, outputs: Int) -> (any LatentLikelihood)? {
    outputs == 1
      ? LogisticLatent(inverseTemperature: 1 / temperature)
      : SoftmaxLatent(inverseTemperature: 1 / temperature, classes: outputs)
  }

  public func check(_ network: Network) throws(RenormError) {
    guard network.temperature >= Self.lowestTemperature else {
      throw .invalidParameter(
        name: "temperature", value: "\(network.temperature)",
        accepted: "at least \(Self.lowestTemperature) for the likelihood '\(name)', which has no limit T -> 0: "
          + "margins grow like log(1/T)")
    }
  }

  public func check(_ data: Dataset) throws(RenormError) {
    guard data.classes != nil else {
      throw .unusableData(
        "the targets are real numbers, but the labels of the likelihood '\(name)' are classes; name the classes, "
          + "or take the likelihood 'gaussian'")
    }
    guard data.outputs == 1 || approximation != .ep else {
      throw .unsupported(
        what: "the approximation 'ep' for \(data.outputs) classes", instead: "take 'laplace', or two classes")
    }
  }

  public func warnings(temperature: Double, _ data: Dataset, trainingAccuracy: Double?) -> [String] {
    guard let classes = data.classes else { return [] }
    var warnings: [String] = []
    let missing = classes.indices.filter { !data.classIndices.contains($0) }
    if missing.count == classes.count - 1, let only = classes.indices.first(where: { !missing.contains($0) }) {
      warnings.append("all training examples are of class \(classes[only]): the fit knows no other")
    } else if !missing.isEmpty {
      warnings.append(
        "no training example is of class \(missing.map { "\(classes[$0])" }.joined(separator: ", ")): its "
          + "probability is what the others leave")
    }
    if temperature <= Self.separatingTemperature, trainingAccuracy == 1 {
      warnings.append(
        "the kernel separates the labels: as T falls the order parameter and the margins grow like log(1/T) "
          + "without a limit; choose T by held-out -log p")
    }
    return warnings
  }

  /// A temperature from which on separated labels decide the order parameter: the first of the checks where its
  /// growth is within a few percent of the limit's.
  private static let separatingTemperature = 1e-3
}

/// log p(y | f) = -beta log(1 + exp(-y f)), y = -1 or +1: the logistic likelihood of two classes, of one
/// latent.
struct LogisticLatent: LatentLikelihood {
  /// beta = 1/T.
  let inverseTemperature: Double

  var latents: Int { 1 }
  var path: [any LatentLikelihood] { steps(inverseTemperature).map(LogisticLatent.init) }

  func derivatives(at g: [Double], label: [Double]) -> LatentDerivatives {
    let sign: Double = label[0] > 0 ? 1 : -1
    let z = sign * g[0]
    let (wrong, right) = (logistic(-z), logistic(z))
    return LatentDerivatives(
      value: inverseTemperature * logLogistic(z), gradient: [inverseTemperature * sign * wrong],
      curvature: [inverseTemperature * wrong * right])
  }

  /// -(1/2) V beta pi (1 - pi)(1 - 2 pi), pi = sigma(f).
  func force(at g: [Double], label: [Double], variance: Matrix) -> [Double] {
    let (p, q) = (logistic(g[0]), logistic(-g[0]))
    return [-variance[0, 0] * inverseTemperature * p * q * (q - p) / 2]
  }

  func logProbabilities(at g: [Double]) -> [Double] { [logLogistic(-g[0]), logLogistic(g[0])] }
}

/// log p(y | g) = beta (F_y - log sum_k exp(F_k)), F = H g: the softmax likelihood of D classes over the D - 1
/// contrasts of its outputs. The mean over outputs is not seen by labels.
struct SoftmaxLatent: LatentLikelihood {
  /// beta = 1/T.
  let inverseTemperature: Double
  /// H, D x (D - 1).
  private let helmert: Matrix

  init(inverseTemperature: Double, classes: Int) {
    self.inverseTemperature = inverseTemperature
    helmert = .helmert(classes)
  }

  private init(_ other: SoftmaxLatent, inverseTemperature: Double) {
    self.inverseTemperature = inverseTemperature
    helmert = other.helmert
  }

  var latents: Int { helmert.columns }
  var contrasts: Matrix? { helmert }
  var path: [any LatentLikelihood] {
    steps(inverseTemperature).map { SoftmaxLatent(self, inverseTemperature: $0) }
  }

  /// Sums of positive terms: with l = beta sum_k pi_k (H_y - H_k) and W = beta sum_(j<k) pi_j pi_k (H_j -
  /// H_k)(H_j - H_k)^T no digits are lost where pi_y is near 1.
  func derivatives(at g: [Double], label: [Double]) -> LatentDerivatives {
    let (m, d) = (latents, helmert.rows)
    let own = classIndex(label)
    let logits = helmert * g
    let pi = softmax(logits)
    var gradient = [Double](repeating: 0, count: m)
    var curvature = [Double](repeating: 0, count: m * m)
    for k in 0..<d {
      for c in 0..<m { gradient[c] += inverseTemperature * pi[k] * (helmert[own, c] - helmert[k, c]) }
      for j in 0..<k {
        let weight = inverseTemperature * pi[j] * pi[k]
        for c in 0..<m {
          let row = weight * (helmert[j, c] - helmert[k, c])
          for e in 0..<m { curvature[c + e * m] += row * (helmert[j, e] - helmert[k, e]) }
        }
      }
    }
    return LatentDerivatives(
      value: inverseTemperature * logSoftmax(logits)[own], gradient: gradient, curvature: curvature)
  }

  /// -(beta/2) sum_(j<k) pi_j pi_k (z_j - z_k)(H_j - H_k), z = diag U - 2 U pi, U = H V H^T.
  func force(at g: [Double], label: [Double], variance: Matrix) -> [Double] {
    let (m, d) = (latents, helmert.rows)
    let pi = softmax(helmert * g)
    let u = helmert * variance * helmert.asTranspose
    let z = zip(u.diagonal, u * pi).map { $0 - 2 * $1 }
    var result = [Double](repeating: 0, count: m)
    for k in 0..<d {
      for j in 0..<k {
        let weight = -inverseTemperature / 2 * pi[j] * pi[k] * (z[j] - z[k])
        for c in 0..<m { result[c] += weight * (helmert[j, c] - helmert[k, c]) }
      }
    }
    return result
  }

  func logProbabilities(at g: [Double]) -> [Double] { logSoftmax(helmert * g) }
}

/// The inverse temperatures that a search without a start passes on its way to one above 1000, where Newton's
/// step from zero is a long one.
private func steps(_ inverseTemperature: Double) -> [Double] {
  var (steps, step) = ([Double](), 1e3)
  while step < inverseTemperature {
    steps.append(step)
    step *= 10
  }
  return steps
}

/// 1/(1 + exp(-x)).
private func logistic(_ x: Double) -> Double { x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)) }

/// log(1/(1 + exp(-x))).
private func logLogistic(_ x: Double) -> Double { x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x)) }

/// exp(F_k)/sum_j exp(F_j).
private func softmax(_ logits: [Double]) -> [Double] {
  let largest = logits.max() ?? 0
  let weights = logits.map { exp($0 - largest) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

/// F_k - log sum_j exp(F_j); where F_k is the largest the sum of the others is -log p, to its last digit.
private func logSoftmax(_ logits: [Double]) -> [Double] {
  let top = logits.indices.max { logits[$0] < logits[$1] } ?? 0
  let others = logits.indices.reduce(0.0) { $1 == top ? $0 : $0 + exp(logits[$1] - logits[top]) }
  return logits.map { $0 - logits[top] - log1p(others) }
}

extension Matrix {
  /// Orthonormal columns orthogonal to (1, .., 1), D x (D - 1): column c compares output c + 1 with the mean of
  /// those before it.
  static func helmert(_ order: Int) -> Matrix {
    Matrix(rows: order, columns: order - 1) { row, column in
      let k = Double(column + 1)
      let size = 1 / (k * (k + 1)).squareRoot()
      return row <= column ? -size : row == column + 1 ? k * size : 0
    }
  }
}
