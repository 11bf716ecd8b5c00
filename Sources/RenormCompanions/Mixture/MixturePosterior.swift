internal import Foundation
internal import GSLNumerics
public import LinearAlgebra
public import Renorm

/// The posterior of a mixture of Gaussian processes: one hidden layer, Gaussian noise of deviation s,
///
///     K(x, x') = sb^2 + sv^2 (a E relu relu + sum_i w_i relu(z_i(x)) relu(z_i(x'))),
///     z_i(x) = c b_i.x/sqrt(din) + d b_i0,
///
/// with atoms w_i of the law of the nodes and b_i ~ N(0, I); p(Y|K) is Gaussian of covariance K + s^2 for every
/// output. Atoms of arrivals above T enter as a constant. Everything is whitened, so that the prior is N(0, I),
/// and drawn by elliptical slice sampling (I. Murray, R. Adams and D. MacKay, AISTATS 2010), which has nothing
/// to tune.
public struct MixturePosterior: Sendable {
  public let law: any NodeLaw
  /// din x n and n x D.
  public let inputs: Matrix
  public let targets: Matrix
  /// The deviation s of the noise.
  public let noise: Double
  /// sv and sb of the output, c and d of the hidden layer.
  public let weightScale: Double
  public let biasScale: Double
  public let firstWeightScale: Double
  public let firstBiasScale: Double
  /// Number of atoms that are sampled; arrivals end at the truncation T, which so many atoms reach with
  /// probability 0.9999 (27 for 50, 2.3 for 10). Atoms beyond enter by their mean, `residualShare`.
  public let atoms: Int
  public let truncation: Double

  /// - Throws: `RenormError.invalidParameter`, and `.unusableData` for targets that are not finite.
  public init(
    _ law: any NodeLaw, inputs: Matrix, targets: Matrix, noise: Double, weightScale: Double = 1,
    biasScale: Double = 0, firstWeightScale: Double = 1, firstBiasScale: Double = 1, atoms: Int = 50
  ) throws(RenormError) {
    precondition(inputs.columns == targets.rows, "\(targets.rows) targets for \(inputs.columns) inputs")
    guard noise > 0, noise.isFinite, noise * noise > 0 else {
      throw .invalidParameter(name: "noise", value: "\(noise)", accepted: "a positive standard deviation")
    }
    guard (1...10_000).contains(atoms) else {
      throw .invalidParameter(name: "atoms", value: "\(atoms)", accepted: "a number from 1 to 10000")
    }
    guard inputs.columns > 0 else { throw .unusableData("there are no training examples") }
    guard inputs.elements.allSatisfy(\.isFinite), targets.elements.allSatisfy(\.isFinite) else {
      throw .unusableData("inputs or targets are not finite")
    }
    _ = try MixtureNetwork(
      law, inputs: inputs, weightScale: weightScale, biasScale: biasScale, firstWeightScale: firstWeightScale,
      firstBiasScale: firstBiasScale)
    self.law = law
    self.inputs = inputs
    self.targets = targets
    self.noise = noise
    self.weightScale = weightScale
    self.biasScale = biasScale
    self.firstWeightScale = firstWeightScale
    self.firstBiasScale = firstBiasScale
    self.atoms = law.isGaussian ? 0 : atoms
    truncation = law.isGaussian ? 0 : SpecialFunctions.inverseRegularisedLowerGamma(Double(atoms), 1e-4)
  }

  /// The features of an atom are relu(A b): rows (c x/sqrt(din), d), din + 1 columns.
  func design(_ inputs: Matrix) -> Matrix {
    let scale = firstWeightScale / Double(inputs.rows).squareRoot()
    return Matrix(rows: inputs.columns, columns: inputs.rows + 1) { i, j in
      j < inputs.rows ? scale * inputs[j, i] : firstBiasScale
    }
  }

  /// a and the mean weight of the atoms that are left out.
  public var constant: Double {
    law.locationA + (law.isGaussian ? 0 : law.residualMass(truncation: truncation))
  }

  /// The part of the atoms' mean weight that is left out; 0 where there is no such mean.
  public var residualShare: Double {
    let mass = law.isGaussian ? 0 : law.levyMass
    return mass > 0 && mass.isFinite ? law.residualMass(truncation: truncation) / mass : 0
  }

  /// The constant part of K between two sets of inputs, given by their designs.
  func constantKernel(_ a: Matrix, _ b: Matrix) -> Matrix {
    let (sv2, sb2, constant) = (weightScale * weightScale, biasScale * biasScale, constant)
    let activation = ReLU()
    let cross = a * b.asTranspose
    let left = (0..<a.rows).map { i in a.row(i).reduce(0) { $0 + $1 * $1 } }
    let right = (0..<b.rows).map { i in b.row(i).reduce(0) { $0 + $1 * $1 } }
    return Matrix(rows: a.rows, columns: b.rows) { i, j in
      sb2 + (constant == 0 ? 0 : sv2 * constant * activation.secondMoment(left[i], cross[i, j], right[j]))
    }
  }

  /// The weights of atoms from the arrivals' and marks' whitened numbers: Gamma_k - Gamma_(k-1) = -log Phi(u).
  func weights(_ arrivals: [Double], _ marks: [Double]) -> [Double] {
    var arrival = 0.0
    let count = law.markCount
    var uniform = [Double](repeating: 0, count: count)
    return arrivals.indices.map { k in
      arrival -= SpecialFunctions.logNormalCumulative(arrivals[k])
      guard arrival <= truncation else { return 0 }
      for m in 0..<count {
        uniform[m] = min(max(NormalDistribution.cumulative(marks[k * count + m]), 1e-300), 1 - 0x1p-53)
      }
      return law.atom(arrival: arrival, marks: uniform[...])
    }
  }
}

/// The predictive distribution given one kernel.
struct ConditionalPrediction: Sendable {
  /// points x D.
  let mean: Matrix
  /// One for each point, of the function without noise.
  let variance: [Double]
  let logLikelihood: Double

  /// Conditions on targets n x D with noise of variance s2; nil where K + s2 cannot be factored.
  ///
  /// - Parameters: K of the training inputs, n x points, and the diagonal at the points.
  init?(
    _ kernel: consuming Matrix, _ cross: Matrix, _ diagonal: [Double], targets: Matrix, noiseVariance: Double
  ) {
    let count = kernel.rows
    for i in 0..<count { kernel[i, i] += noiseVariance }
    guard let factor = try? Cholesky(kernel) else { return nil }
    let whitened = factor.solveLower(targets)
    let left = factor.solveLower(cross)
    mean = left.asTranspose * whitened
    variance = zip(diagonal, left.columnNormsSquared).map { max($0 - $1, 0) }
    let outputs = Double(targets.columns)
    let quadratic = whitened.columnNormsSquared.reduce(0, +)
    let constant = Double(count) * outputs * log(2 * Double.pi)
    logLikelihood = -0.5 * (outputs * factor.logDeterminant + quadratic + constant)
  }
}
