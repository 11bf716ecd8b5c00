internal import Foundation
public import GSLNumerics
public import LinearAlgebra
public import Renorm

/// A network of L hidden ReLU layers with dependent weights, on given inputs, and its limit as the widths grow.
///
///     Z1 = W1 x + B1,   Z(l+1)_k = sum_j sqrt(lambda_j) V_jk relu(Zl_j) + B_k,
///
/// W1 ~ N(0, sv^2/din), V ~ N(0, sv^2), B ~ N(0, sb^2); one lambda for each node, of a law. Given K the outputs
/// are independent Gaussians of covariance K, and so are the nodes of every layer; hence K can be drawn without
/// weights, in O(p m^2) for m inputs (Lee et al. 2023).
public struct MixtureNetwork: Sendable {
  /// What the nodes of a layer are.
  public enum Nodes: Equatable, Sendable {
    /// p nodes of a finite network.
    case finite(width: Int)
    /// Atoms of arrivals up to T, and a constant for the others.
    case limit(truncation: Double)
  }

  public let law: any NodeLaw
  public let layers: Int
  /// sv and sb.
  public let weightScale: Double
  public let biasScale: Double
  /// K of the first layer: sb^2 + sv^2 x.x'/din, or with scales of its own.
  public let firstKernel: Matrix
  private let activation: ReLU

  /// - Parameters:
  ///   - inputs: din x m, one column for each input.
  ///   - firstWeightScale, firstBiasScale: scales of the first layer, where they are not sv and sb.
  /// - Throws: `RenormError.invalidParameter`.
  public init(
    _ law: any NodeLaw, inputs: Matrix, layers: Int = 1, weightScale: Double = 1, biasScale: Double = 0,
    firstWeightScale: Double? = nil, firstBiasScale: Double? = nil
  ) throws(RenormError) {
    guard (1...1000).contains(layers) else {
      throw .invalidParameter(name: "layers", value: "\(layers)", accepted: "a number from 1 to 1000")
    }
    try Self.checkScales([("sv", weightScale), ("input-sv", firstWeightScale ?? 1)], allowZero: false)
    try Self.checkScales([("sb", biasScale), ("input-sb", firstBiasScale ?? 0)], allowZero: true)
    guard inputs.columns > 0, inputs.rows > 0 else { throw .unusableData("there are no inputs") }
    guard inputs.columns <= 8192 else {
      throw .unsupported(
        what: "\(inputs.columns) inputs at once", instead: "take at most 8192: kernels are dense matrices")
    }
    self.law = law
    self.layers = layers
    self.weightScale = weightScale
    self.biasScale = biasScale
    activation = ReLU()
    let (scale, bias) = (firstWeightScale ?? weightScale, firstBiasScale ?? biasScale)
    let gram = inputs.asTranspose * inputs
    firstKernel = Matrix(rows: inputs.columns, columns: inputs.columns) { i, j in
      bias * bias + scale * scale * gram[max(i, j), min(i, j)] / Double(inputs.rows)
    }
  }

  private static func checkScales(_ scales: [(String, Double)], allowZero: Bool) throws(RenormError) {
    for (name, value) in scales where !(value > 0 || (allowZero && value == 0)) || !(value <= 1e50) {
      throw .invalidParameter(
        name: name, value: "\(value)", accepted: allowZero ? "a number of at least 0" : "a positive number")
    }
  }

  /// Number of inputs m.
  public var count: Int { firstKernel.columns }

  /// K of the outputs, drawn.
  public func kernel(_ nodes: Nodes, _ random: RandomGenerator) -> Matrix {
    (0..<layers).reduce(firstKernel) { kernel, _ in step(kernel, nodes, random) }
  }

  /// One layer: K <- sb^2 + sv^2 (a E relu relu + sum_j lambda_j relu(z_j) relu(z_j)^T), z_j ~ N(0, K).
  public func step(_ kernel: Matrix, _ nodes: Nodes, _ random: RandomGenerator) -> Matrix {
    let (constant, weights) = draw(nodes, random)
    var features = GaussianColumns(kernel).draw(weights.count, random)
    let count = self.count
    features.withUnsafeMutableElements { z in
      for j in 0..<weights.count {
        let root = weights[j].squareRoot()
        for i in 0..<count { z[i + j * count] = root * max(0, z[i + j * count]) }
      }
    }
    let (sv2, sb2) = (weightScale * weightScale, biasScale * biasScale)
    let sum = features * features.asTranspose
    let mean = constant == 0 ? nil : expectation(kernel)
    return Matrix(rows: count, columns: count) { i, j in
      let (i, j) = (max(i, j), min(i, j))
      return sb2 + sv2 * ((mean.map { constant * $0[i, j] } ?? 0) + sum[i, j])
    }
  }

  /// The constant a and the variances of single nodes.
  func draw(_ nodes: Nodes, _ random: RandomGenerator) -> (constant: Double, weights: [Double]) {
    switch nodes {
    case .finite(let width): (0, (0..<width).map { _ in law.sampleFinite(width: width, random) })
    case .limit(let truncation):
      (
        law.locationA + law.residualMass(truncation: truncation),
        law.sampleAtoms(truncation: truncation, random)
      )
    }
  }

  /// E relu(z) relu(z)^T for z ~ N(0, K).
  func expectation(_ kernel: Matrix) -> Matrix {
    Matrix(rows: kernel.rows, columns: kernel.columns) { i, j in
      let (i, j) = (max(i, j), min(i, j))
      return activation.secondMoment(kernel[i, i], kernel[i, j], kernel[j, j])
    }
  }

  /// `draws` kernels, each with one output drawn from it. Kernels are kept as their diagonals.
  ///
  /// - Returns: outputs and diagonals of K, m of each for every draw.
  public func outputs(
    _ nodes: Nodes, draws: Int, seed: UInt32, threads: Int? = nil
  ) throws(RenormError) -> [(output: [Double], diagonal: [Double])] {
    var width = 1
    if case .finite(let finite) = nodes { width = finite }
    try LevyTriplet.checkSampling(width: width, draws: draws)
    guard draws * count <= 1 << 27, width * count <= 1 << 28 else {
      throw .unsupported(
        what: "\(draws) draws of \(width) nodes on \(count) inputs",
        instead: "take fewer, they do not fit into memory")
    }
    return SeededDraws.map(draws, seed: seed, threads: threads, block: 16) { random in
      let kernel = self.kernel(nodes, random)
      return (GaussianColumns(kernel).draw(1, random).elements, kernel.diagonal)
    }
  }
}

/// Gaussian vectors of a covariance that may have any rank.
struct GaussianColumns {
  private let root: Matrix?
  private let count: Int

  /// A Cholesky factor with a jitter of 1e-10 of the mean diagonal, or the spectral root where that does not
  /// do.
  init(_ covariance: Matrix) {
    count = covariance.rows
    let trace = covariance.trace
    // Few atoms may all be inactive: then there is nothing.
    guard trace > 0, trace.isFinite else {
      root = trace == 0 ? nil : Matrix(rows: count, columns: count, repeating: .nan)
      return
    }
    if count == 1 {
      root = Matrix(rows: 1, columns: 1, elements: [trace.squareRoot()])
      return
    }
    var jittered = covariance
    for i in 0..<count { jittered[i, i] += 1e-10 * trace / Double(count) }
    if let factor = try? Cholesky(jittered) {
      root = factor.lowerTriangle
    } else if let spectrum = try? SymmetricEigen(covariance) {
      root = spectrum.map { max($0, 0).squareRoot() }
    } else {
      root = Matrix(rows: count, columns: count, repeating: .nan)
    }
  }

  /// So many vectors, one in each column.
  func draw(_ columns: Int, _ random: RandomGenerator) -> Matrix {
    var normal = [Double](repeating: 0, count: count * columns)
    guard let root else { return Matrix(rows: count, columns: columns) }
    random.fillGaussian(&normal)
    return root * Matrix(rows: count, columns: columns, elements: normal)
  }
}
