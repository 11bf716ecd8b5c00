internal import Foundation
internal import GSLNumerics
public import Renorm

/// Exact draws of a ResNet of finite width and depth on one input.
///
/// Every row of weights is used once, so W relu(z) is |relu(z)| times a Gaussian vector: O(n d) for a draw
/// instead of O(n^2 d), with the same law. The norm is divided out after every layer and its logarithm added
/// up, so that nothing overflows.
public struct ResNetSimulator: Sendable {
  /// The network.
  public let shape: ResNetShape
  /// Number of outputs.
  public let outputs: Int
  /// log(|x|^2/nin).
  public let logInput: Double

  /// Draws for an input of `inputs` numbers and norm |x|, by default sqrt(nin).
  ///
  /// - Throws: `RenormError.invalidParameter`, as `ResNetOutput`.
  public init(
    _ shape: ResNetShape, inputs: Int = 1, outputs: Int = 1, inputNorm: Double? = nil
  ) throws(RenormError) {
    let output = try ResNetOutput(ResNetLaw(shape), inputs: inputs, outputs: outputs, inputNorm: inputNorm)
    self.shape = shape
    self.outputs = outputs
    logInput = output.logScale - ResNetLaw(shape).logScale
  }

  /// Numbers that all draws may hold together.
  private static let largestRecord = 1 << 27

  /// Checks a number of draws before anything is allocated for them.
  ///
  /// - Throws: `RenormError.invalidParameter` for fewer than two draws, or more than fit into memory.
  package func check(draws: Int, recordsLayers: Bool = false) throws(RenormError) {
    let largest = Self.largestRecord / (recordsLayers ? 8 + 2 * shape.depth : 8)
    guard draws >= 2, draws <= largest else {
      throw .invalidParameter(name: "draws", value: "\(draws)", accepted: "a number from 2 to \(largest)")
    }
    guard shape.width <= 1 << 24 else {
      throw .invalidParameter(
        name: "n", value: "\(shape.width)", accepted: "a width of at most \(1 << 24) to simulate")
    }
  }

  /// One drawn network.
  public struct Draw: Equatable, Sendable {
    /// log(|z_d|^2/|z_0|^2); minus infinity where a layer passed nothing.
    public let logRatio: Double
    /// log |zout|^2.
    public let logNorm: Double
    /// The mean over layers of the fraction of units that relu passes.
    public let activeFraction: Double
    /// h_m of every layer; empty unless layers are recorded.
    public let activations: [Double]
    /// The fraction of active units of every layer; empty unless layers are recorded.
    public let fractions: [Double]
  }

  /// `count` independent networks.
  ///
  /// - Parameter recordsLayers: whether every draw keeps the numbers of its layers.
  public func draws(_ count: Int, seed: UInt32, threads: Int? = nil, recordsLayers: Bool = false) -> [Draw] {
    SeededDraws.map(count, seed: seed, threads: threads, prepare: { Workspace(shape.width) }) { space, random in
      draw(&space, random, recordsLayers)
    }
  }

  private struct Workspace {
    var state: [Double]
    var noise: [Double]
    var signs: [Double]

    init(_ width: Int) {
      state = [Double](repeating: 0, count: width)
      noise = state
      signs = [Double](repeating: 1, count: width)
    }

    mutating func drawSigns(_ random: RandomGenerator) {
      var bits: UInt32 = 0
      for k in signs.indices {
        if k.isMultiple(of: 32) { bits = random.bits() }
        signs[k] = bits & 1 == 0 ? 1 : -1
        bits >>= 1
      }
    }

    /// Squared norm, squared norm of what passes relu, and the number of units that pass.
    func norms() -> (all: Double, passed: Double, count: Int) {
      state.withUnsafeBufferPointer { z in
        signs.withUnsafeBufferPointer { s in
          var (all, signed, count) = (0.0, 0.0, 0)
          for k in 0..<z.count {
            let gated = s[k] * z[k]
            all += z[k] * z[k]
            signed += gated * abs(gated)
            count += gated > 0 ? 1 : 0
          }
          return (all, max(0, (all + signed) / 2), count)
        }
      }
    }

    /// z <- a z + c g.
    mutating func update(_ a: Double, _ c: Double, _ random: RandomGenerator) {
      random.fillGaussian(&noise)
      noise.withUnsafeBufferPointer { g in
        state.withUnsafeMutableBufferPointer { z in
          for k in 0..<z.count { z[k] = a * z[k] + c * g[k] }
        }
      }
    }
  }

  private func draw(_ space: inout Workspace, _ random: RandomGenerator, _ records: Bool) -> Draw {
    let width = Double(shape.width)
    random.fillGaussian(&space.state)
    var (logRatio, fraction) = (0.0, 0.0)
    var (activations, fractions): ([Double], [Double]) = ([], [])
    if shape.gating == .sharedSigns { space.drawSigns(random) }
    if shape.gating == .vanilla { for k in space.signs.indices { space.signs[k] = 1 } }
    var (all, passed, count) = (0.0, 0.0, 0)
    var first = 0.0
    for layer in 0..<shape.depth {
      if shape.gating == .balanced { space.drawSigns(random) }
      (all, passed, count) = space.norms()
      if layer == 0 { first = all } else { logRatio += log(all) }
      // One active unit passes the norm of it; none passes nothing, which rounding must not hide.
      if count == 0 { passed = 0 }
      fraction += Double(count) / width
      if records {
        activations.append(2 * passed / all)
        fractions.append(Double(count) / width)
      }
      let scale = 1 / all.squareRoot()
      space.update(
        shape.alphas[layer] * scale, shape.lambdas[layer] * (2 * passed / width).squareRoot() * scale, random)
      guard shape.alphas[layer] != 0 || passed > 0 else {
        return Draw(
          logRatio: -.infinity, logNorm: -.infinity, activeFraction: fraction / Double(shape.depth),
          activations: activations, fractions: fractions)
      }
    }
    let last = space.norms().all
    if shape.depth == 0 { first = last } else { logRatio += log(last) }
    let logNorm =
      logInput + log(first) + logRatio + log(random.chiSquared(Double(outputs)) / width)
    return Draw(
      logRatio: logRatio, logNorm: logNorm,
      activeFraction: shape.depth == 0 ? .nan : fraction / Double(shape.depth),
      activations: activations, fractions: fractions)
  }
}
